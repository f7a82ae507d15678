"""The pack for a data protection impact assessment, in the steps of the ICO's template.

What the program knows is filled in; what only people can answer stays open and says so.
"""

from orchestration.documents.basis import Basis, basis_of, item, kept, sentence, words
from orchestration.documents.flow import flow, stage_rows
from orchestration.documents.measures import red_team_line, risks
from orchestration.documents.model import Document

OPEN = "To be written by the controllers."


def dpia(basis: Basis) -> Document:
    """Return the pack."""
    found = Document(
        "dpia-pack",
        f"Data protection impact assessment: {basis.area.name}",
        "In the steps of the ICO's template. What the system knows is filled in; what people must answer is left open.",
        basis.foot,
    )
    _need_and_nature(found, basis)
    _context(found, basis)
    _assessment(found, basis)
    _red_team(found, basis)
    _sign_off(found)
    return found


def _need_and_nature(found: Document, basis: Basis) -> None:
    found.section("Step 1. Why an assessment is needed")
    found.say(
        "Records of several services about the same people are joined, some of them of a special category or about "
        "offences. That is matching of data on a large scale, for which UK GDPR Article 35 asks for an assessment.",
    )
    found.section("Step 2. What is done")
    found.section("How data flow", level=3)
    svg, alternative = flow(basis)
    found.draw(svg, alternative)
    if basis.lineage is None:
        found.warn("The steps inside are drawn in outline: no refresh has recorded its lineage here yet.")
    found.table(
        "The steps, as the pipeline records them",
        ["Step", "Made of", "Tables and files", "Holds"],
        stage_rows(basis),
        widths=(2, 3, 1, 3),
    )
    found.section("Which data, and how long they are kept", level=3)
    found.table(
        "Data items by feed",
        ["Feed", "From", "Agreement", "Data items", "Kept"],
        [
            [
                basis.feed_title(feed),
                basis.organization(basis.area.contracts[feed].partner)
                if feed in basis.area.contracts
                else "no contract",
                f"{agreement.id} ({basis.state(agreement)})",
                sentence([item(name) for name in permission.items]),
                kept(agreement),
            ]
            for agreement in basis.agreements()
            for feed, permission in agreement.feeds.items()
        ],
        widths=(2, 2, 2, 4, 3),
    )
    people, year = basis.figure("people")
    scope = f"about {people:,} people in {year}" if people is not None else "a number of people that cannot be shown"
    found.say(f"Scope: {scope} (a protected figure of the release gate), in {basis.area.name}.")


def _context(found: Document, basis: Basis) -> None:
    roles = basis.area.profile.roles
    found.section("Who receives what", level=3)
    found.table(
        "Recipients",
        ["Role", "What for", "Receives"],
        [
            [role.title, role.description or "not described", "protected figures, no record of a person"]
            for role in roles.values()
        ],
        widths=(2, 4, 3),
    )
    found.section("Step 3. Consultation")
    found.warn(
        f"{OPEN} Whom did you ask (residents, staff, processors, the data protection officer), and what did they say?"
    )
    found.section("Step 4. Necessity and proportionality")
    found.table(
        "Purpose, lawful basis and power",
        ["Agreement", "Purposes", "Lawful basis", "Legal power"],
        [
            [one.title, sentence([words(purpose) for purpose in one.purposes]), basis_of(one), one.legal_power]
            for one in basis.agreements()
        ],
        widths=(2, 2, 4, 4),
    )
    found.points(
        [
            "Least data: names, addresses and dates of birth never reach the area; what is not agreed is not stored.",
            "Accuracy: each partner is told what to mend after each delivery.",
            "Purpose: figures only; no list, score or decision about a person is made or can be asked for.",
        ]
    )
    found.warn(f"{OPEN} Is there another way to reach the same end with less?")


def _assessment(found: Document, basis: Basis) -> None:
    found.section("Steps 5 and 6. Risks, measures in force, and what their tests came to")
    found.table(
        "Risks",
        ["Risk", "Before: likelihood; severity", "Measure in force", "Test result", "After (proposed)"],
        risks(basis),
        widths=(3, 2, 4, 3, 2),
    )
    found.say(
        "Likelihood is remote, possible or probable; severity minimal, significant or severe, as in the template."
    )


def _red_team(found: Document, basis: Basis) -> None:
    found.section("Attacks on the release gate")
    record = basis.red_team
    if record is None:
        found.warn(red_team_line(basis))
        return
    found.say(red_team_line(basis), f"Policy “{record['policy']}”, scale {record['scale']}, on invented people only.")
    found.table(
        "Each attack",
        ["Attack", "Verdict", "Documented limit"],
        [[str(one["title"]), str(one["verdict"]), str(one["limits"] or "none")] for one in record["attacks"]],
        widths=(3, 2, 5),
    )


def _sign_off(found: Document) -> None:
    found.section("Step 7. Sign-off")
    blank = "................................"
    found.table(
        "To be signed",
        ["What", "Name and role", "Date", "Notes"],
        [
            ["Measures approved by", blank, "..............", "Put the measures into the plan, with owner and date."],
            ["Residual risks approved by", blank, "..............", "If any is high, ask the ICO before you begin."],
            ["Advice of the data protection officer", blank, "..............", "On compliance, measures, going ahead."],
            ["Advice accepted or overruled by", blank, "..............", "If overruled, say why."],
            ["Answers to consultation reviewed by", blank, "..............", "If you go against them, say why."],
            ["Kept under review by", blank, "..............", "The officer should review compliance too."],
        ],
        widths=(3, 4, 2, 4),
    )
