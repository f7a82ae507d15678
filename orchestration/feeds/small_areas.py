"""The small area (LSOA) of a postcode, by a lookup that the partner holds, so that no postcode has to be sent.

What belongs here: reading the lookup and finding areas. The columns are known by the names that ONS gives them in its
postcode products (ONSPD, NSPL, best-fit lookups). What does not: tokens of postcodes (`tokens`).
"""

from pathlib import Path

import polars as pl

from orchestration.errors import LandingError
from orchestration.feeds import identifiers
from orchestration.feeds.dialect import normalise

LOOKUP_POSTCODE = ("pcds", "pcd", "pcd8", "pcd7", "pcd2", "postcode")
LOOKUP_LSOA = ("lsoa21cd", "lsoa21", "lsoa code", "lsoa11cd", "lsoa11", "lsoa")


class AreaLookupError(LandingError):
    """The lookup cannot be read or is of something else."""


def read_lookup(path: Path) -> pl.DataFrame:
    """Return one row a postcode in standard form: postcode, area. Raises AreaLookupError."""
    try:
        header = pl.read_csv(path, infer_schema=False, n_rows=0, encoding="utf8-lossy").columns
        headers = {normalise(name): name for name in reversed(header)}
        postcode = next((headers[name] for name in LOOKUP_POSTCODE if name in headers), None)
        area = next((headers[name] for name in LOOKUP_LSOA if name in headers), None)
        if postcode is None or area is None:
            raise AreaLookupError(
                f"{path} has no column of postcodes ({', '.join(LOOKUP_POSTCODE)}) or of areas "
                f"({', '.join(LOOKUP_LSOA)})."
            )
        lookup = pl.read_csv(path, infer_schema=False, columns=[postcode, area], encoding="utf8-lossy")
    except (OSError, pl.exceptions.PolarsError) as error:
        raise AreaLookupError(f"{path} cannot be read as a lookup of postcodes: {type(error).__name__}.") from error
    table = lookup.select(identifiers.postcode(pl.col(postcode)).alias("postcode"), pl.col(area).alias("area"))
    return table.drop_nulls().unique("postcode", keep="first", maintain_order=True)


def areas_of(postcodes: pl.Series, lookup: pl.DataFrame) -> pl.Series:
    """Return the area of each postcode in standard form, null where there is none."""
    homes = pl.DataFrame({"postcode": postcodes}, schema={"postcode": pl.String})
    return homes.join(lookup, on="postcode", how="left", maintain_order="left")["area"]
