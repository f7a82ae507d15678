"""docs/reference/checks.md, written from the registry: `python -m orchestration.feeds.checks_reference`."""

import sys

from orchestration.feeds.checks import SEVERITIES, Check, registry

MEANING = {
    "refuse_delivery": "Nothing of the delivery is stored",
    "refuse_row": "The row is quarantined, the rest is accepted",
    "warning": "Everything is accepted; the partner and the area are told",
    "information": "Everything is accepted; nothing need be done",
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
        f"- Quality dimension: {check.dimension}\n"
    )


if __name__ == "__main__":
    sys.stdout.write(reference_page())
