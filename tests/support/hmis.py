"""An HMIS CSV export read on its own, with polars alone: what the pipeline's figures are reconciled with.

Also lands the export as an area would. Nothing of `orchestration` is used to read it, or the comparison would be with
itself.
"""

import shutil
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import polars as pl

DELIVERY = "export_2023-09-08"
"""The sub-folder that the export lands in; its name tells the day of delivery, which the files' names do not."""


@dataclass(frozen=True)
class HmisExport:
    """The files of one export, every cell as text."""

    folder: Path

    def table(self, name: str) -> pl.DataFrame:
        return pl.read_csv(self.folder / f"{name}.csv", infer_schema=False)

    @cached_property
    def clients(self) -> pl.DataFrame:
        return self.table("Client")

    @cached_property
    def enrolments(self) -> pl.DataFrame:
        """Every enrolment with its project's organisation and, where it has ended, its exit date."""
        return (
            self.table("Enrollment")
            .join(self.table("Project").select("ProjectID", "OrganizationID"), on="ProjectID", how="left")
            .join(self.table("Exit").select("EnrollmentID", "ExitDate", "Destination"), on="EnrollmentID", how="left")
        )

    def land(self, landing: Path) -> None:
        """Copy the whole export into the landing folder that all its feeds share."""
        target = landing / "hmis_export" / DELIVERY
        target.mkdir(parents=True)
        for path in self.folder.glob("*.csv"):
            shutil.copyfile(path, target / path.name)


def counts(frame: pl.DataFrame, column: str) -> dict[str, int]:
    """Return how many rows each value of a column has."""
    return {str(value): int(rows) for value, rows in frame.group_by(column).len().rows()}
