"""The receipt as a page that a partner can read: plain HTML, no script, nothing fetched from anywhere."""

from html import escape

from orchestration.feeds.checks import CheckResult
from orchestration.feeds.receipts import Receipt

OUTCOMES = {
    "accepted": "Accepted",
    "accepted_with_rejects": "Accepted, some rows set aside",
    "refused": "Refused: nothing was stored",
    "superseded": "Superseded by a newer delivery",
    "unchanged": "Unchanged: received before",
}
SEVERITIES = {
    "refuse_delivery": "Refuses the delivery",
    "refuse_row": "Row set aside",
    "warning": "Warning",
    "information": "For information",
}
STYLE = (
    "body{font-family:system-ui,sans-serif;line-height:1.5;color:#1a1a1a;background:#fff;max-width:60rem;"
    "margin:2rem auto;padding:0 1rem}table{border-collapse:collapse;width:100%;margin:1rem 0 2rem}"
    "caption{text-align:left;font-weight:600;padding:.25rem 0}th,td{border:1px solid #767676;padding:.35rem .5rem;"
    "text-align:left;vertical-align:top}td.number{text-align:right;font-variant-numeric:tabular-nums}"
    "dt{font-weight:600}dd{margin:0 0 .5rem}"
)


def receipt_page(receipt: Receipt) -> str:
    """Return the page. Every text from a file or a contract is escaped."""
    title = f"Receipt: {receipt.title}"
    return "\n".join(
        [
            "<!doctype html>",
            '<html lang="en-GB">',
            "<head>",
            '<meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{escape(title)}</title>",
            f"<style>{STYLE}</style>",
            "</head>",
            "<body>",
            "<main>",
            f"<h1>{escape(title)}</h1>",
            f"<p><strong>{OUTCOMES[receipt.outcome]}.</strong> {escape(_sentence(receipt))}</p>",
            _facts(receipt),
            _counts(receipt),
            _checks(receipt),
            _files(receipt),
            _items(receipt),
            "</main>",
            "</body>",
            "</html>",
            "",
        ]
    )


def _sentence(receipt: Receipt) -> str:
    total = receipt.total
    return (
        f"{total.delivered:,} records delivered = {total.accepted:,} accepted + {total.quarantined:,} set aside "
        f"+ {total.superseded:,} superseded."
    )


def _facts(receipt: Receipt) -> str:
    facts = {
        "Feed": receipt.feed,
        "Partner": receipt.partner,
        "Reporting period": receipt.period or "not stated",
        "Delivered": f"{receipt.delivered_at:%d %B %Y}",
        "Delivery": receipt.delivery_id,
        "Agreement": receipt.agreement_id,
        "Contract": "first version" if receipt.contract_version == "first" else f"version of {receipt.contract_version}",
    }
    if receipt.superseded_by:
        facts["Superseded by"] = ", ".join(receipt.superseded_by)
    rows = "".join(f"<dt>{escape(k)}</dt><dd>{escape(v)}</dd>" for k, v in facts.items())
    return f"<dl>{rows}</dl>"


def _counts(receipt: Receipt) -> str:
    names = ("delivered", "accepted", "quarantined", "superseded")
    rows = [
        [escape(entity), *(f"{getattr(found, name):,}" for name in names), f"{found.not_selected:,}"]
        for entity, found in receipt.entities.items()
    ]
    rows.append(["Total", *(f"{getattr(receipt.total, name):,}" for name in names), ""])
    head = ("Records of", "Delivered", "Accepted", "Set aside", "Superseded", "For other feeds")
    return _table("What became of each record", head, rows)


def _checks(receipt: Receipt) -> str:
    if not receipt.checks:
        return "<h2>Checks</h2>\n<p>Every check passed.</p>"
    rows = [
        [
            escape(SEVERITIES[check.severity]),
            escape(f"{check.what} {_where(check)}".strip()),
            f"{check.count:,}",
            ", ".join(map(str, check.example_rows)) or "-",
            escape(f"{check.why} {check.mend}"),
        ]
        for check in receipt.checks
    ]
    head = ("Severity", "What was found", "Rows", "Example rows", "Why it matters and how to mend it")
    note = "<p>Row 1 is the first row after the header. No value of any cell is shown here.</p>"
    return f"<h2>Checks</h2>\n{note}\n" + _table("Checks that found something", head, rows, numbers=(2,))


def _where(check: CheckResult) -> str:
    parts = [part for part in (check.entity, check.file, check.detail) if part]
    return f"({'; '.join(parts)})" if parts else ""


def _files(receipt: Receipt) -> str:
    rows = [
        [
            escape(file.name),
            f"{file.rows:,}",
            f"{file.bytes:,}",
            escape(", ".join(f"{k.replace('_', ' ')}: {_shown(v)}" for k, v in file.detected.items())),
            escape(", ".join(f"{v} {k.replace('_', ' ')}" for k, v in file.set_aside.items() if v) or "-"),
            f"<code>{file.sha256[:16]}</code>",
        ]
        for file in receipt.files
    ]
    head = ("File", "Rows", "Bytes", "Read as", "Not records", "SHA-256 begins")
    return "<h2>Files</h2>\n" + _table("Files of this delivery", head, rows, numbers=(1, 2))


def _shown(value: object) -> str:
    return {"\t": "tab", ",": "comma", ";": "semicolon", "|": "bar"}.get(str(value), str(value))


def _items(receipt: Receipt) -> str:
    received = ", ".join(receipt.items_received) or "none"
    refused = ", ".join(receipt.items_not_agreed) or "none"
    return (
        "<h2>Data items</h2>\n"
        f"<dl><dt>Agreed and received</dt><dd>{escape(received)}</dd>"
        f"<dt>Received, not agreed, not stored</dt><dd>{escape(refused)}</dd></dl>"
    )


def _table(caption: str, head: tuple[str, ...], rows: list[list[str]], numbers: tuple[int, ...] | None = None) -> str:
    numeric = set(range(1, len(head))) if numbers is None else set(numbers)
    top = "".join(f'<th scope="col">{escape(name)}</th>' for name in head)
    body = "\n".join(
        "<tr>"
        + f'<th scope="row">{row[0]}</th>'
        + "".join(
            f'<td class="number">{cell}</td>' if place in numeric else f"<td>{cell}</td>"
            for place, cell in enumerate(row[1:], start=1)
        )
        + "</tr>"
        for row in rows
    )
    return (
        f"<table>\n<caption>{escape(caption)}</caption>\n<thead><tr>{top}</tr></thead>\n"
        f"<tbody>\n{body}\n</tbody>\n</table>"
    )
