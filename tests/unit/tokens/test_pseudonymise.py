"""Claims of the partner's side: only the contract's columns, no name left, counts and no values in the manifest."""

import datetime as dt
import hashlib
import io
import json
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from orchestration.area import Contract
from orchestration.errors import ConfigurationError
from orchestration.feeds.pseudonymise import Manifest, PseudonymiseError, pseudonymise_file, read_key
from orchestration.feeds.tokens import WeakKeyError, make_tokens

KEY = hashlib.sha256(b"test of pseudonymise").digest()
TODAY = dt.date(2026, 10, 20)
CONTRACT = Contract.model_validate(
    {
        "feed": "debt_advice",
        "title": "Debt advice",
        "partner": "adviser",
        "agreement": "a1",
        "files": {"main": {"pattern": ".*"}},
        "delivery": {"mode": "snapshot"},
        "entities": {
            "person": {
                "columns": {
                    "source_ref": {"from": "Ref", "required": True},
                    "tok_nhs": {"from": "nhs_token", "type": "token"},
                    "tok_name_dob": {"from": "name_token", "type": "token"},
                    "household_token": {"from": "home", "type": "token"},
                    "birth_month": {"from": "Born", "type": "month", "formats": ["%m/%Y"]},
                    "sex": "Sex",
                    "lsoa_code": "Area",
                }
            }
        },
    }
)
CLEAR = """Ref;First Name;Last Name;DOB;NHS No;Home Postcode;UPRN;Sex;Notes
1;Liz;Smith;04/03/1980;943 476 5919;BA1 1AA;12345;F;rang on Tuesday
2;Mohammed;Khan;31/12/85;;ba1 1aa;;M;
3;UNKNOWN;;01/01/1900;1234567890;ZZ99 3VZ;;U;
"""


@pytest.fixture
def clear(tmp_path: Path) -> Path:
    path = tmp_path / "clear.csv"
    path.write_text(CLEAR.replace("31/12/85", "31/12/1985"), encoding="utf-8")
    return path


def run(clear: Path, **options: object) -> tuple[pl.DataFrame, Manifest]:
    out = clear.with_name("made.csv")
    manifest = pseudonymise_file(clear, contract=CONTRACT, key=KEY, out=out, today=TODAY, **options)  # type: ignore[arg-type]
    return pl.read_csv(out, infer_schema_length=0), manifest


def test_only_the_contracts_columns_are_written(clear: Path) -> None:
    made, manifest = run(clear)
    assert made.columns == ["Ref", "nhs_token", "name_token", "home", "Born", "Sex"]
    assert manifest.left_out == 7


def test_an_identifying_column_is_not_written_even_where_the_contract_has_its_header(clear: Path) -> None:
    clear.write_text(clear.read_text().replace(";UPRN;", ";Area;"), encoding="utf-8")
    made, _ = run(clear, columns={"uprn": "Area"})
    assert "Area" not in made.columns
    assert made["home"][0] is not None


def test_no_name_number_or_note_is_in_what_is_written(clear: Path) -> None:
    run(clear)
    written = clear.with_name("made.csv").read_text() + clear.with_name("made.csv.manifest.json").read_text()
    for value in ("Liz", "Smith", "Khan", "943", "BA1", "12345;", "Tuesday", "1980-03-04"):
        assert value not in written


def test_tokens_and_month_of_birth_are_those_of_the_row(clear: Path) -> None:
    made, _ = run(clear)
    expected = make_tokens(
        pl.DataFrame(
            {
                "forename": ["Elizabeth"],
                "surname": ["Smith"],
                "birth_date": [dt.date(1980, 3, 4)],
                "nhs_number": ["9434765919"],
                "uprn": ["12345"],
            }
        ),
        KEY,
    )
    first = made.row(0, named=True)
    assert first["nhs_token"] == expected["tok_nhs"][0]
    assert first["name_token"] == expected["tok_name_dob"][0]
    assert first["home"] == expected["household_token"][0]
    assert made["Born"].to_list() == ["03/1980", "12/1985", None]


def test_the_manifest_counts_what_was_given_and_what_was_usable(clear: Path) -> None:
    _, manifest = run(clear)
    assert manifest.rows == 3
    assert manifest.identifiers["nhs_number"] == {"given": 2, "usable": 1}
    assert manifest.identifiers["forename"] == {"given": 3, "usable": 2}
    assert manifest.tokens["tok_name_dob"] == 2
    told = json.loads(manifest.to_json())
    assert told["key_id"] and told["tool_version"] and KEY.hex() not in manifest.to_json()
    assert manifest.sha256 == hashlib.sha256(clear.with_name("made.csv").read_bytes()).hexdigest()


def test_the_small_area_comes_from_the_partners_own_lookup(clear: Path, tmp_path: Path) -> None:
    lookup = tmp_path / "lookup.csv"
    lookup.write_text("pcds,lsoa21cd\nBA1 1AA,E01000001\n", encoding="utf-8")
    made, _ = run(clear, postcode_lookup=lookup)
    assert made["Area"].to_list() == ["E01000001", "E01000001", None]


def test_two_digit_years_are_never_in_the_future(tmp_path: Path) -> None:
    path = tmp_path / "clear.csv"
    path.write_text("Ref,Forename,Surname,DOB\n1,Ann,Lee,31/12/28\n2,Bob,Ray,01/02/19\n", encoding="utf-8")
    made, _ = run(path)
    assert made["Born"].to_list() == ["12/1928", "02/2019"]


def test_columns_that_the_contract_names_by_a_pattern_are_written_too(clear: Path) -> None:
    need = {
        "unpivot": {"pattern": r"need_\d"},
        "columns": {"source_ref": {"from": "Ref"}, "need_code": {"from": "value"}},
    }
    wide = Contract.model_validate(
        CONTRACT.model_dump(by_alias=True)
        | {"entities": {**CONTRACT.model_dump(by_alias=True)["entities"], "need": need}}
    )
    lines = clear.read_text(encoding="utf-8").splitlines()
    clear.write_text("\n".join([f"{lines[0]};need_1", *(f"{line};debt" for line in lines[1:])]), encoding="utf-8")
    manifest = pseudonymise_file(clear, contract=wide, key=KEY, out=clear.with_name("made.csv"), today=TODAY)
    assert manifest.columns[-1] == "need_1"
    assert "Notes" not in manifest.columns


def test_columns_with_unusual_headers_can_be_named(tmp_path: Path) -> None:
    path = tmp_path / "clear.csv"
    path.write_text("Ref,Who,Whose,When\n1,Liz,Smith,14/03/1980\n", encoding="utf-8")
    with pytest.raises(PseudonymiseError, match="looks like an identifier"):
        run(path)
    made, _ = run(path, columns={"forename": "Who", "surname": "Whose", "birth_date": "When"})
    assert made["name_token"][0] is not None


def test_an_agreed_column_that_still_holds_identifiers_stops_everything(tmp_path: Path) -> None:
    path = tmp_path / "clear.csv"
    path.write_text("Ref,Forename,Surname,DOB\njo@mail.example,Ann,Lee,31/12/1928\n", encoding="utf-8")
    with pytest.raises(PseudonymiseError, match="would still name people"):
        run(path)
    assert not path.with_name("made.csv").exists()


def test_the_clear_text_file_is_never_overwritten(clear: Path) -> None:
    with pytest.raises(PseudonymiseError, match="clear-text file itself"):
        pseudonymise_file(clear, contract=CONTRACT, key=KEY, out=clear, today=TODAY)


def test_a_weak_key_stops_before_anything_is_read(tmp_path: Path) -> None:
    with pytest.raises(WeakKeyError):
        pseudonymise_file(tmp_path / "absent.csv", contract=CONTRACT, key=b"weak", out=tmp_path / "o.csv", today=TODAY)


def test_a_key_is_read_as_hexadecimal_or_as_bytes_and_from_standard_input(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "hex.key").write_text(KEY.hex() + "\n")
    (tmp_path / "raw.key").write_bytes(KEY)
    assert read_key(tmp_path / "hex.key") == read_key(tmp_path / "raw.key") == KEY
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(KEY.hex().encode())))
    assert read_key(None) == KEY
    with pytest.raises(ConfigurationError, match="cannot be read"):
        read_key(tmp_path / "absent.key")


def test_the_partners_side_needs_no_pipeline() -> None:
    code = (
        "import sys, orchestration.feeds.pseudonymise\n"
        "heavy = {'dagster', 'dbt', 'dash', 'splink', 'duckdb', 'plotly', 'scipy'}\n"
        "print(sorted({name.split('.')[0] for name in sys.modules} & heavy))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
