"""The measures in force against each risk, with what their tests came to: for the DPIA and the Article 30 record."""

from orchestration.documents.basis import Basis, day

UNTESTED = "open: no test has shown it yet"
"""What is proposed as the risk that is left, where no test stands behind the measure."""


def security() -> list[str]:
    """Return the technical and organisational measures in general words (Article 30(1)(g), Article 32)."""
    return [
        "Partners replace names, numbers and dates of birth with keyed tokens before they send; the key stays there.",
        "A data item that no agreement in force names is not stored.",
        "People see only figures that the release gate has protected: small ones hidden, noise added, all rounded.",
        "Every question to the gate, every download, refresh, decision and change of a rule is in a signed audit log.",
        "The program makes no request to another machine, unless alerts or an address for sign-in have been set.",
        "Published files can be encrypted with a key that is kept apart; files of state are their owner's alone.",
    ]


def risks(basis: Basis) -> list[list[str]]:
    """Return rows of the DPIA's risk table: risk, likelihood and severity before, measures, what was tested, after."""
    return [
        [
            "Somebody is recognised in a published figure",
            "possible; severe",
            _policy(basis),
            red_team_line(basis),
            "remote; severe" if basis.red_team and basis.red_team["passed"] else UNTESTED,
        ],
        [
            "Data are used without an agreement, or after it has ended",
            "probable; significant",
            "The agreement decides at each refresh whether a feed is read and shown, item by item.",
            gates_line(basis),
            "remote; significant",
        ],
        [
            "Records of two people are joined as one, or of one person not at all",
            "probable; significant",
            "Joining by tokens with stated rules; the share that was joined is published by feed and by group.",
            linkage_line(basis),
            "possible; minimal, as no decision is made about a person",
        ],
        [
            "An insider looks up more than the role needs, or hides what was done",
            "possible; significant",
            "No person-level page exists; each question and download is in the signed audit log.",
            audit_line(basis),
            "remote; significant" if basis.audit.records and basis.audit.is_whole else UNTESTED,
        ],
        [
            "Data are kept longer than agreed",
            "possible; significant",
            "Months are set for each agreement; a feed whose agreement has ended leaves the next snapshot.",
            "This document has no test of it: the months above are what was agreed.",
            UNTESTED,
        ],
        [
            "Late, wrong or missing data mislead a decision",
            "probable; significant",
            "Each delivery is checked row by row; pages say what is late, missing or refused, and why.",
            quality_line(basis),
            "possible; minimal",
        ],
    ]


def _policy(basis: Basis) -> str:
    if basis.gate is None:
        return "The release gate. Nothing has been published yet."
    told = [
        f"{row['policy']}: counts under {row['threshold']} hidden ({row['sensitive_threshold']} for sensitive topics), "
        f"noise, rounded to {row['rounding_base']}"
        for row in basis.gate.policies()
    ]
    loose = [
        f"{row['policy']} is looser than measured: {row['decision']}"
        for row in basis.gate.policies()
        if row["loosened"]
    ]
    return f"The release gate. {'; '.join([*told, *loose])}."


def red_team_line(basis: Basis) -> str:
    """Return what the newest attacks on the gate came to; that there were none is said too."""
    record = basis.red_team
    if record is None:
        return "NOT TESTED HERE: there is no record of an attack on the release gate. Run joinedup red-team."
    verdicts = [str(attack["verdict"]) for attack in record["attacks"]]
    broken = sum(verdict in ("SUCCEEDED", "not valid") for verdict in verdicts)
    outcome = "passed" if record["passed"] else "NOT PASSED"
    return f"{len(verdicts)} attacks on {record['made_on']}: {outcome}; {broken} succeeded or proved nothing."


def gates_line(basis: Basis) -> str:
    """Return how many feeds are served today and which are not."""
    stopped = [basis.feed_title(feed) for feed, decision in sorted(basis.decisions.items()) if not decision.allowed]
    told = f"Today {len(basis.decisions) - len(stopped)} of {len(basis.decisions)} feeds are served"
    return f"{told}; stopped: {', '.join(stopped)}." if stopped else f"{told}."


def linkage_line(basis: Basis) -> str:
    """Return the share of records that were joined, as the snapshot has it."""
    if basis.gate is None:
        return "Nothing has been published yet."
    rates = [
        row["match_rate"]
        for row in basis.gate.linkage()
        if row["group_kind"] == "all" and row["match_rate"] is not None
    ]
    whole = [int(str(rate)) for rate in rates]
    if not whole:
        return "The share that was joined is hidden: too few records."
    return f"By feed, {min(whole)} % to {max(whole)} % of records were joined with another."


def audit_line(basis: Basis) -> str:
    """Return what a check of the audit log found just now."""
    found = basis.audit
    if not found.records:
        return "The audit log is empty."
    state = (
        "whole and in order"
        if found.is_whole
        else f"NOT whole: {len(found.faults)} fault(s), see joinedup audit verify"
    )
    return f"Checked {day(basis.at.date())}: {found.records:,} records, {state}."


def quality_line(basis: Basis) -> str:
    """Return how many feeds are late today, as the snapshot has it."""
    if basis.gate is None:
        return "Nothing has been published yet."
    rows = [row for row in basis.gate.feeds() if row.get("permitted")]
    late = sum(bool(row.get("is_late")) for row in rows)
    return f"{len(rows)} feeds are in the snapshot, {late} of them late."
