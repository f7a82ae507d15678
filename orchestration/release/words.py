"""Every word a reader sees about a figure: labels, units, definitions and caveats of measures and dimensions.

The single place: pages, reports, downloads and docs/reference/measures.md take their words from here. Names of
services, themes and areas come from the snapshot (catalogue.py), never from here.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MeasureWords:
    """What a measure is called and what it counts. `unit` is the plural noun of one counted thing."""

    label: str
    unit: str
    definition: str
    counted: str
    not_counted: str
    caveats: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DimensionWords:
    """What a dimension is called, what it means, and its fixed categories (none: values come from the snapshot)."""

    label: str
    definition: str
    codes: tuple[tuple[str, str], ...] = ()


NOT_EVERYONE = (
    "People who used no service in the period, and services whose agreement does not permit their data today."
)
LINKED = (
    "Records are linked by pseudonymous tokens: a person whose records could not be linked is counted once for each."
)
AVERAGE_COST = "Unit costs are averages of a service as a whole; what one person's use really cost is not known."
NOT_COSTED = "Use of services without a unit cost, and economic and social costs: they overlap with fiscal ones."
NO_SAVING = "A cost is no cashable saving: a service that fewer people use saves nothing by itself."

MEASURES = {
    "people": MeasureWords(
        label="People using services",
        unit="people",
        definition="Different people with an open spell of a service, or a contact with it, in the period.",
        counted="Each person once in each cell, however often they used the service.",
        not_counted=NOT_EVERYONE,
        caveats=(LINKED, "Rows by service, theme or month overlap, so they add up to more than the number of people."),
    ),
    "households": MeasureWords(
        label="Households using services",
        unit="households",
        definition="Different households with at least one member who used a service in the period.",
        counted="Each household once in each cell, by the address it lived at last.",
        not_counted=NOT_EVERYONE,
        caveats=("Only people with a known address belong to a household.", LINKED),
    ),
    "people_using_both": MeasureWords(
        label="People using both of two services",
        unit="people",
        definition="Different people who used both services (or both themes) in the period, not always at once.",
        counted="Each person once for each pair.",
        not_counted=NOT_EVERYONE,
        caveats=("Use of both in a period does not mean that one led to the other.", LINKED),
    ),
    "combinations": MeasureWords(
        label="Combinations of themes",
        unit="people",
        definition="Different people by the exact set of themes they used in the period.",
        counted="Each person once, in one combination; those too rare to show are merged into “other combinations”.",
        not_counted=NOT_EVERYONE,
        caveats=(LINKED,),
    ),
    "months_of_use": MeasureWords(
        label="Months of use",
        unit="months",
        definition="Months of the period in which people used a service (or theme), added up over the people.",
        counted="Each month of each person once in each cell; very long use is cut off where 99 in 100 end.",
        not_counted=NOT_EVERYONE,
        caveats=("Shown where the people are shown. For an average divide by the published number of people.", LINKED),
    ),
    "spells": MeasureWords(
        label="Spells of use",
        unit="spells",
        definition="Unbroken runs of months of the period in which people used a service (or theme), added up.",
        counted="Each run of months of each person once in each cell; very many are cut off where 99 in 100 end.",
        not_counted=NOT_EVERYONE,
        caveats=("Two episodes in one month, or in two months side by side, are one spell here.", LINKED),
    ),
    "episodes": MeasureWords(
        label="Stays that began",
        unit="stays",
        definition="Stays with a service (or theme) that began in the period, added up over the people who began them.",
        counted="Each stay that began in the period; very many of one person are cut off where 99 in 100 people end.",
        not_counted="Stays already open on the first day of the data, and contacts without a stay.",
        caveats=("Shown where enough different people began one: many stays of few people stay hidden.", LINKED),
    ),
    "costs": MeasureWords(
        label="Cost of use",
        unit="pounds",
        definition="Fiscal cost of use in the period: stays, contacts or days, times the area's unit costs.",
        counted="Pounds of the newest price year; a person's very high cost is cut off where 99 in 100 end.",
        not_counted=NOT_COSTED,
        caveats=(AVERAGE_COST, NO_SAVING, LINKED),
    ),
    "costs_by_payer": MeasureWords(
        label="Cost of use by who pays",
        unit="pounds",
        definition="Fiscal cost of use in the period by who bears it, from the area's unit costs.",
        counted="Pounds of the newest price year; a person's very high cost is cut off where 99 in 100 end.",
        not_counted=NOT_COSTED,
        caveats=(AVERAGE_COST, NO_SAVING, LINKED),
    ),
    "people_costed": MeasureWords(
        label="People whose use has a cost, by who pays",
        unit="people",
        definition="Different people with use in the period that has a fiscal unit cost, by who bears it.",
        counted="Each person once for each payer.",
        not_counted="Use of services without a unit cost.",
        caveats=("Somebody whose use several pay for is counted with each.", LINKED),
    ),
    "length_of_use": MeasureWords(
        label="People by length of use",
        unit="people",
        definition="Different people by the number of months of the period in which they used a service (or theme).",
        counted="Each person once for each service (or theme), in one band of months.",
        not_counted=NOT_EVERYONE,
        caveats=("Use before and after the period is not in it, so long use is understated.", LINKED),
    ),
    "transitions": MeasureWords(
        label="Moves between services",
        unit="people",
        definition="Different people who started one service (or theme) as their next after another in the period.",
        counted="Each person once for each pair of from and to, however often they made the move.",
        not_counted="Moves by people whose earlier or later service lies outside the data.",
        caveats=("A move is an order in time, not a referral or a cause.", LINKED),
    ),
    "entries": MeasureWords(
        label="First service used",
        unit="people",
        definition="Different people by the service (or theme) that they used first in the data.",
        counted="Each person once, in the year in which they first appear.",
        not_counted="Use before the data begin: a person using services in the first month may have started elsewhere.",
        caveats=("Early months overstate first use, because earlier years are not in the data.", LINKED),
    ),
    "journey_steps": MeasureWords(
        label="Steps of journeys",
        unit="people",
        definition="Different people by the theme of one step of their journey and of the next, up to four steps.",
        counted="Each person once for each step; next themes too rare to show are merged into “other”.",
        not_counted="Steps after the fourth.",
        caveats=("A journey is an order in time, not a referral or a cause.", LINKED),
    ),
    "starts": MeasureWords(
        label="People starting a service",
        unit="people",
        definition="Different people whose stay with a service (or theme) began in the period, by how they came.",
        counted="Each person once in each cell; a stay already open on the first day of the data did not begin in it.",
        not_counted="People whose use went on from before, and use that is known from contacts of another service.",
        caveats=("“New” needs two years of earlier data: in the first two years it is overstated.", LINKED),
    ),
    "exits": MeasureWords(
        label="People leaving a service",
        unit="people",
        definition="Different people whose stay with a service (or theme) ended in the period, by how it ended.",
        counted="Each person once in each cell, however often they left.",
        not_counted="People who are still there, and stays whose end lies after the feed's last day.",
        caveats=("How a stay ended is what the partner recorded; some record no reason.", LINKED),
    ),
    "returns": MeasureWords(
        label="People coming back to a service",
        unit="people",
        definition="Different people who left a service in the period, by the days until they next used it.",
        counted="Each person once in each cell.",
        not_counted="Returns to another service, and returns after 730 days.",
        caveats=(
            "Whoever left late in the data had less time to come back: read only as far as everybody was followed.",
            LINKED,
        ),
    ),
    "waits": MeasureWords(
        label="People by wait from referral to start",
        unit="people",
        definition="Different people referred to a service in the period, by days from referral to start.",
        counted="Each person once in each cell; a referral dated after the start counts as of the day of the start.",
        not_counted="People who came without a referral date.",
        caveats=(
            "Whoever still waits has no length of wait yet; leaving them out would make waits look shorter.",
            LINKED,
        ),
    ),
    "stays": MeasureWords(
        label="People by how their stay ended",
        unit="people",
        definition="Different people referred in the period who started, by how their stay with the service ended.",
        counted="Each person once in each cell.",
        not_counted="People who were referred and have not started.",
        caveats=("Stays that are still open have no end yet.", LINKED),
    ),
    "needs": MeasureWords(
        label="People by recorded need",
        unit="people",
        definition="Different people with a need recorded in the period, by whether a service that meets it was used.",
        counted="Each person once in each cell; a theme beside it is one that the person used in the period.",
        not_counted="Needs that nobody asked about or wrote down.",
        caveats=(
            "A recorded need is not a measured one: partners who ask more record more.",
            "Met means that a service of a matching theme was open on the day or within the days that the area set.",
            LINKED,
        ),
    ),
}

SEX = (("F", "Female"), ("M", "Male"), ("U", "Not known"))
AGE_BAND = (
    ("0-15", "0 to 15"),
    ("16-24", "16 to 24"),
    ("25-34", "25 to 34"),
    ("35-44", "35 to 44"),
    ("45-54", "45 to 54"),
    ("55-64", "55 to 64"),
    ("65-74", "65 to 74"),
    ("75+", "75 and over"),
    ("unknown", "Not known"),
)
AGE_GROUP = (
    ("0-15", "0 to 15"),
    ("16-24", "16 to 24"),
    ("25-64", "25 to 64"),
    ("65+", "65 and over"),
    ("unknown", "Not known"),
)
ETHNIC_GROUP = (
    ("asian", "Asian or Asian British"),
    ("black", "Black, Black British, Caribbean or African"),
    ("mixed", "Mixed or multiple ethnic groups"),
    ("white", "White"),
    ("other", "Other ethnic group"),
    ("unknown", "Not known or not stated"),
)
DEPRIVATION = (
    ("1", "Most deprived fifth"),
    ("2", "Second fifth"),
    ("3", "Middle fifth"),
    ("4", "Fourth fifth"),
    ("5", "Least deprived fifth"),
    ("unknown", "Not known"),
)
HOW_MANY = (("1", "One"), ("2", "Two"), ("3", "Three"), ("4+", "Four or more"))
MONTHS_USED = (
    ("1", "1 month"),
    ("2-3", "2 to 3 months"),
    ("4-6", "4 to 6 months"),
    ("7-12", "7 to 12 months"),
    ("13+", "13 months or more"),
)
HOUSEHOLD_TYPE = (
    ("AO", "Adults only"),
    ("AC", "Adults and children"),
    ("CO", "Children only"),
    ("UN", "Not known"),
)
ARRIVAL = (
    ("new", "New"),
    ("returned", "Back after leaving it"),
    ("from_other", "Known to another service"),
)
EXIT_KIND = (
    ("planned", "As planned"),
    ("unplanned", "Dropped out"),
    ("transferred", "Handed on"),
    ("moved_or_died", "Moved away or died"),
    ("unknown", "Not recorded"),
)
RETURN_BAND = (
    ("0-90", "Within 90 days"),
    ("91-180", "91 to 180 days"),
    ("181-365", "181 to 365 days"),
    ("366-730", "366 to 730 days"),
    ("not_returned", "Not back so far"),
)
WAIT = (
    ("0-7", "Up to 7 days"),
    ("8-28", "8 to 28 days"),
    ("29-56", "29 to 56 days"),
    ("57-126", "57 to 126 days"),
    ("127+", "127 days or more"),
    ("waiting", "Still waiting"),
    ("declined", "Declined by the service"),
    ("withdrawn", "Withdrew"),
)
STAY_ENDING = (("open", "Still there"), *EXIT_KIND)
NEED_MET = (
    ("met", "Met by a service"),
    ("not_met", "Not met"),
    ("no_service", "No service meets it"),
    ("too_early", "Too early to say"),
)
STEP = (("1", "First to second"), ("2", "Second to third"), ("3", "Third to fourth"))

DIMENSIONS = {
    "service": DimensionWords("Service", "A service of the area's service directory."),
    "theme": DimensionWords("Theme", "The theme that the service directory puts a service in."),
    "sex": DimensionWords(
        "Sex", "Sex as partners recorded it; where they differ, by the warehouse's stated rule.", SEX
    ),
    "age_band": DimensionWords("Age", "Age on the first day of the reporting year, in bands.", AGE_BAND),
    "age_group": DimensionWords("Age group", "Age bands rolled up.", AGE_GROUP),
    "ethnic_group": DimensionWords("Ethnic group", "Census 2021 groups, rolled up to five.", ETHNIC_GROUP),
    "msoa": DimensionWords("Neighbourhood", "Middle-layer super output area (MSOA) of the address in the year."),
    "lad": DimensionWords("District", "Local authority district of the address in the year."),
    "deprivation": DimensionWords(
        "Deprivation", "Fifth of the English Index of Multiple Deprivation of the address's small area.", DEPRIVATION
    ),
    "month": DimensionWords("Month", "Calendar month of use."),
    "services_used": DimensionWords("Services used", "Number of different services used in the period.", HOW_MANY),
    "services_at_once": DimensionWords(
        "Services at once", "The most services used on one day of the period.", HOW_MANY
    ),
    "months_used": DimensionWords("Months of use", "Months of the period with use, in bands.", MONTHS_USED),
    "household_type": DimensionWords("Household type", "Who lives in the household.", HOUSEHOLD_TYPE),
    "service_a": DimensionWords("One service", "The first service of a pair."),
    "service_b": DimensionWords("Other service", "The second service of a pair."),
    "theme_a": DimensionWords("One theme", "The first theme of a pair."),
    "theme_b": DimensionWords("Other theme", "The second theme of a pair."),
    "theme_set": DimensionWords("Combination", "The exact set of themes that a person used in the period."),
    "from_service": DimensionWords("From service", "The service used before."),
    "to_service": DimensionWords("To service", "The service used next."),
    "from_theme": DimensionWords("From theme", "The theme used before."),
    "to_theme": DimensionWords("To theme", "The theme used next."),
    "entry_service": DimensionWords("First service", "The first service that a person used in the data."),
    "entry_theme": DimensionWords("First theme", "The first theme that a person used in the data."),
    "arrival": DimensionWords(
        "Arrival", "Whether somebody was new, back after leaving the service, or known to another one.", ARRIVAL
    ),
    "exit_kind": DimensionWords("How it ended", "How the stay ended, as the partner recorded it.", EXIT_KIND),
    "return_band": DimensionWords(
        "Return", "Days from leaving a service to its next use by the same person.", RETURN_BAND
    ),
    "wait": DimensionWords("Wait", "Days from referral to start in bands, or why there was no start.", WAIT),
    "stay_ending": DimensionWords("How the stay ended", "How the stay after a referral ended.", STAY_ENDING),
    "need": DimensionWords("Need", "A need of the area's list, by the headings of Supporting Families."),
    "need_met": DimensionWords(
        "Need met", "Whether a service that meets the need was open then or soon after.", NEED_MET
    ),
    "persona": DimensionWords(
        "Persona or lens",
        "People whose use, needs and age fit a rule of the area pack: a situation, or a policy's population.",
    ),
    "payer": DimensionWords("Who pays", "Who bears the cost, as the area's table of unit costs names them."),
    "step": DimensionWords("Step", "Which step of the journey.", STEP),
}

SPECIAL_CODES = {
    "START": "Not using services before",
    "END": "No further service",
    "none": "No further service",
    "other": "Other",
    "unknown": "Not known",
}
OTHER_COMBINATIONS = "Other combinations"
ZERO_AND_FEW = "Fewer than {threshold}, including none, or too close to everyone in its row or column."
AT_LEAST = (
    "Sum of the published figures of the values chosen; hidden figures count as nothing, so read it as “at least”."
)
OVERLAPPING_SUM = "A person who used several of the values chosen is counted once for each."
LOOSENED = "This policy hides less than was measured to be safe, by recorded decision {decision}"
SUPPRESSION = (
    "Counts carry small random changes that are the same every time for the same people, are hidden below {threshold} "
    "({sensitive_threshold} for sensitive services) and are rounded to the nearest {rounding_base}. Totals are "
    "protected separately, so parts need not add up to them."
)
