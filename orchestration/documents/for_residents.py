"""What residents are told: the privacy notice, and the public page of what is held and what it led to."""

from orchestration.documents.basis import Basis, basis_of, day, in_order, kept, sentence, words
from orchestration.documents.model import Document

RIGHTS = (
    "ask whether and which data about you are held, and for a copy (through the service that you use)",
    "have wrong data put right, at the service that you use",
    "object to your data being used here",
    "ask for data to be erased or their use restricted, where the law gives that right",
    "complain to the Information Commissioner's Office (ico.org.uk)",
)


def privacy_notice(basis: Basis) -> Document:
    """Return the privacy notice (UK GDPR Articles 13 and 14)."""
    found = Document(
        "privacy-notice",
        f"Privacy notice: how services in {basis.area.name} learn from their records together",
        "What is done with records about people who use services, by whom, why, and what you can do.",
        basis.foot,
    )
    served = [one for one in basis.agreements() if basis.is_in_force(one)]
    found.section("Who is responsible")
    found.say(f"The organisations below are responsible together. Questions go to {_contact(basis)}.")
    found.points(_organizations(basis))
    found.section("What we do, and why")
    found.say(
        "Services send records from which names, addresses and full dates of birth have been taken out. We join the "
        "records of one person by codes that nobody can turn into a name without the services' own key, and count. "
        "The counts show which services people use together, so that services can be planned around what people need.",
        "Nobody looks at one person's records here, and no decision about a person is made, by people or by a program.",
    )
    found.section("Which data, from whom, on what basis, for how long")
    found.table(
        "Under each agreement in force",
        ["Agreement", "From", "Data", "Purposes", "Lawful basis and power", "Kept"],
        [
            [
                one.title,
                sentence(
                    sorted(
                        {
                            basis.organization(basis.area.contracts[f].partner)
                            for f in one.feeds
                            if f in basis.area.contracts
                        }
                    )
                ),
                sentence(in_order(name for feed in one.feeds.values() for name in feed.items)),
                sentence([words(purpose) for purpose in one.purposes]),
                f"{basis_of(one)}. {one.legal_power}",
                kept(one),
            ]
            for one in served
        ],
        widths=(2, 2, 4, 2, 4, 3),
    )
    found.section("Who sees it")
    found.say(
        "Staff of the organisations above see protected figures.",
        "Nothing is sold, and this program sends nothing abroad.",
    )
    found.section("Your rights")
    found.points([f"You can {right}." for right in RIGHTS])
    found.section("How to object")
    _objecting(found, basis)
    return found


def public_page(basis: Basis) -> Document:
    """Return the page for everybody."""
    found = Document(
        "public-page",
        f"What {basis.area.name} knows about its residents, and what came of it",
        "What is held, from whom, for what, who sees it, how to object, and which decisions it led to.",
        basis.foot,
    )
    if basis.area.profile.fictional:
        found.warn(f"{basis.area.name} is a fictional place: every person, figure and decision here is invented.")
    people, year = basis.figure("people")
    found.section("What is held")
    if people is not None:
        found.say(f"Records of about {people:,} people who used a service in the {_when(year)}. The figure is rounded.")
    else:
        found.say("How many people are in the records cannot be shown at present.")
    found.say("No name, address, telephone number or full date of birth is held. What is held of a person:")
    items = in_order(name for decision in basis.decisions.values() if decision.allowed for name in decision.items)
    found.points([text[:1].upper() + text[1:] for text in items])
    found.section("From whom")
    rows = []
    for feed, decision in sorted(basis.decisions.items(), key=lambda one: basis.feed_title(one[0])):
        contract = basis.area.contracts[feed]
        state = "Yes" if decision.allowed else f"No: {decision.reason}"
        rows.append([contract.title, basis.organization(contract.partner), state])
    found.table("Services that send records", ["Service", "Organisation", "Used now"], rows, widths=(3, 3, 3))
    found.section("For what")
    purposes = sorted({words(p) for one in basis.agreements() if basis.is_in_force(one) for p in one.purposes})
    found.points([purpose[:1].upper() + purpose[1:] for purpose in purposes])
    found.say("Not for decisions about one person: nobody can look one up here.")
    found.section("Who sees it")
    found.table(
        "Who sees figures, and what for",
        ["Who", "What for"],
        [[role.title, role.description or "not described"] for role in basis.area.profile.roles.values()],
        widths=(1, 3),
    )
    found.say("All of them see figures in which small groups are hidden. Nobody sees the records of a person.")
    found.section("How to object")
    _objecting(found, basis)
    found.section("What it led to")
    _led_to(found, basis)
    return found


def _led_to(found: Document, basis: Basis) -> None:
    if basis.led_to.is_empty():
        found.say("No decision has been recorded yet. One will stand here with what was asked and what came of it.")
        return
    for row in basis.led_to.to_dicts():
        found.section(str(row["title"]), level=3)
        decided = f"{row['decision']} ({basis.organization(str(row['organization_id']))}, {day(row['decided_on'])})"
        found.facts(
            f"Decision of {day(row['decided_on'])}",
            {
                "Asked": str(row["question"]),
                "Decided": decided,
                "Should change": str(row["expected_change"]),
                "Looked at again": day(row["review_on"]),
                "Found then": str(row["review_found"] or "not looked at yet"),
            },
        )


def _objecting(found: Document, basis: Basis) -> None:
    found.say(
        f"Write to {_contact(basis)}, or tell the service that you use. The service turns your details into the same "
        "codes as in its records, and records with those codes are left out. You need give no reason, and what a "
        "service does for you does not change."
    )


def _contact(basis: Basis) -> str:
    return basis.area.profile.contact or "the council's data protection officer"


def _organizations(basis: Basis) -> list[str]:
    ids = {
        party.organization_id for one in basis.agreements() if basis.is_in_force(one) for party in one.parties
        if party.role in ("controller", "joint_controller")
    }  # fmt: skip
    return sorted(basis.organization(one) for one in ids)


def _when(label: str) -> str:
    return label[:1].lower() + label[1:]
