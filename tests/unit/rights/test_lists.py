"""Lists of marks over changes of key, and a search that no damaged or otherwise written file gets round."""

import gzip
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from orchestration.errors import HomeError
from orchestration.feeds.token_bridges import put_bridge
from orchestration.rights.bridges import follow_bridges
from orchestration.rights.marks import FORGOTTEN, OBJECTIONS, add_to_list, read_list, rights_key, token_marks
from orchestration.rights.searching import search_home
from orchestration.settings import Settings

DAY = date(2026, 10, 20)
FORMER, NEWER, NEWEST, OTHER = (sign * 32 for sign in "abcd")
NOBODY = pl.DataFrame(schema={"feed": pl.String, "source_ref": pl.String})


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    made = Settings(area_dir=tmp_path / "pack", home=tmp_path / "var")
    made.make_folders()
    return made


def mark(settings: Settings, token: str) -> str:
    return str(token_marks(settings, pl.Series("token", [token]))[0])


@pytest.mark.parametrize("name", [FORGOTTEN, OBJECTIONS])
@pytest.mark.parametrize("known", [FORMER, NEWEST])
def test_whoever_is_listed_by_one_key_is_listed_by_all_that_bridges_lead_to(
    settings: Settings, name: str, known: str
) -> None:
    for number, (previous, current) in enumerate([(FORMER, NEWER), (NEWER, NEWEST), (OTHER, "e" * 32)]):
        pairs = pl.DataFrame({"kind": ["tok_nhs"], "previous": [previous], "current": [current]})
        put_bridge(settings, "debt_advice", f"{number:016x}", pairs)
    add_to_list(settings, name, tokens=[mark(settings, known)], request="r", since=DAY, purpose="service_design")
    follow_bridges(settings, name, since=DAY)
    assert set(read_list(settings, name)["mark"]) == {mark(settings, one) for one in (FORMER, NEWER, NEWEST)}
    assert set(read_list(settings, name)["purpose"]) == {"service_design"}


def test_a_lost_key_of_marks_stops_everything_instead_of_forgetting_whom_to_forget(settings: Settings) -> None:
    add_to_list(settings, FORGOTTEN, tokens=[mark(settings, FORMER)], request="r", since=DAY)
    (settings.state / "rights.key").unlink()
    with pytest.raises(HomeError, match=r"rights\.key is missing"):
        rights_key(settings)
    with pytest.raises(HomeError, match=r"rights\.key is missing"):
        read_list(settings, FORGOTTEN)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("plain.csv", FORMER.encode()),
        ("wide.csv", f"x,{FORMER}\n".encode("utf-16")),
        ("packed.csv.gz", gzip.compress(FORMER.encode(), mtime=0)),
        ("half.parquet", b"PAR1" + FORMER.encode()),
        ("half.csv.gz", b"\x1f\x8b" + FORMER.encode()),
        ("half.zip", b"PK\x03\x04" + FORMER.encode()),
    ],
)
def test_a_search_finds_somebody_however_a_file_is_written(settings: Settings, name: str, content: bytes) -> None:
    path = settings.landing / name
    path.write_bytes(content)
    assert search_home(settings, [FORMER], NOBODY).found == [f"landing/{name}"]
    assert search_home(settings, [OTHER], NOBODY).found == []
