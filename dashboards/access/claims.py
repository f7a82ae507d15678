"""From a provider's claims to a person with roles here. Pure: what a claim means, and when none can be made of it."""

from collections.abc import Mapping
from typing import Any

from dashboards.access.sessions import Person
from orchestration.sign_in import ROLES, SignIn


class NoRole(Exception):  # noqa: N818 - an answer to a person, not a fault of the program
    """The claims give nobody a role here; the text says what to ask of whom, and quotes no claim."""


def person_of(claims: Mapping[str, Any], sign_in: SignIn) -> Person:
    """Return the person that claims describe; raise NoRole when they are given nothing to see."""
    values = _texts(claims.get(sign_in.role_claim))
    if not values and is_overfull(claims, sign_in.role_claim):
        raise NoRole(
            "Your account is in more groups than the provider writes into a token (over 200), so it sent a link "
            "instead. Ask who runs sign-in to give out app roles, or only groups assigned to this application."
        )
    roles = frozenset(_role(value, sign_in) for value in values) & frozenset(ROLES)
    if not roles:
        raise NoRole(
            "Your account has no role here. Ask who runs sign-in to give you one of: " + ", ".join(ROLES) + "."
        )
    organisations = _texts(claims.get(sign_in.partner_claim))
    if "partner" in roles and len(organisations) != 1:
        raise NoRole(
            "Your account has the role of a partner, but not exactly one partner. Ask who runs sign-in to set it."
        )
    return Person(str(claims["sub"]), roles, organisations[0] if "partner" in roles else None)


def is_overfull(claims: Mapping[str, Any], claim: str) -> bool:
    """Whether the provider left a claim out for its length: Entra ID sends `_claim_names`, or `hasgroups`."""
    names = claims.get("_claim_names")
    return (isinstance(names, Mapping) and claim in names) or (claim == "groups" and bool(claims.get("hasgroups")))


def _role(value: str, sign_in: SignIn) -> str:
    """Return the role that a value stands for. With a map, only the map counts: a group may be called anything."""
    return sign_in.role_map.get(value, "") if sign_in.role_map else value


def _texts(value: object) -> list[str]:
    if isinstance(value, str):
        return [value] if value else []
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []
