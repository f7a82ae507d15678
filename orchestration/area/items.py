"""The agreed data items by name: what an agreement may permit, in plain words, and what UK GDPR asks for each.

What belongs here: names, words, the questions that an item lets an area answer, and which canonical field is of which
item. What does not: the fields themselves (orchestration.feeds.canonical).
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DataItem:
    """One agreed data item. `is_special`: it says something of Article 9 (origin or health) whoever sends it."""

    title: str
    question: str
    is_special: bool = False


DATA_ITEMS: dict[str, DataItem] = {
    "linkage_tokens": DataItem("Linkage tokens", "Are these the same people that others help?"),
    "birth_month": DataItem("Month of birth", "How old are the people who use several services?"),
    "sex": DataItem("Sex", "Do women and men take different ways through services?"),
    "gender": DataItem("Gender", "Who is missed where only sex is counted?"),
    "ethnicity": DataItem("Ethnic group", "Does each ethnic group reach help as often as others?", is_special=True),
    "area": DataItem("Small area of residence", "From which neighbourhoods do people come, and from which not?"),
    "household": DataItem("Household token", "How many households, not only people, use several services?"),
    "service": DataItem("Service used", "Which services do the same people use together?"),
    "service_dates": DataItem("Dates of service", "In what order do people come, and how long do they wait?"),
    "referral_source": DataItem("Source of referral", "Who sends people on, and who arrives alone?"),
    "service_status": DataItem("State of the case", "How many are waiting, and how many are helped now?"),
    "service_outcome": DataItem("Outcome of the service", "Does help end as hoped, and who comes back?"),
    "contacts": DataItem("Contacts and attendance", "Where do people stop coming?"),
    "needs": DataItem("Recorded needs", "Which needs come together, and which are met?", is_special=True),
    "outcomes": DataItem("Measured outcomes", "What changed for people after help?"),
    "needs_and_outcomes_dates": DataItem("Dates of needs and outcomes", "Was a need there before or after the help?"),
}

ITEM_OF_FIELD: dict[str, str] = {
    "trusted_ref": "linkage_tokens",
    "birth_month": "birth_month",
    "sex": "sex",
    "gender": "gender",
    "ethnicity_code": "ethnicity",
    "ethnicity_list": "ethnicity",
    "lsoa_code": "area",
    "household_token": "household",
    "valid_from": "area",
    "service_id": "service",
    "referral_date": "service_dates",
    "start_date": "service_dates",
    "end_date": "service_dates",
    "referral_source": "referral_source",
    "status": "service_status",
    "end_reason": "service_outcome",
    "outcome": "service_outcome",
    "contact_date": "contacts",
    "contact_type": "contacts",
    "attendance": "contacts",
    "need_code": "needs",
    "level": "needs",
    "outcome_code": "outcomes",
    "outcome_value": "outcomes",
    "recorded_date": "needs_and_outcomes_dates",
}
"""The item of each canonical field but the tokens, which are all `linkage_tokens`."""


def item_of_field(name: str) -> str | None:
    """Return the data item of a canonical field; None of references, which no item names."""
    return "linkage_tokens" if name.startswith("tok_") else ITEM_OF_FIELD.get(name)
