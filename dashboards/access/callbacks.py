"""What a browser posts to a callback is checked before Dash reads it: what no page of ours sends is refused with 400.

Dash hands over whatever was posted, and a callback given a list where it expects a text would end in a 500. What does
not belong here: who may post (dashboards.access.door), and whether a text means anything (each page, and the gate).
"""

from collections.abc import Mapping, Sequence
from typing import Any

from dash import Dash
from flask import Response, jsonify, request

CALLBACK = "/_dash-update-component"
LONGEST_TEXT = 4_000
"""Longer than any address or choice of a page."""
PATTERN = "{"
"""Begins the id of a callback over many components, whose ids are no texts."""
Part = Mapping[str, Any]


def add_callback_checks(app: Dash) -> None:
    """Refuse tampered posts to callbacks. Comes after the guard, so that nobody learns what there is to post to."""

    def check() -> tuple[Response, int] | None:
        if request.path != CALLBACK or request.method != "POST":
            return None
        if is_ours(request.get_json(silent=True), app.callback_map):
            return None
        return jsonify(error="This is not what the page sends: load it again."), 400

    app.server.before_request(check)


def is_ours(body: object, known: Mapping[str, Any]) -> bool:
    """Whether a body names a callback there is, with its own outputs, inputs and state, and values of their kind."""
    if not isinstance(body, dict) or not isinstance(body.get("output"), str) or body["output"] not in known:
        return False
    registered, changed = known[body["output"]], body.get("changedPropIds")
    if not (isinstance(changed, list) and all(isinstance(name, str) for name in changed)):
        return False
    return (
        _are_outputs(body["output"], body.get("outputs"))
        and _are_parts(body.get("inputs"), registered["inputs"])
        and _are_parts(body.get("state", []), registered["state"])
    )


def _are_outputs(output: str, said: object) -> bool:
    if PATTERN in output:
        return isinstance(said, dict | list)
    is_several = output.startswith("..")
    names = output.strip(".").split("...") if is_several else [output]
    parts = said if is_several else [said]
    return (
        isinstance(parts, list)
        and len(parts) == len(names)
        and all(
            isinstance(part, dict) and f"{part.get('id')}.{part.get('property')}" == name.partition("@")[0]
            for part, name in zip(parts, names, strict=True)
        )
    )


def _are_parts(said: object, registered: Sequence[Part]) -> bool:
    if not isinstance(said, list) or len(said) != len(registered):
        return False
    return all(_is_part(part, own) for part, own in zip(said, registered, strict=True))


def _is_part(part: object, own: Part) -> bool:
    if PATTERN in str(own["id"]):
        return isinstance(part, dict | list)
    if not isinstance(part, dict) or (part.get("id"), part.get("property")) != (own["id"], own["property"]):
        return False
    return _is_of_its_kind(part.get("value"), str(own["id"]), str(own["property"]))


def _is_of_its_kind(value: object, name: str, prop: str) -> bool:
    """Whether a value is of the kind that the component has: texts where a page expects a text."""
    if isinstance(value, str) and not _is_plain(value):
        return False
    if value is None:
        return True
    if prop == "pathname":
        return isinstance(value, str) and value.startswith("/")
    if prop == "search" or (prop == "value" and name.endswith("-select")) or name == "shell-scheme-store":
        return isinstance(value, str)
    return isinstance(value, bool) if prop == "opened" else True


def _is_plain(text: str) -> bool:
    """Whether a text is no longer than any of ours and can be written as UTF-8: half a surrogate pair cannot."""
    return len(text) <= LONGEST_TEXT and not any("\ud800" <= letter <= "\udfff" for letter in text)
