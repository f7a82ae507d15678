"""`area.yaml`: the place's name, reporting window, spell rules, retention, release policies and roles."""

from datetime import date

from pydantic import Field, field_validator

from orchestration.area.agreement_faults import PURPOSES
from orchestration.area.policies import ReleasePolicies
from orchestration.area.reading import PackModel


class Reporting(PackModel):
    """The window of months that the area reports on."""

    first_month: date = Field(description="first month of the window, as YYYY-MM or YYYY-MM-DD")
    months: int = Field(default=36, ge=12, le=60, description="length of the window, whole years")

    @field_validator("first_month", mode="before")
    @classmethod
    def _month(cls, value: object) -> object:
        return f"{value}-01" if isinstance(value, str) and len(value) == len("2025-04") else value

    @field_validator("first_month")
    @classmethod
    def _first_day(cls, value: date) -> date:
        return value.replace(day=1)


class Rules(PackModel):
    """Rules that turn records into spells, returns and cohorts: NHS five-day spell, HUD system exit and look-back."""

    spell_gap_days: int = Field(default=5, ge=0, description="episodes of one service this close are one spell")
    system_exit_days: int = Field(default=14, ge=0, description="days without any service that make an exit")
    return_lookback_days: int = Field(default=730, ge=1, description="how far back a return is looked for")
    first_time_history_months: int = Field(default=36, ge=0, description="history needed to call a use the first")
    exit_followup_months: int = Field(default=6, ge=0, description="exit cohorts end this long before the data do")
    segment_fit: int = Field(default=1, ge=1, description="raise it to fit the segments anew, on purpose")


class Retention(PackModel):
    """How long rows that do not stand are kept. Rows that stand follow their agreement's retention."""

    quarantine_days: int = Field(
        default=180, ge=1, description="days after its delivery came that a quarantined row can be looked at"
    )
    history_days: int = Field(
        default=1096, ge=1, description="days that rows replaced by newer ones can be used to rebuild an earlier state"
    )

    longest_months: int = Field(
        default=120, ge=1, description="months beyond which no agreement of this area may keep anything"
    )


class Role(PackModel):
    """A role of the app and the audience it belongs to."""

    title: str
    description: str = ""


class Profile(PackModel):
    """The whole of area.yaml."""

    name: str
    fictional: bool = Field(default=False, description="shown as a banner; only a fictional place may fix `today`")
    today: date | None = Field(default=None, description="fixed date of a fictional place; else the clock")
    reporting: Reporting
    rules: Rules = Rules()
    retention: Retention = Retention()
    release_policies: ReleasePolicies = ReleasePolicies()
    roles: dict[str, Role] = {}
    purposes: dict[str, str] = Field(default=PURPOSES, description="what figures may be used for: code to words")
    contact: str = Field(default="", description="who answers questions about the data")
