"""The canonical entities: the one shape into which every partner's rows are mapped.

Fields, their polars types, the agreed data item each belongs to, and which field identifies a row. Nothing here reads
or checks anything.
"""

import polars as pl

from orchestration.area.contracts import Entity
from orchestration.area.items import ITEM_OF_FIELD

TOKEN_FIELDS = (
    "tok_nhs",
    "tok_ni",
    "tok_name_dob",
    "tok_phonetic_dob",
    "tok_forename_dob",
    "tok_surname_dob",
    "tok_name_swapped_dob",
    "tok_forename_postcode",
    "tok_surname_postcode",
    "tok_name",
    "tok_sounds",
    "tok_forename_sound_dob",
    "tok_surname_sound_dob",
    "tok_dob_postcode",
)
PERSONAL_TOKENS = tuple(name for name in TOKEN_FIELDS if name not in ("tok_name", "tok_sounds"))
"""Tokens that few people share at most; any number of namesakes have a name in common."""

FIELDS: dict[Entity, dict[str, pl.DataType]] = {
    "person": {
        "source_ref": pl.String(),
        **{name: pl.String() for name in TOKEN_FIELDS},
        "trusted_ref": pl.String(),
        "birth_month": pl.Date(),
        "sex": pl.String(),
        "gender": pl.String(),
        "ethnicity_code": pl.String(),
        "ethnicity_list": pl.String(),
        "lsoa_code": pl.String(),
        "household_token": pl.String(),
        "valid_from": pl.Date(),
    },
    "episode": {
        "episode_ref": pl.String(),
        "source_ref": pl.String(),
        "service_id": pl.String(),
        "referral_date": pl.Date(),
        "start_date": pl.Date(),
        "end_date": pl.Date(),
        "referral_source": pl.String(),
        "status": pl.String(),
        "end_reason": pl.String(),
        "outcome": pl.String(),
    },
    "contact": {
        "contact_ref": pl.String(),
        "source_ref": pl.String(),
        "episode_ref": pl.String(),
        "service_id": pl.String(),
        "contact_date": pl.Date(),
        "contact_type": pl.String(),
        "attendance": pl.String(),
    },
    "need": {
        "need_ref": pl.String(),
        "source_ref": pl.String(),
        "episode_ref": pl.String(),
        "need_code": pl.String(),
        "level": pl.String(),
        "recorded_date": pl.Date(),
    },
    "outcome": {
        "outcome_ref": pl.String(),
        "source_ref": pl.String(),
        "episode_ref": pl.String(),
        "outcome_code": pl.String(),
        "outcome_value": pl.Float64(),
        "recorded_date": pl.Date(),
    },
}

PROVENANCE: dict[str, pl.DataType] = {
    "partner": pl.String(),
    "feed": pl.String(),
    "delivery_id": pl.String(),
    "source_file": pl.String(),
    "source_row": pl.Int64(),
    "agreement_id": pl.String(),
}

RECORD_REFERENCE: dict[Entity, str] = {
    "person": "source_ref",
    "episode": "episode_ref",
    "contact": "contact_ref",
    "need": "need_ref",
    "outcome": "outcome_ref",
}
"""The field by which append and changes modes recognise a record again."""

ALWAYS_KEPT = ("source_ref", *(f"{entity}_ref" for entity in ("episode", "contact", "need", "outcome")))
"""References hold the rows together and are pseudonyms of the partner's own making; no agreed item names them."""

ITEMS: dict[str, str] = {
    **dict.fromkeys(TOKEN_FIELDS, "linkage_tokens"),
    **ITEM_OF_FIELD,
}
"""The agreed data item of each canonical field; an agreement permits items, not columns."""

IDENTIFYING = frozenset({*TOKEN_FIELDS, "trusted_ref", "source_ref", "household_token"})
"""Fields whose values never appear on a receipt, in a message or in a log."""


def empty_entity(entity: Entity) -> pl.DataFrame:
    """Return a typed frame without rows: the entity's fields and the provenance of every accepted row."""
    return pl.DataFrame(schema={**PROVENANCE, **FIELDS[entity]})
