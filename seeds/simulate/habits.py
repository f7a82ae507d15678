"""How each partner of Tidewell writes and sends its files, beyond what its contract says.

What belongs here: file names, encodings, preambles, footers, surplus columns, and what goes wrong when. What does not:
column names, formats and code lists, which stand in the contracts and are read from there.
"""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Habits:
    """One partner's way with files. `names` by file role, with {period} and {delivered}; `above` and `below` are rows
    around the table, with {title}, {period}, {delivered} and {rows}; `surplus` columns hold one constant each.
    """

    names: dict[str, str]
    encoding: str = "utf-8"
    byte_order_mark: bool = False
    delimiter: str = ","
    line_end: str = "\n"
    above: tuple[tuple[str, ...], ...] = ()
    below: tuple[tuple[str, ...], ...] = ()
    surplus: dict[str, dict[str, str]] = field(default_factory=dict)
    typed_dates: bool = False
    delay_days: tuple[int, int] = (4, 11)
    period_form: str = ""
    """strftime form of the period in names when it is not YYYY-MM or YYYY-Qn."""


HABITS: dict[str, Habits] = {
    "housing_options": Habits(
        {"main": "HCLIC_cases_{period}_{delivered}.csv", "people": "HCLIC_people_{period}_{delivered}.csv"},
        byte_order_mark=True,
        line_end="\r\n",
        surplus={"main": {"OfficerTeam": "Options East", "LocalNote": "n/a"}},
    ),
    "council_tax_benefits": Habits(
        {"main": "CTB_CHANGES_{period}_{delivered}.txt"},
        encoding="cp1252",
        delimiter="|",
        line_end="\r\n",
        above=(("TIDEWELL REVENUES – CHANGES SINCE LAST RUN",), ("RUN DATE {delivered}", "AMOUNTS IN £")),
        below=(("TRAILER", "{rows}"),),
        surplus={"main": {"RUN_ID": "RB77"}},
        delay_days=(2, 5),
        period_form="%Y%m",
    ),
    "adult_social_care": Habits(
        {"main": "ASC_events_{period}_{delivered}.csv", "clients": "ASC_clients_{period}_{delivered}.csv"},
        line_end="\r\n",
        delay_days=(18, 30),
    ),
    "early_help": Habits(
        dict.fromkeys(("main", "children", "needs"), "Early Help return {period} ({delivered}).xlsx"),
        typed_dates=True,
        delay_days=(10, 25),
    ),
    "debt_advice": Habits(
        {"main": "Advice enquiries {period} sent {delivered}.csv"},
        encoding="cp1252",
        delimiter=";",
        line_end="\r\n",
        above=(("Tidewell Citizens’ Advice",), ("{title}", "{period}"), ("Exported by the front desk – £ in pounds",)),
        below=((), ("Total enquiries", "{rows}")),
        surplus={"main": {"Adviser team": "Café mornings"}},
    ),
    "community_mental_health": Habits(
        {
            "main": "MHS101_Referral_{period}_{delivered}.csv",
            "index": "MHS001_MPI_{period}_{delivered}.csv",
            "contacts": "MHS201_CareContact_{period}_{delivered}.csv",
        },
        delay_days=(15, 26),
    ),
    "skills_employment": Habits({"main": "ilr_{period}_{delivered}.jsonl"}, surplus={"main": {"UKPRN": "10099999"}}),
    "jobcentre_claims": Habits({"main": "claims_{period}_{delivered}.parquet"}, typed_dates=True, delay_days=(3, 6)),
    "drug_alcohol": Habits(
        {"main": "NDTMS_{period}_{delivered}.tsv"}, delimiter="\t", line_end="\r\n", delay_days=(12, 25)
    ),
    "police_youth": Habits(
        {"main": "niche_export_{period}_{delivered}.jsonl"},
        surplus={"main": {"officer": '{"force":"99","shoulder":"withheld"}'}},
        delay_days=(6, 16),
    ),
    "housing_association": Habits(
        {"main": "Wherry Homes support list {period} v{delivered}.xlsx"},
        above=(("Wherry Homes – people we support",), ("Quarter {period}", "printed {delivered}"), ()),
        below=(("Total", "{rows}"), ("Checked by the tenancy team",)),
        surplus={"main": {"Notes": "see file"}},
        delay_days=(8, 24),
    ),
    "social_prescribing": Habits(
        {"main": "sp_cases_{period}_{delivered}.csv", "sessions": "sp_sessions_{period}_{delivered}.csv"}
    ),
}


@dataclass(frozen=True)
class Mishap:
    """Something that happens to one delivery, told by the number of months that its period ends before the data do.

    late: arrives this many days later than usual. again: the same bytes arrive a second time, this many days later.
    half: what arrives first is half an export, and the whole comes this many days later. renamed: what arrives first
    lacks a column under its agreed name, and is put right this many days later.
    """

    feed: str
    months_before_end: int
    kind: str
    days: int


MISHAPS = (
    Mishap("police_youth", 18, "late", 38),
    Mishap("adult_social_care", 15, "late", 32),
    Mishap("debt_advice", 22, "again", 9),
    Mishap("jobcentre_claims", 7, "again", 16),
    Mishap("community_mental_health", 19, "half", 12),
    Mishap("housing_options", 5, "half", 8),
    Mishap("skills_employment", 12, "renamed", 6),
)
STOPS_BEFORE_END = {"housing_association": 6}
"""Feeds that stop: the last delivery is for the period that ends this many months before the data do."""
WITHDRAWN_SHARE = 0.006
"""Share of records in a feed of changes that are later taken back as entered by mistake."""
