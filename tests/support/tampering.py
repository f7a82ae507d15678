"""Tampered requests to the running app, from a fixed seed: what a browser would send, and what it never would."""

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

CALLBACK = "/_dash-update-component"
STRANGE: tuple[Any, ...] = (
    None, True, -1, 1e308, 9**30, "", "'; drop table x; --", "\x00", "ｓｅｘ", "\ud800", "A" * 6_000,
    "../../etc/passwd", "{{7*7}}", "<script>", "sex:F' or 1=1", [], ["a"], [[[]]], {}, {"a": 1}, {"__proto__": {}},
)  # fmt: skip
TEXTS = tuple(value for value in STRANGE if isinstance(value, str) and "\ud800" not in value)
WORDS = (
    "people",
    "service",
    "msoa",
    "age_band",
    "sex",
    "month",
    "period",
    "all",
    "Y2025",
    "2026-03",
    "person_no",
    "record_key",
)
PATHS = ("/who", "/together", "/places", "/flow", "/trust", "/", "/own", "/no-such", "//evil.example", "/who/../trust")
NAMES = ("period", "use", "group", "area", "view", "first", "colour_scheme", "self", "visit", "x" * 300)
ROUTES = (
    "/download.csv",
    "/download.json",
    "/download.xlsx",
    "/api/v1/figures",
    "/api/v1/figures",
    "/api/v1/catalogue",
)
OTHERS = (
    "/documents/",
    "/assets/",
    "/healthz",
    "/readyz",
    "/_dash-layout",
    "/_dash-dependencies",
    "/_reload-hash",
    "/",
)


@dataclass(frozen=True)
class Tampered:
    """One request of the attacker's."""

    method: str
    path: str
    body: str | None = None
    headers: dict[str, str] = field(default_factory=dict)


def tampered(callbacks: list[dict[str, Any]], *, requests: int, drawn_pages: int, seed: int = 10) -> Iterator[Tampered]:
    """Yield so many requests: most of them to callbacks, the rest to figures, pages and files.

    `drawn_pages` of them are whole callbacks of the router with a strange address, which are the slow ones.
    """
    rng = random.Random(seed)
    slow = set(rng.sample(range(requests), drawn_pages))
    for number in range(requests):
        if number in slow:
            yield _page(rng, callbacks)
        elif rng.random() < 0.7:
            yield _callback(rng, callbacks)
        else:
            yield _route(rng)


def _callback(rng: random.Random, callbacks: list[dict[str, Any]]) -> Tampered:
    body = _body(rng, rng.choice(callbacks))
    other = rng.choice(callbacks)
    match rng.randrange(8):
        case 0:
            body.pop(rng.choice(list(body)))
        case 1:
            body[rng.choice(list(body))] = rng.choice(STRANGE)
        case 2:
            body["inputs"] = body["inputs"] * 2
        case 3:
            body["inputs"], body["state"] = body["state"], body["inputs"]
        case 4:
            body["output"] = other["output"]  # what another page, perhaps of another role, listens to
        case 5:
            body["outputs"] = [{"id": "_pages_content", "property": "children"}]
        case 6:
            body["output"] = rng.choice(("srv_person.record_key", "..", "_pages_content.children", "x" * 5_000))
        case _:
            pass
    text = json.dumps(body)
    if rng.random() < 0.05:
        text = text[: rng.randrange(len(text))]
    return Tampered("POST", CALLBACK, text)


def _body(rng: random.Random, callback: dict[str, Any]) -> dict[str, Any]:
    output = callback["output"]
    names = output.strip(".").split("...")
    outputs = [dict(zip(("id", "property"), name.rsplit(".", 1), strict=True)) for name in names]
    parts = {
        kind: [{"id": one["id"], "property": one["property"], "value": rng.choice(STRANGE)} for one in callback[kind]]
        for kind in ("inputs", "state")
    }
    return {
        "output": output,
        "outputs": outputs if output.startswith("..") else outputs[0],
        **parts,
        "changedPropIds": [f"{one['id']}.{one['property']}" for one in callback["inputs"][:1]],
    }


def _page(rng: random.Random, callbacks: list[dict[str, Any]]) -> Tampered:
    router = next(one for one in callbacks if "_pages_content" in one["output"])
    query = [(rng.choice(NAMES), rng.choice((*TEXTS, *WORDS, "sex:F", "service:debt_advice"))) for _pair in range(3)]
    if rng.random() < 0.3:
        query.append(query[0])  # a name twice: Dash makes a list of it
    body = _body(rng, router)
    values = (rng.choice(PATHS), f"?{urlencode(query)}", "light")
    for part, value in zip(body["inputs"], values, strict=True):
        part["value"] = value
    return Tampered("POST", CALLBACK, json.dumps(body))


def _route(rng: random.Random) -> Tampered:
    if rng.random() < 0.25:
        path = rng.choice(OTHERS) + rng.choice(
            ("", "%2e%2e/%2e%2e/etc/passwd", "x.pdf", "a" * 2_000, "%00", "dpia-pack.html")
        )
        return Tampered(rng.choice(("GET", "HEAD", "PUT", "DELETE", "OPTIONS", "POST")), path)
    words = (*WORDS, *TEXTS)
    pairs = [(name, str(rng.choice(words))) for name in ("measure", "by", "by", "period") if rng.random() < 0.9]
    pairs += [("where", f"{rng.choice(words)}={rng.choice(words)}") for _filter in range(rng.randrange(3))]
    pairs += [(name, str(rng.choice(STRANGE[:6]))) for name in ("page", "page_size", "format") if rng.random() < 0.2]
    return Tampered("GET", f"{rng.choice(ROUTES)}?{urlencode(pairs)}")
