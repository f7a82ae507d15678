"""Where the real files for acceptance tests are; they are never committed."""

import os
from pathlib import Path

import pytest

VARIABLE = "JOINEDUP_ACCEPTANCE_DATA"


def acceptance_data(*parts: str) -> Path:
    """Return a file or folder of the acceptance data; skip the test, saying why, where there is none."""
    root = os.environ.get(VARIABLE)
    if not root:
        pytest.skip(f"{VARIABLE} is not set: it names the folder of real files that are not committed")
    path = Path(root).joinpath(*parts)
    if not path.exists():
        pytest.skip(f"{VARIABLE} names {root}, which holds no {'/'.join(parts)}")
    return path
