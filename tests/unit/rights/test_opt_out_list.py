"""An opt-out list is read whole or not at all, and a fault is told by its line, never by its token."""

import pytest

from orchestration.errors import HomeError
from orchestration.rights.opt_out_list import read_opt_outs

ONE, TWO = "a" * 32, "b" * 32
PURPOSES = ["service_design", "research"]


def test_tokens_are_read_by_purpose_and_once() -> None:
    text = (
        f"\ufeffpurpose,token,note\nservice_design,{ONE},x\nresearch,{ONE},\nservice_design, {TWO} ,\nresearch,{ONE},\n"
    )
    assert read_opt_outs(text, purposes=PURPOSES) == {"service_design": [ONE, TWO], "research": [ONE]}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "needs a first line"),
        (f"{ONE}\n", "needs a first line"),
        ("token,purpose\n", "names nobody"),
        (f"token,purpose\n{ONE},service_design\nshort,research\n", "Line 3 has no token"),
        (f"token,purpose\n{ONE},marketing\n", "Line 2: no agreement names that purpose; choose one of research"),
        (f"token,purpose\n{ONE}\n", "Line 2: no agreement names that purpose"),
        (f'token,purpose\n"{ONE}"x,service_design\n', "cannot be read as CSV from line"),
    ],
)
def test_a_fault_is_told_by_its_line(text: str, told: str) -> None:
    with pytest.raises(HomeError, match=told) as caught:
        read_opt_outs(text, purposes=PURPOSES)
    assert ONE not in str(caught.value)
