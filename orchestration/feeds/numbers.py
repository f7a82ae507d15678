"""Numbers as people write them: currency, thousands, percent, signs on either side, a decimal comma where declared.

Works on whole columns. What is not clearly a number stays unread: '1,5' is not fifteen, and '1.234' with a decimal
comma is one thousand two hundred and thirty-four. What does not belong here: dates and codes (values).
"""

import polars as pl

CURRENCY = r"(?:£|\$|€|¥|GBP|EUR|USD)"
SIGN = r"^[-+]?"
MINUSES = ("\u2212", "\u2013", "\u2012", "\ufe63", "\uff0d")
"""The minus sign, and the dashes and hyphens that typesetters put for it."""
SPACES = ("\u00a0", "\u202f", "\u2009", "\u2007")
MOST_DIGITS = 15  # what a double holds exactly


def number(text: pl.Expr, *, whole: bool, decimal: str = ".") -> pl.Expr:
    """Return a number, null where the cell is none.

    Parentheses and a trailing minus mean less than zero, as in accounts; a percentage is its figure. Thousands are
    separated by commas (full stops where the decimal mark is a comma), blanks or apostrophes, three digits each.
    """
    plain = text.str.replace_many([*MINUSES, *SPACES, "’"], ["-"] * len(MINUSES) + [" "] * len(SPACES) + ["'"])
    plain = plain.str.strip_chars()
    in_brackets = plain.str.contains(r"^\(.*\)$")
    plain = plain.str.replace(r"^\((.*)\)$", "$1").str.strip_suffix("%").str.strip_chars()
    plain = plain.str.replace(rf"(?i)^([-+]?)\s*{CURRENCY}\s*", "$1").str.replace(rf"(?i)\s*{CURRENCY}(-?)$", "$1")
    is_trailing = plain.str.contains(r"^[^-+].*-$")
    plain = pl.when(is_trailing).then(plain.str.strip_suffix("-").str.strip_chars()).otherwise(plain)
    group = r"\." if decimal == "," else ","
    fraction = rf"(?:{',' if decimal == ',' else chr(92) + '.'}\d+)?$"
    grouped = "|".join(rf"\d{{1,3}}(?:{mark}\d{{3}})+" for mark in (group, " ", "'"))
    is_number = plain.str.contains(rf"{SIGN}(?:{grouped}|\d{{1,{MOST_DIGITS}}}){fraction}")
    digits = plain.str.replace_all(r"[ ']", "").str.replace_all("." if decimal == "," else ",", "", literal=True)
    digits = digits.str.replace(",", ".", literal=True)
    figure = pl.when(is_number).then(digits).cast(pl.Float64, strict=False)
    # a sign of its own inside brackets says the same twice and is a slip
    both = (in_brackets | is_trailing) & plain.str.contains(r"^[-+]")
    figure = pl.when(both).then(None).when(in_brackets | is_trailing).then(-figure).otherwise(figure)
    return pl.when(figure == figure.round()).then(figure).cast(pl.Int64, strict=False) if whole else figure
