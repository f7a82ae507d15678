"""The API's own description, after OpenAPI 3.1: what may be asked, in the words of the closed grammar.

Written from the lattice, so that it names every measure and dimension and no other. No value of a snapshot is in it.
"""

from typing import Any

from orchestration.release import words
from orchestration.release.lattice import DIMENSIONS, MEASURES

VERSION = "1.0.0"
ERRORS = {
    "400": "The grammar or the release gate refuses the question; `allowed` and `coarser` tell what it would answer.",
    "401": "The token is missing, unknown, revoked or past its last day.",
    "429": "Too many questions; `Retry-After` tells when to ask again.",
    "503": "Nothing is published, or the release secret is not the snapshot's.",
}


def describe(*, root: str, page_size: int, longest_page: int) -> dict[str, Any]:
    """Return the description as JSON holds it."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Joined Up",
            "version": VERSION,
            "description": "Figures about who uses a local area's services, together. Every figure is protected: "
            "noisy, rounded, and absent (null) where it would be small or give somebody away.",
        },
        "servers": [{"url": root}],
        "security": [{"token": []}],
        "paths": {
            "/figures": {"get": _figures(page_size, longest_page)},
            "/catalogue": {
                "get": {
                    "operationId": "catalogue",
                    "summary": "Measures, dimensions with their values, and periods of the published snapshot",
                    "responses": {
                        "200": _answer("The catalogue", {"type": "object"}),
                        **_problems("401", "429", "503"),
                    },
                }
            },
            "/openapi.json": {
                "get": {
                    "operationId": "openapi",
                    "summary": "This description",
                    "security": [],
                    "responses": {"200": _answer("The description", {"type": "object"}), **_problems("429")},
                }
            },
        },
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "schemas": {"Figures": _page(), "Problem": _problem()},
        },
    }


def _figures(page_size: int, longest_page: int) -> dict[str, Any]:
    return {
        "operationId": "figures",
        "summary": "One protected table: a row per cell, with its label and its figure",
        "description": "At most three attributes, filters counted. The measures and what each may be asked by: "
        + "; ".join(f"{name} ({words.MEASURES[name].unit}): {', '.join(r.dimensions)}" for name, r in MEASURES.items())
        + ".",
        "parameters": [
            _parameter("measure", {"type": "string", "enum": list(MEASURES)}, "What is counted", required=True),
            _parameter(
                "by",
                {"type": "array", "items": {"type": "string", "enum": list(DIMENSIONS)}, "maxItems": 3},
                "Dimensions of the rows, in order",
                style="form", explode=False,
            ),
            _parameter(
                "where",
                {"type": "array", "items": {"type": "string", "pattern": "^[a-z_]+=.+$"}},
                "Filters, each `dimension=value,value`; several values are the sum of their published figures",
                style="form", explode=True,
            ),
            _parameter("period", {"type": "string", "default": "all"}, "all, Y2025 (a year), 2025-Q1 or 2025-03"),
            _parameter("format", {"type": "string", "enum": ["json", "csv", "parquet"], "default": "json"}, "Form"),
            _parameter("page", {"type": "integer", "minimum": 1, "default": 1}, "Page of the rows (JSON)"),
            _parameter(
                "page_size",
                {"type": "integer", "minimum": 1, "maximum": longest_page, "default": page_size},
                "Rows a page (JSON)",
            ),
        ],
        "responses": {
            "200": _answer("The table", {"$ref": "#/components/schemas/Figures"}),
            **_problems("400", "401", "429", "503"),
        },
    }  # fmt: skip


def _parameter(
    name: str, schema: dict[str, Any], description: str, *, required: bool = False, **more: Any
) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": required, "description": description, "schema": schema, **more}


def _answer(description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": description, "content": {"application/json": {"schema": schema}}}


def _problems(*statuses: str) -> dict[str, Any]:
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {status: {"description": ERRORS[status], "content": content} for status in statuses}


def _page() -> dict[str, Any]:
    figure = {"type": ["integer", "null"], "description": "null: fewer than the threshold, none, or protected"}
    return {
        "type": "object",
        "required": ["request", "rows", "page", "pages", "row_count", "next", "total", "hidden_cells", "certificate"],
        "properties": {
            "request": {"type": "string"},
            "rows": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["value"],
                    "properties": {"value": figure, "at_least": {"type": "boolean"}},
                    "additionalProperties": {"type": "string"},
                },
            },
            "page": {"type": "integer"},
            "pages": {"type": "integer"},
            "row_count": {"type": "integer"},
            "next": {"type": ["string", "null"], "description": "Address of the next page"},
            "total": figure,
            "hidden_cells": {"type": "integer"},
            "certificate": {"type": "object", "description": "Birth certificate: feeds, match rate, protection, date"},
        },
        "additionalProperties": False,
    }


def _problem() -> dict[str, Any]:
    return {
        "type": "object",
        "required": ["title", "status", "detail"],
        "properties": {
            "type": {"type": "string"},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string"},
            "allowed": {"type": "array", "items": {"type": "string"}},
            "coarser": {"type": ["string", "null"], "description": "Query of a request that would be granted"},
        },
    }
