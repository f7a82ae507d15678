"""The record of processing activities (UK GDPR Article 30(1)), one activity an agreement."""

from orchestration.area import Agreement
from orchestration.documents.basis import (
    ROLES,
    SPECIAL_ITEMS,
    Basis,
    basis_of,
    day,
    in_order,
    item,
    kept,
    sentence,
    words,
)
from orchestration.documents.measures import security
from orchestration.documents.model import Document


def article_30(basis: Basis) -> Document:
    """Return the record."""
    found = Document(
        "article-30-record",
        f"Record of processing activities: {basis.area.name}",
        "UK GDPR Article 30(1), with the conditions for special-category and criminal-offence data.",
        basis.foot,
    )
    found.section("Who keeps this record")
    found.facts(
        "The area",
        {
            "Area": basis.area.name,
            "Questions to": basis.area.profile.contact or "no contact is set in area.yaml",
            "Controllers": sentence(_controllers(basis)),
            "Data protection officers": "Each controller's own; the area pack names no person.",
        },
    )
    found.section("All activities")
    found.table(
        "Processing activities and their state today",
        ["Activity", "Agreement", "State", "Lawful basis", "Reviewed by"],
        [
            [one.title, f"{one.id}, version {one.version}", basis.state(one), basis_of(one), day(one.review_on)]
            for one in basis.agreements()
        ],
        widths=(3, 3, 2, 4, 2),
    )
    for agreement in basis.agreements():
        found.section(agreement.title)
        found.facts(f"Activity under {agreement.id}", _activity(basis, agreement))
    found.section("Security of all activities")
    found.points(security())
    return found


def _activity(basis: Basis, agreement: Agreement) -> dict[str, str]:
    roles = [f"{basis.organization(party.organization_id)} ({ROLES[party.role]})" for party in agreement.parties]
    recipients = [
        basis.area.profile.roles[one].title if one in basis.area.profile.roles else one for one in agreement.audiences
    ]
    items = sorted({name for feed in agreement.feeds.values() for name in feed.items})
    feeds = [basis.feed_title(feed) for feed in agreement.feeds]
    return {
        "State": basis.state(agreement),
        "Controllers and parties": sentence(roles),
        "Purposes": sentence([words(purpose) for purpose in agreement.purposes]),
        "Categories of people": f"People in contact with: {', '.join(feeds)}",
        "Categories of data": sentence(in_order(items)),
        "Special categories": special(agreement, items),
        "Recipients": f"{sentence(recipients)}: protected figures only, under the policy “{agreement.release_policy}”",
        "Transfers abroad": "None by this program. Each controller answers for the machines that it runs on.",
        "Erasure": sentence([kept(agreement)]),
        "Lawful basis": basis_of(agreement),
        "Legal power": agreement.legal_power,
        "Impact assessment": agreement.dpia.reference if agreement.dpia else "none is named",
        "In force": f"{day(agreement.starts_on)} to {day(agreement.expires_on)}",
    }


def special(agreement: Agreement, items: list[str]) -> str:
    """Return which data are of a special category or about offences, and the condition."""
    named = [item(name) for name in items if name in SPECIAL_ITEMS]
    conditions = [text for text in (agreement.lawful_basis.article_9, agreement.lawful_basis.schedule_1) if text]
    told = f"{sentence(named)}" if named else "None among the items"
    about = "; what the service is may itself tell of health or need"
    offences = agreement.lawful_basis.criminal_offence
    return (
        f"{told}{about}. Condition: {'; '.join(conditions) or 'none is named'}."
        f"{f' Criminal offences: {offences}.' if offences else ''}"
    )


def _controllers(basis: Basis) -> list[str]:
    ids = {
        party.organization_id
        for agreement in basis.agreements()
        for party in agreement.parties
        if party.role in ("controller", "joint_controller")
    }
    return sorted(basis.organization(one) for one in ids)
