"""`area.yaml`: the place's name, reporting window, spell rules, release policies and roles."""

from datetime import date

from pydantic import Field, field_validator

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


class ReleasePolicy(PackModel):
    """Disclosure parameters of one output channel (docs/explanation/disclosure.md tells what each defends).

    Defaults are the measured ones; an area may tighten them, and loosening one needs a recorded decision.
    """

    threshold: int = Field(default=10, ge=10, description="perturbed counts below this are hidden")
    sensitive_threshold: int = Field(default=20, ge=10, description="the same for sensitive themes")
    rounding: int = Field(default=5, ge=5, description="published counts are multiples of this")
    noise_bound: int = Field(default=5, ge=3, description="D, the largest change of a count")
    noise_variance: float = Field(default=3.0, gt=0, description="V, the variance of the change")
    noise_floor: int = Field(default=2, ge=0, description="js, perturbed counts 1..js cannot occur")
    most_attributes: int = Field(default=3, ge=1, le=3, description="dimensions and filters together, area included")
    most_hidden_share: float = Field(default=0.5, gt=0, le=0.5, description="a table hidden beyond this is refused")
    least_base: int = Field(default=100, ge=100, description="smallest perturbed base of a table")


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
    release_policies: dict[str, ReleasePolicy] = {"dashboard": ReleasePolicy(), "public": ReleasePolicy(threshold=20)}
    roles: dict[str, Role] = {}
    contact: str = Field(default="", description="who answers questions about the data")
