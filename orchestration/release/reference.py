"""docs/reference/measures.md, written from the words that readers see, so that page and product cannot differ.

`python -m orchestration.release.reference` prints it; a test compares it with the file.
"""

import sys

from orchestration.release import words
from orchestration.release.lattice import COARSER, MEASURES, NEVER_TOGETHER
from orchestration.release.policy import POLICIES

HEAD = """# Measures and dimensions

What can be asked of the release gate, by a page, a report or `joinedup query`. Written from
`orchestration/release/words.py`; a test keeps it in step. How figures are protected is in
[disclosure control](../explanation/disclosure.md).
"""


def measures_page() -> str:
    """Return the whole page as Markdown."""
    lines = [HEAD, "## Measures", ""]
    for name, rule in MEASURES.items():
        text = words.MEASURES[name]
        needs = " or ".join("`" + " + ".join(group) + "`" for group in rule.needed)
        lines += [
            f"### {text.label} (`{name}`)",
            "",
            text.definition,
            "",
            f"- Unit: {text.unit}",
            f"- Counted: {text.counted}",
            f"- Not counted: {text.not_counted}",
            f"- Periods: {', '.join(rule.levels)}",
            *([f"- Needs: {needs}, in `by` or `where`"] if needs else []),
            f"- Dimensions: {', '.join(f'`{dimension}`' for dimension in rule.dimensions)}",
            *(f"- {caveat}" for caveat in text.caveats),
            "",
        ]
    lines += ["## Dimensions", "", "| dimension | label | meaning | values |", "| --- | --- | --- | --- |"]
    for name, dimension in words.DIMENSIONS.items():
        values = ", ".join(f"`{code}` {label}" for code, label in dimension.codes) or "from the area"
        lines.append(f"| `{name}` | {dimension.label} | {dimension.definition} | {values} |")
    nested = ", ".join(f"`{finer}` in `{coarser}`" for finer, coarser in COARSER.items())
    apart = ", ".join(" with ".join(f"`{name}`" for name in sorted(group)) for group in NEVER_TOGETHER)
    lines += [
        "",
        "## Rules of a request",
        "",
        "- At most three dimensions, those of `by` and `where` counted together.",
        f"- One level of each hierarchy: {nested}. The coarser one may choose among the finer one's values.",
        f"- Never together: {apart}.",
        "- Several values of a filter are answered as the sum of their published figures.",
        "",
        "## Policies",
        "",
        "| policy | smallest figure | for sensitive services | rounded to |",
        "| --- | --- | --- | --- |",
        *(
            f"| `{policy.name}` | {policy.threshold} | {policy.sensitive_threshold} | {policy.rounding_base} |"
            for policy in POLICIES.values()
        ),
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.stdout.write(measures_page())
