"""The receipt as a page that a partner can read and print: plain HTML, no script, nothing fetched from anywhere.

What belongs here: order, words and marks of the page. What does not: anything that the receipt's JSON does not hold.
Every text that comes from a file or a contract is escaped; no meaning stands in a colour alone.
"""

from html import escape

from orchestration.feeds.checks import CheckResult, registry
from orchestration.feeds.plain_page import Facts, facts_list, html_page, table
from orchestration.feeds.receipts import Changes, Receipt

OUTCOMES = {
    "accepted": ("good", "✓ Accepted"),
    "accepted_with_rejects": ("warn", "! Accepted, some rows set aside"),
    "refused": ("bad", "✕ Refused: nothing of it is used"),
    "superseded": ("info", "↻ Superseded by a newer delivery"),
    "unchanged": ("info", "= Unchanged: received before"),
}
SEVERITIES = {
    "refuse_delivery": ("bad", "✕ Refuses the delivery"),
    "refuse_row": ("warn", "! Rows set aside"),
    "warning": ("warn", "△ Warning: accepted all the same"),
    "information": ("info", "i For information: nothing need be done"),
}
PASSED_OVER = (
    "Passed over are rows of the file that hold no record of the kind for this feed: they belong to another feed, or "
    "are blank where the record would be. They are not counted as delivered."
)
ACTION = ("refuse_delivery", "refuse_row", "warning")


def receipt_page(receipt: Receipt) -> str:
    """Return the page."""
    title = f"Receipt: {receipt.title}"
    return html_page(
        f"{title}, {when(receipt)}",
        [
            f'<p class="kind">{escape(when(receipt))}</p>',
            f"<h1>{escape(title)}</h1>",
            *_outcome(receipt),
            *_findings(receipt),
            *_changes(receipt),
            *_records(receipt),
            *_items(receipt),
            *_files(receipt),
            *_about(receipt),
        ],
    )


def when(receipt: Receipt) -> str:
    """Return the period that a delivery reports on and the day on which it came."""
    period = f"{receipt.period}, " if receipt.period else ""
    return f"{period}delivered {receipt.delivered_at:%d %B %Y}"


def _outcome(receipt: Receipt) -> list[str]:
    kind, words = OUTCOMES[receipt.outcome]
    total = receipt.total
    sentence = (
        f"{total.delivered:,} records delivered = {total.accepted:,} accepted + {total.quarantined:,} set aside "
        f"+ {total.superseded:,} superseded."
    )
    tiles = {"Delivered": total.delivered, "Accepted": total.accepted, "Set aside": total.quarantined}
    tiles["Superseded"] = total.superseded
    refused = f"<p>{_what_becomes(receipt)}</p>" if receipt.outcome == "refused" else ""
    unsent = "<p>Not sent yet: this is what the area would say.</p>" if receipt.read_on is None else ""
    return [
        f'<div class="outcome {kind}"><strong>{words}</strong><p>{sentence}</p>{refused}{unsent}</div>',
        '<dl class="sum">',
        *(f"<div><dt>{name}</dt><dd>{count:,}</dd></div>" for name, count in tiles.items()),
        "</dl>",
    ]


def _what_becomes(receipt: Receipt) -> str:
    """Say what becomes of a refused delivery: figures are made of those whose rows could be read and judged alone."""
    if receipt.figures is None:
        return "None of its rows is stored. Send it again once it is mended."
    return (
        "It was refused beside the deliveries before it. Its rows are held, stand nowhere, and are judged again with "
        "every new delivery of the feed; if it is right as it is, tell the area."
    )


def _findings(receipt: Receipt) -> list[str]:
    if not receipt.checks:
        return ["<h2>Checks</h2>", "<p>Every check passed.</p>"]
    todo = [check for check in receipt.checks if check.severity in ACTION]
    rest = [check for check in receipt.checks if check.severity not in ACTION]
    note = "<p>Row 1 is the first row after the header. Rows are named by number only.</p>"
    lines = ["<h2>What to look at</h2>", note, *_list(todo)] if todo else []
    return lines + (["<h2>For information</h2>", *_list(rest)] if rest else [])


def _list(checks: list[CheckResult]) -> list[str]:
    return ['<ul class="checks">', *(_check(check) for check in checks), "</ul>"]


def _check(check: CheckResult) -> str:
    kind, words = SEVERITIES[check.severity]
    where = "; ".join(part for part in (check.entity, check.file, check.detail) if part)
    rows = f"{check.count:,}"
    if check.example_rows:
        rows += f" (for example row {', '.join(map(str, check.example_rows))})"
    facts = {"How many": rows, "Where": where, "Why it matters": check.why, "How to mend it": check.mend}
    told = "".join(f"<dt>{name}</dt><dd>{escape(text)}</dd>" for name, text in facts.items() if text)
    return (
        f'<li class="{kind}"><p class="tag {kind}">{words}</p><h3>{escape(check.what)}</h3>'
        f'<dl class="facts">{told}<dt>Check</dt><dd><code>{escape(check.id)}</code></dd></dl></li>'
    )


def _changes(receipt: Receipt) -> list[str]:
    lines = ["<h2>What changed since last time</h2>"]
    changes = receipt.changes
    if changes is None:
        return [*lines, "<p>There is no earlier delivery to compare with.</p>"]
    of = f" for {changes.since_period}" if changes.since_period else ""
    last = f"the delivery of {changes.since_delivered_at:%d %B %Y}{of}"
    records = ""
    if changes.since_outcome == "refused":
        last += ", which was refused"
        records = (
            f" Records are compared with delivery {changes.records_since}, the last one that was not refused."
            if changes.records_since
            else ""
        )
    lines.append(f"<p>Compared with {escape(last)} (<code>{escape(changes.since)}</code>).{escape(records)}</p>")
    if changes.records:
        rows = [
            [escape(entity), *(f"{count:,}" for count in (found.new, found.changed, found.same, found.gone))]
            for entity, found in changes.records.items()
        ]
        gone = "Deleted" if receipt.mode == "changes" else "Not sent again"
        head = ("Kind", "New", "Changed", "The same", gone)
        lines.append(table("Records beside those of the delivery before", head, rows))
    return [*lines, facts_list(_differences(changes))]


def _differences(changes: Changes) -> Facts:
    def moved(before: int, now: int) -> str:
        return f"{now:,} (before: {before:,})"

    facts: Facts = {
        "Rows in the files": moved(changes.rows_before, changes.rows_now),
        "Records set aside": moved(changes.quarantined_before, changes.quarantined_now),
        "Columns that are new": ", ".join(changes.columns_new),
        "Columns not sent again": ", ".join(changes.columns_gone),
        "Data items that are new": _words(changes.items_new),
        "Data items not sent again": _words(changes.items_gone),
        "Checks that found something new": [_check_words(name) for name in changes.checks_appeared],
        "Checks mended since": [_check_words(name) for name in changes.checks_mended],
    }
    told: Facts = {name: text for name, text in facts.items() if text}
    return told if len(told) > 2 else {**told, "Columns, items and checks": "as before"}


def _check_words(name: str) -> str:
    check, _, place = name.partition(":")
    what = registry()[check].what if check in registry() else check
    return f"{what.rstrip('.')} ({place})." if place else what


def _records(receipt: Receipt) -> list[str]:
    names = ("delivered", "accepted", "quarantined", "superseded")
    rows = [
        [escape(entity), *(f"{getattr(found, name):,}" for name in names)] for entity, found in receipt.entities.items()
    ]
    rows.append(["Total", *(f"{getattr(receipt.total, name):,}" for name in names)])
    head = ["Kind", "Delivered", "Accepted", "Set aside", "Superseded"]
    note: list[str] = []
    if any(found.not_selected for found in receipt.entities.values()):
        head.append("Passed over")
        note = [f"<p>{PASSED_OVER}</p>"]
        others = [f"{found.not_selected:,}" for found in receipt.entities.values()]
        rows = [[*row, count] for row, count in zip(rows, [*others, ""], strict=True)]
    return ["<h2>What became of each record</h2>", table("Records by kind", head, rows, has_total=True), *note]


def _items(receipt: Receipt) -> list[str]:
    facts = {
        "Agreed and received": _words(receipt.items_received) or "none",
        "Agreed, not received": _words(receipt.items_not_received) or "none",
        "Received, not agreed, not stored": _words(receipt.items_not_agreed) or "none",
    }
    if receipt.outcome == "refused":
        facts = {"Agreed and received": "none, because the delivery was refused"}
    return ["<h2>Data items</h2>", facts_list(facts)]


def _words(items: tuple[str, ...]) -> str:
    return ", ".join(item.replace("_", " ") for item in items)


def _files(receipt: Receipt) -> list[str]:
    lines = ["<h2>Files</h2>"]
    for file in receipt.files:
        facts: Facts = {
            "Rows": f"{file.rows:,}",
            "Not records": ", ".join(f"{v:,} {k.replace('_', ' ')}" for k, v in file.set_aside.items() if v),
            "Read as": ", ".join(f"{k.replace('_', ' ')}: {_shown(v)}" for k, v in file.detected.items()),
            "Size": f"{file.bytes:,} bytes",
            "SHA-256": file.sha256,
            "Checksum": f"agrees with {file.verified_by}" if file.verified_by else "",
        }
        lines += [f"<h3>{escape(file.name)}</h3>", facts_list({name: text for name, text in facts.items() if text})]
    return lines


def _shown(value: object) -> str:
    return {"\t": "tab", ",": "comma", ";": "semicolon", "|": "bar"}.get(str(value), str(value))


def _about(receipt: Receipt) -> list[str]:
    facts = {
        "Feed": receipt.feed,
        "Partner": receipt.partner,
        "Reporting period": receipt.period or "not stated",
        "Delivered": f"{receipt.delivered_at:%d %B %Y}",
        "Delivery": receipt.delivery_id,
        "Agreement": receipt.agreement_id,
        "Contract": "first version"
        if receipt.contract_version == "first"
        else f"version of {receipt.contract_version}",
    }
    if len(receipt.sightings) > 1:
        facts["Sent"] = ", ".join(f"{sighting.delivered_at:%d %B %Y}" for sighting in receipt.sightings)
    if receipt.superseded_by:
        facts["Superseded by"] = ", ".join(receipt.superseded_by)
    return ["<h2>About this delivery</h2>", facts_list(facts)]
