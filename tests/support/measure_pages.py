"""Write docs/reference/statistics.md from the words beside each measure: python -m tests.support.measure_pages."""

from typing import Any

import yaml

from orchestration.settings import repository_root

MEASURES = repository_root() / "dbt_project" / "models" / "marts" / "measures"
PAGE = repository_root() / "docs" / "reference" / "statistics.md"
OPENING = """# Statistics of the combined view

What the warehouse answers beyond counts, table by table. The words stand once, beside the columns, in
`dbt_project/models/marts/measures`; this page is written from them and a test keeps it in step. The
counts that pages and commands show are in [measures and dimensions](measures.md), the rules in
[the warehouse](warehouse.md).

These tables are unprotected. Nothing of them is published: a page may show a share, a rate or a median only as the
release gate works it out from counts that it has protected.
"""


def measures() -> dict[str, dict[str, Any]]:
    """Return the words of each measure by the name of its table."""
    return {model["name"]: model["config"]["meta"]["measure"] for model in _described()}


def page() -> str:
    """Return the whole page."""
    return "\n".join([OPENING, *(_section(model) for model in _described())])


def _described() -> list[dict[str, Any]]:
    """Return the models that have words, `_measures.yml` first."""
    first = MEASURES / "_measures.yml"
    paths = [first, *(path for path in sorted(MEASURES.glob("_*.yml")) if path != first)]
    files = [yaml.safe_load(path.read_text(encoding="utf-8")) for path in paths]
    return [model for file in files for model in file.get("models", []) if "config" in model]


def _section(model: dict[str, Any]) -> str:
    words = model["config"]["meta"]["measure"]
    return "\n".join(
        [
            f"## {words['label']} (`{model['name']}`)",
            "",
            words["definition"],
            "",
            f"- Table: {model['description']}",
            f"- Unit: {words['unit']}",
            f"- Counted: {words['universe']}",
            f"- Age date: {words['age_date']}",
            *(f"- {caveat}" for caveat in words["caveats"]),
            "",
        ]
    )


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
