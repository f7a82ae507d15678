"""HTML attributes that are not Python names."""

from typing import Any


def aria(**values: str) -> dict[str, Any]:
    """Return ARIA attributes for a component: `aria(label="x")` is aria-label="x"; an underscore is a hyphen."""
    return {f"aria-{name.replace('_', '-')}": value for name, value in values.items()}
