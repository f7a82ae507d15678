"""The codes that a canonical field may hold: from seeds/reference and from the area pack.

Fields that are not listed here hold free codes of the area's own (outcome, outcome_code, gender).
"""

from functools import cache

import polars as pl

from orchestration.area.directory import Directory
from orchestration.area.reading import read_table
from orchestration.settings import repository_root

REFERENCE = {
    "sex": ("sex.csv", "sex"),
    "ethnicity_code": ("ethnicity.csv", "ethnicity_code"),
    "status": ("episode_status.csv", "status"),
    "end_reason": ("end_reason.csv", "end_reason"),
    "referral_source": ("referral_source.csv", "referral_source"),
}
"""Field, file of seeds/reference and its column of codes; the column beside it holds the names."""
FIXED = {
    "attendance": ("attended", "attended_late", "did_not_attend", "cancelled_by_person", "cancelled_by_service"),
    "contact_type": ("face_to_face", "telephone", "video", "written", "other"),
    "level": ("low", "medium", "high"),
}


def canonical_codes(field: str, directory: Directory) -> dict[str, str]:
    """Return the codes of a field with their names; empty when any code may stand there."""
    if field == "service_id":
        return dict(directory.services.select("id", "name").iter_rows())
    if field == "need_code":
        needs = directory.needs.unique("need_code", maintain_order=True)
        return dict(needs.select("need_code", "need_name").iter_rows())
    if field in FIXED:
        return {code: code.replace("_", " ") for code in FIXED[field]}
    return _reference(*REFERENCE[field]) if field in REFERENCE else {}


@cache
def _reference(file: str, column: str) -> dict[str, str]:
    frame = read_table(repository_root() / "seeds" / "reference" / file, (column,))
    return dict(frame.select(pl.col(column), pl.nth(frame.columns.index(column) + 1).alias("name")).iter_rows())
