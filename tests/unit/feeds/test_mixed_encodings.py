"""One wrong byte in a file of UTF-8 is told, since it changes how every accent is read."""

from pathlib import Path

from tests.support.deliveries import as_csv, check, found, row


def test_a_wrong_byte_among_letters_of_utf8_is_told(tmp_path: Path) -> None:
    content = as_csv([row(n, Ethnic="é") for n in range(5)]).encode().replace("é".encode(), b"\xe9", 1)
    assert found(check(tmp_path, content))["encoding_mixed"] == 4


def test_letters_of_windows_1252_or_of_utf8_alone_are_not(tmp_path: Path) -> None:
    content = as_csv([row(n, Ethnic="é") for n in range(5)])
    for encoding in ("cp1252", "utf-8"):
        assert "encoding_mixed" not in found(check(tmp_path, content.encode(encoding)))
