"""docs/reference/checks.md, written from the registry: `python -m orchestration.feeds.checks_reference`."""

import sys

from orchestration.feeds.checks import SEVERITIES, Check, Judges, registry

MEANING = {
    "refuse_delivery": "Nothing of the delivery is stored",
    "refuse_row": "The row is quarantined, the rest is accepted",
    "warning": "Everything is accepted; the partner and the area are told",
    "information": "Everything is accepted; nothing need be done",
}
LOOKS_AT: dict[Judges, str] = {
    "row": "each row by itself",
    "rows": "accepted rows beside each other",
    "delivery": "the files and figures of the delivery",
    "history": "the delivery beside those of the periods before it",
}
HEAD = """# Checks of a delivery

Every delivery goes through these checks, and `joinedup check FILE --feed F` runs the same ones before it is sent. A
receipt lists those that found something, with the number of rows, up to five example row numbers, and the guidance
below. It never shows a value. A contract may change the severity of a check for its own feed, or switch it off:

```yaml
checks:
  person_unknown: "off"
  code_not_in_list: refuse_row
```

`refuse_row` is only for checks that look at a row or at rows beside each other. A comparison with earlier periods
takes the newest accepted delivery of each of up to six periods before, whatever the order in which they arrived;
when an older period arrives late, later ones are judged anew. A delivery that a comparison refuses is held, stands
nowhere, and is judged again with every new delivery of its feed. Thresholds and their sources are in
`orchestration/feeds/comparisons.py`. [Add a check](../how-to/add-a-check.md) says how to write one.

Scores on the six dimensions of the Government Data Quality Framework are the mean share of rows without a fault
over the fields that a dimension is measured in, with the worst field and its own share beside it
(`orchestration/feeds/quality.py`).

This page is written from `orchestration/feeds/checks.yaml`; a test keeps the two the same.
"""


def reference_page() -> str:
    """Return the page: the checks by severity, the gravest first."""
    parts = [HEAD]
    for severity in SEVERITIES:
        parts.append(f"## {severity.replace('_', ' ').capitalize()}\n\n{MEANING[severity]}.\n")
        parts.extend(_entry(check) for check in registry().values() if check.severity == severity)
    return "\n".join(parts)


def _entry(check: Check) -> str:
    return (
        f"### {check.id}\n\n{check.what}\n\n- Why it matters: {check.why}\n- How to mend it: {check.mend}\n"
        f"- Looks at: {LOOKS_AT[check.judges]}\n- Quality dimension: {check.dimension}\n"
    )


if __name__ == "__main__":
    sys.stdout.write(reference_page())
