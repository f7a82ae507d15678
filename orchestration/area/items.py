"""The agreed data items by name: what an agreement may permit, in plain words, and what UK GDPR asks for each.

The names are those of `orchestration.feeds.canonical.ITEMS` (a test holds the two together). What belongs here: names,
words and the questions that an item lets an area answer. What does not: which field belongs to which item.
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
