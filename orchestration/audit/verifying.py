"""Checking the audit log: every record altered, removed, reordered or inserted is found, and said where."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from orchestration.audit.chain import START, Record, checkpoint_text, digest_of, line_of, prune_text
from orchestration.audit.head import Head, read_head
from orchestration.audit.kinds import ALWAYS, KINDS
from orchestration.audit.reading import Entry, as_object, entries
from orchestration.audit.signing import PUBLIC_NAME, Checker
from orchestration.errors import ConfigurationError

MOST_FINDINGS = 100


@dataclass
class Verdict:
    """What a check found. `faults`: records that are not as they were written; `notes`: what the log says of itself."""

    records: int = 0
    checkpoints: int = 0
    first_seq: int = 0
    last_seq: int = 0
    key: str = ""
    faults: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def is_whole(self) -> bool:
        return not self.faults


def verify(folder: Path, *, public_key: Path | None = None, witnesses: Path | None = None) -> Verdict:
    """Check a log that does not move (AuditLog.held).

    public_key: a copy kept elsewhere, which a thief of the key cannot replace. witnesses: lines of checkpoints (an
    earlier export) kept elsewhere; the log must still hold each of them.
    """
    verdict = Verdict()
    first_key, outside = folder / PUBLIC_NAME, public_key
    head, content = read_head(folder)
    if not content and not any(True for _ in entries(folder)):
        if first_key.exists():
            verdict.faults.append("The log is gone: there is a public key, and no record.")
        return verdict
    checker = _checker(outside or first_key)
    verdict.key = checker.key_id
    _chain(folder, checker, verdict)
    _end(head, checker, verdict, folder)
    if witnesses is not None:
        _witnesses(folder, witnesses, verdict)
    if len(verdict.faults) > MOST_FINDINGS:
        more = len(verdict.faults) - MOST_FINDINGS
        verdict.faults = [*verdict.faults[:MOST_FINDINGS], f"And {more} more."]
    return verdict


def _chain(folder: Path, checker: Checker, verdict: Verdict) -> None:
    previous: Record | None = None
    pruned: dict[tuple[int, str], str] = {}
    first: Entry | None = None
    for entry in entries(folder):
        verdict.records += 1
        record = entry.record
        if record is None or not _is_record(record):
            verdict.faults.append(f"{entry.place}: this is no record of the log.")
            continue
        verdict.faults.extend(f"{entry.place}: {fault}" for fault in _faults(entry, record, previous, checker))
        if previous is None:
            first = entry
        if record["kind"] == "pruned":
            pruned[int(record["last_seq"]) + 1, str(record["last_digest"])] = entry.place
        _note(entry, record, verdict)
        previous = record
    if first is None or first.record is None or previous is None:
        verdict.faults.append("The log holds no record that can be read.")
        return
    verdict.first_seq, verdict.last_seq = int(first.record["seq"]), int(previous["seq"])
    begin = (verdict.first_seq, str(first.record["previous"]))
    if begin != (1, START) and begin not in pruned:
        verdict.faults.append(
            f"{first.place}: the log begins with record {verdict.first_seq}; those before it were removed, and no "
            "signed record says so."
        )


def _is_record(record: Record) -> bool:
    kind, needed = record.get("kind"), set(ALWAYS)
    if not needed <= set(record) or not isinstance(kind, str) or kind not in KINDS:
        return False
    whole = not isinstance(record["seq"], bool) and isinstance(record["seq"], int)
    numbers = kind != "pruned" or all(isinstance(record.get(n), int) for n in ("first_seq", "last_seq"))
    return whole and numbers and set(record) <= needed | KINDS[kind]


def _faults(entry: Entry, record: Record, previous: Record | None, checker: Checker) -> Iterator[str]:
    seq = record["seq"]
    if entry.text != line_of(record):
        yield f"record {seq} is not written as the log writes; it was altered."
    if digest_of(record) != record["digest"]:
        yield f"record {seq} was altered: it does not have its own digest."
    if previous is not None and seq != previous["seq"] + 1:
        yield f"record {seq} stands after record {previous['seq']}: records were removed, inserted or reordered here."
    if previous is not None and record["previous"] != previous["digest"]:
        yield f"record {seq} does not follow record {previous['seq']}: one of the two was altered, or one between them."
    if record["kind"] == "checkpoint":
        text = checkpoint_text(seq=seq - 1, digest=str(record["previous"]))
        if not checker.is_signed(text, record.get("signature")):
            yield f"checkpoint {seq} is not signed by key {checker.key_id}: what is before it may be another history."
    if record["kind"] == "pruned" and not checker.is_signed(prune_text(record), record.get("signature")):
        yield f"record {seq} says that older records were let go, without the signature of key {checker.key_id}."
    if record["kind"] == "broken":
        expected = f" (record {record['expected_seq']} was expected)" if record.get("expected_seq") else ""
        yield f"record {seq} tells of a break before it: {record.get('what')}{expected}."


def _note(entry: Entry, record: Record, verdict: Verdict) -> None:
    if record["kind"] == "checkpoint":
        verdict.checkpoints += 1
    elif record["kind"] == "healed":
        verdict.notes.append(f"{entry.place}: {record.get('what')} ({record.get('bytes')} bytes).")
    elif record["kind"] == "pruned":
        verdict.notes.append(
            f"{entry.place}: records {record['first_seq']} to {record['last_seq']} were let go as their time was over."
        )


def _end(head: Head | None, checker: Checker, verdict: Verdict, folder: Path) -> None:
    if head is None or not checker.is_signed(head.text, head.signature):
        verdict.faults.append("head: the signed end of the log is missing or not signed by its key.")
        return
    last = next(iter(deque(entries(folder), maxlen=1)), None)
    digest = last.record.get("digest") if last and last.record else None
    if digest == head.digest and last and last.text.decode("ascii", "replace") == head.line:
        return
    if verdict.last_seq < head.seq:
        verdict.faults.append(
            f"head: the log ends with record {verdict.last_seq}, its signed end is record {head.seq}: the last "
            f"{head.seq - verdict.last_seq} were removed, or a process was killed before it could write the last."
        )
    elif verdict.last_seq > head.seq:
        verdict.faults.append(f"{last.place if last else 'end'}: the log goes on after its signed end, {head.seq}.")
    else:
        verdict.faults.append(f"head: the last record, {head.seq}, is not the one that was signed.")


def _witnesses(folder: Path, witnesses: Path, verdict: Verdict) -> None:
    held = {int(e.record["seq"]): e.record["digest"] for e in entries(folder) if e.record and _is_record(e.record)}
    for known in _kept(witnesses):
        seq = int(known["seq"])
        if seq < verdict.first_seq:
            continue  # let go since; that it was in order is what the signed prune record says
        if held.get(seq) != known["digest"]:
            verdict.faults.append(
                f"record {seq}, as kept in {witnesses.name}, is not in the log: its history is another."
            )


def _kept(path: Path) -> list[Record]:
    try:
        lines = path.read_bytes().splitlines()
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read ({error.strerror}): name a file of kept records.") from error
    found = [record for line in lines if (record := as_object(line)) and _is_record(record)]
    if not found:
        raise ConfigurationError(f"{path} holds no record: it is made by `joinedup audit export --format jsonl`.")
    return found


def _checker(path: Path) -> Checker:
    try:
        return Checker(path.read_bytes())
    except OSError as error:
        raise ConfigurationError(
            f"{path}, the public key of the audit log, cannot be read ({error.strerror}): name one with --public-key."
        ) from error
