"""The schedule of one agreement, for signature: the fields of the ICO's data-sharing code, as its file has them."""

from orchestration.area import Agreement
from orchestration.documents.basis import ROLES, STATUS, Basis, basis_of, day, item, kept, sentence, words
from orchestration.documents.model import Document

LINE = "................................"


def schedule(basis: Basis, agreement: Agreement) -> Document:
    """Return the schedule of an agreement."""
    found = Document(
        f"agreement-{agreement.id}",
        f"Information-sharing agreement: {agreement.title}",
        f"{agreement.id}, version {agreement.version}; {STATUS[agreement.status]}; {basis.state(agreement)}.",
        basis.foot,
    )
    if agreement.status not in ("signed", "ended", "expired"):
        found.warn(f"This agreement is {STATUS[agreement.status]}: no data are shared under it until all have signed.")
    found.section("Parties")
    found.table(
        "Parties and their roles",
        ["Organisation", "Role under the UK GDPR"],
        [[basis.organization(party.organization_id), ROLES[party.role]] for party in agreement.parties],
    )
    found.section("Purpose and law")
    found.facts(
        "Purpose and law",
        {
            "Purposes": sentence([words(purpose) for purpose in agreement.purposes]),
            "Lawful basis": basis_of(agreement),
            "Legal power": agreement.legal_power,
            "Impact assessment": (
                f"{agreement.dpia.reference}, completed {day(agreement.dpia.completed_on)}"
                if agreement.dpia
                else "none is named"
            ),
        },
    )
    found.section("What is shared")
    found.table(
        "Data items by feed",
        ["Feed", "Data items", "How often"],
        [
            [basis.feed_title(feed), sentence([item(name) for name in permission.items]), agreement.frequency]
            for feed, permission in agreement.feeds.items()
        ],
        widths=(2, 6, 1),
    )
    found.facts(
        "Use, keeping and end",
        {
            "Who may see figures": sentence([words(one) for one in agreement.audiences]),
            "Release policy": agreement.release_policy,
            "Kept": sentence([kept(agreement)]),
            "Begins": day(agreement.starts_on),
            "Reviewed by": day(agreement.review_on),
            "Ends": day(agreement.expires_on),
            "Rights of people": f"Objections and requests go to {basis.area.profile.contact or 'each controller'}.",
            "Security": "Identifiers are replaced by keyed tokens before anything is sent; figures alone leave.",
            "Notes": agreement.notes,
        },
    )
    found.section("Signatures")
    named = [[basis.organization(one.organization_id), one.role, day(one.signed_on)] for one in agreement.signatories]
    missing = {party.organization_id for party in agreement.parties} - {
        one.organization_id for one in agreement.signatories
    }
    named += [[basis.organization(one), LINE, "not signed"] for one in sorted(missing)]
    found.table(
        "For each organisation",
        ["Organisation", "Role of who signs", "Signed on (as recorded)", "Name and signature"],
        [[*row, LINE] for row in named],
        widths=(3, 3, 2, 3),
    )
    return found
