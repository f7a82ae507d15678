"""HMAC-SHA-256 (RFC 2104) of many messages under one key, in native code: a column of texts in, a column of texts out.

What belongs here: the digests. What does not: what a message is made of (`tokens`), which keys are fit for use and how
a key is written (`keys`).
"""

import polars as pl
import polars_hash


def digests(messages: pl.Series, key: str, *, opening: str = "", digits: int = 64) -> pl.Series:
    """Return the first lowercase hexadecimal digits of HMAC-SHA-256(key, opening + message); null where there is none.

    Key and messages count as their UTF-8 bytes.
    """
    name = messages.name
    column = polars_hash.concat_str(pl.lit(opening), pl.col(name)) if opening else polars_hash.col(name)
    return messages.to_frame().select(column.chash.hmac_sha256(key=key).str.head(digits).alias(name)).to_series()
