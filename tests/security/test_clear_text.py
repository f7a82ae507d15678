"""A clear-text file that lands is refused whatever its form, nothing of it is kept, and it is said to delete it."""

import gzip
import io
from pathlib import Path

import polars as pl
import pytest

from orchestration.feeds.receipts import read_receipts
from tests.support.deliveries import HEADER, deliver, found, ingest, make_settings, row
from tests.support.workbooks import workbook

PEOPLE = [("Sarah", "Ashworth"), ("David", "Patel"), ("Imran", "Okafor"), ("Chloe", "Williams")]
NUMBERS = ("9434765919", "9434765870", "4010232137", "9876543210")
CLEAR = ("Forename", "Surname", "DOB", "NHS number", "Postcode")


def extract() -> pl.DataFrame:
    """Return an extract as a partner's system gives it: names, numbers and the reference, no tokens."""
    rows = [
        {"Ref": f"P{n}", "Forename": first, "Surname": last, "DOB": f"1{n}/03/1980", "NHS number": NUMBERS[n]}
        | {"Postcode": f"BA{n + 1} 1AA", "Sex": "1", "Case": f"C{n}", "Start": "03/02/2025"}
        for n, (first, last) in enumerate(PEOPLE)
    ]
    return pl.DataFrame(rows)


def beside_tokens() -> pl.DataFrame:
    """Return a delivery that follows the contract, tokens included, in which the names were left as well."""
    rows = [row(n, Forename=first, Surname=last) for n, (first, last) in enumerate(PEOPLE)]
    return pl.DataFrame(rows).select(*HEADER, "Forename", "Surname")


def without_headers_that_tell() -> pl.DataFrame:
    return beside_tokens().rename({"Forename": "col_9", "Surname": "col_10"})


def in_a_token_column() -> pl.DataFrame:
    return pl.DataFrame([row(n, Token=number) for n, number in enumerate(NUMBERS)])


def in_a_note() -> pl.DataFrame:
    return pl.DataFrame([row(n, Note=f"call sarah{n}@mail.example") for n in range(4)])


def parquet(frame: pl.DataFrame) -> bytes:
    file = io.BytesIO()
    frame.write_parquet(file)
    return file.getvalue()


FORMS = {
    "csv": lambda frame: frame.write_csv().encode(),
    "csv.gz": lambda frame: gzip.compress(frame.write_csv(separator="\t").encode("utf-16")),
    "xlsx": lambda frame: workbook([frame.columns, *frame.rows()]),
    "parquet": parquet,
    "jsonl": lambda frame: frame.write_ndjson().encode(),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    "make", [extract, beside_tokens, without_headers_that_tell, in_a_token_column, in_a_note], ids=lambda f: f.__name__
)
def test_a_clear_text_file_is_refused_and_nothing_of_it_is_kept(tmp_path: Path, form: str, make) -> None:  # type: ignore[no-untyped-def]
    settings = make_settings(tmp_path)
    deliver(settings, f"debt_2025-03_20250405.{form}", FORMS[form](make()))
    ingest(settings)
    (receipt,) = read_receipts(settings, "debt_advice")
    assert receipt.outcome == "refused"
    assert "direct_identifiers" in found(receipt)
    (mend,) = {check.mend for check in receipt.checks if check.id == "direct_identifiers"}
    assert "Delete this copy" in mend and "joinedup pseudonymise" in mend
    kept = b"".join(
        p.read_bytes() for p in settings.home.rglob("*") if p.is_file() and settings.landing not in p.parents
    )
    for value in ("Ashworth", "Okafor", "9434765919", "sarah1@", "BA2 1AA"):
        assert value.encode() not in kept
    assert not list(settings.accepted.rglob("*.parquet"))
    assert not list(settings.quarantine.rglob("*.parquet"))
