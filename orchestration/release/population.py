"""Residents of the area, the denominators of rates: a public estimate that came with the geography, unprotected."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from orchestration.release.lattice import AGE_GROUP_OF
from orchestration.release.reader import Snapshot

COLUMNS = {"msoa": "msoa_code", "lad": "lad_code", "sex": "sex", "age_band": "age_band", "deprivation": "deprivation"}
DIMENSIONS = (*COLUMNS, "age_group")
Residents = list[dict[str, object]]


def read_residents(snapshot: Snapshot) -> Residents:
    """Return one row per area, sex, age band and deprivation with `persons`; empty where no population is loaded."""
    rows = snapshot.table("select * from serving.srv_population")
    return [
        {
            **{name: str(row[column]) for name, column in COLUMNS.items()},
            "age_group": AGE_GROUP_OF.get(str(row["age_band"]), "unknown"),
            "persons": int(str(row["persons"] or 0)),
        }
        for row in rows
    ]


def count_residents(
    residents: Residents, *, by: Sequence[str] = (), where: Mapping[str, str] | None = None
) -> dict[tuple[str, ...], int]:
    """Return {codes in the order of `by`: residents}. Conditions on what residents do not have are left out."""
    conditions = {name: code for name, code in (where or {}).items() if name in DIMENSIONS}
    counted: dict[tuple[str, ...], int] = defaultdict(int)
    for row in residents:
        if all(row[name] == code for name, code in conditions.items()):
            counted[tuple(str(row[name]) for name in by)] += int(str(row["persons"]))
    return dict(counted)
