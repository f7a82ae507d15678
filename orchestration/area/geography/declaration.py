"""`geography.yaml`: which files tell the geography of a place, and what of them cannot be recognised by itself.

What belongs here: the shape of the declaration and where in it a fault lies. What does not: reading the files.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import Field, field_validator

from orchestration.area.reading import Location, PackModel, read_model, read_yaml
from orchestration.errors import AreaPackError

Level = Literal["lsoa", "msoa", "ward", "lad"]
Census = Literal[2001, 2011, 2021]


class TableFile(PackModel):
    """A table as downloaded: CSV (also gzipped) or XLSX. What is not declared is recognised from the headers.

    `columns` maps a name of ours to the file's header, for headers that are not recognised. Names of ours in a lookup:
    `lsoa21_code`, `lsoa21_name`, `msoa21_code`, `msoa21_name`, `msoa21_hcl_name`, `ward24_code`, `lad24_code` and so on
    for other vintages, and `change_code`.
    """

    file: str
    encoding: str | None = Field(default=None, description="Python codec name; UTF-8, else Windows-1252, when absent")
    delimiter: str = Field(default=",", min_length=1, max_length=1)
    header_row: int = Field(default=1, ge=1, description="1-based row of the headers; rows above it are passed over")
    sheet: str | None = Field(default=None, description="sheet of a workbook; the first when absent")
    columns: dict[str, str] = {}
    where: dict[str, list[str]] = Field(default={}, description="header and the values of the rows to read")

    @field_validator("where", mode="before")
    @classmethod
    def _texts(cls, value: object) -> object:
        if not isinstance(value, dict):
            return value
        return {k: [str(item) for item in (v if isinstance(v, list) else [v])] for k, v in value.items()}


class DeprivationFile(TableFile):
    """An index of multiple deprivation by LSOA. `columns` knows `lsoa_code`, `decile` and `rank`."""

    year: int = Field(description="year of the index; it fixes which census codes the file must be on")
    census: Census | None = Field(default=None, description="only for an index whose census is not known to us")
    most_deprived: Literal[1, 10] = Field(default=1, description="which decile is the most deprived in this file")


class PopulationFile(TableFile):
    """Residents by LSOA: ages across the page, or one row per area, sex and age, or totals.

    `columns` knows `lsoa_code`, `sex`, `age`, `age_from`, `age_to`, `persons` and `total`.
    """

    sex: Literal["F", "M", "U"] | None = Field(default=None, description="when the whole file is one sex; U: persons")
    sexes: dict[str, Literal["F", "M", "U"]] = Field(default={}, description="the file's codes of sex, if not words")
    census: Census | None = Field(default=None, description="only when the header does not tell 2011 from 2021 codes")

    @field_validator("sexes", mode="before")
    @classmethod
    def _as_text(cls, value: object) -> object:
        return {str(k): v for k, v in value.items()} if isinstance(value, dict) else value


class Conversion(PackModel):
    """How population on the codes of another census comes onto the pack's own.

    An unchanged area (U) keeps its people, merged areas (M) add up, and a split area (S, or X where many became many)
    is shared out: in `equal` parts, or in proportion to a table of people or households on the new codes, whose
    `columns` knows `lsoa_code` and `persons`.
    """

    census: Census = Field(alias="from")
    split: Literal["equal"] | TableFile


class Population(PackModel):
    """The files of the resident population, which must not overlap."""

    year: int | None = Field(default=None, description="year of the estimate, shown beside every rate")
    files: list[PopulationFile] = Field(min_length=1)
    convert: Conversion | None = None


class MapFile(PackModel):
    """GeoJSON outlines (WGS84 or British National Grid) or a HexJSON layout of one level."""

    file: str
    code: str | None = Field(default=None, description="property that holds the area's code; recognised when absent")


class Declaration(PackModel):
    """The whole of geography.yaml."""

    census: Census = Field(default=2021, description="census of the LSOA and MSOA codes that the pack is built on")
    local_authorities: list[str] = Field(default=[], description="codes or names; absent: everything in the lookups")
    vintages: dict[Literal["ward", "lad"], int] = Field(
        default={}, description="year of wards or local authorities when the newest in the lookups is not the one"
    )
    lookups: list[TableFile] = Field(min_length=1)
    deprivation: DeprivationFile | None = None
    population: Population | None = None
    boundaries: dict[Level, MapFile] = {}
    layouts: dict[Level, MapFile] = {}
    attribution: list[str] = Field(default=[], description="source and licence lines, shown under maps and rates")


@dataclass(frozen=True)
class Place:
    """Where in geography.yaml something stands, so that a fault can name file, line and key."""

    path: Path
    lines: dict[Location, int]
    at: Location = ()

    def key(self, *parts: str | int) -> "Place":
        """Return the place of a key below this one."""
        return Place(self.path, self.lines, (*self.at, *parts))

    def fault(self, message: str) -> AreaPackError:
        """Compose the error that names geography.yaml, line and key."""
        known = self.at
        while known and known not in self.lines:
            known = known[:-1]
        name = ".".join(str(part) for part in self.at) or "(whole file)"
        return AreaPackError(f"{self.path}, line {self.lines.get(known, 1)}, key '{name}': {message}")

    def find(self, file: str) -> Path:
        """Return the path of a declared file, which stands beside geography.yaml or below it."""
        path = self.path.parent / file
        if not path.is_file():
            raise self.key("file").fault(f"'{file}' does not exist in {self.path.parent}; put the download there.")
        return path


def read_declaration(folder: Path) -> tuple[Declaration, Place]:
    """Read geography.yaml of a folder and the place of each of its keys."""
    path = folder / "geography.yaml"
    if not path.is_file():
        raise AreaPackError(
            f"{path}: the file does not exist. A geography folder needs it to declare its files "
            "(docs/how-to/load-a-real-geography.md)."
        )
    declaration = read_model(Declaration, path)
    return declaration, Place(path, read_yaml(path)[1])
