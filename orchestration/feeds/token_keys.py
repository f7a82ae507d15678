"""Which key made a delivery's tokens, and the bridge that carries people over a change of keys.

What belongs here: holding a manifest's key ids against the contract's, and pairing the tokens of two keys. What does
not: keys themselves, which the area never has (`keys`, at partners); keeping and using bridges (`token_bridges`).

While two keys overlap a partner writes each token twice, the second under its header + `_previous`. Both stand in one
row, so that the pair says: what was this token is now that. Nothing else of the second set is stored.
"""

from collections.abc import Callable, Mapping, Sequence

import polars as pl

from orchestration.area.contracts import Column, Contract, Entity
from orchestration.feeds.canonical import TOKEN_FIELDS
from orchestration.feeds.checks import Findings
from orchestration.feeds.deliveries import Delivery
from orchestration.feeds.headers import normalise
from orchestration.feeds.outgoing import PREVIOUS
from orchestration.feeds.rawtables import FAULT
from orchestration.feeds.receipts import Receipt, read_receipts
from orchestration.feeds.values import TOKEN
from orchestration.settings import Settings

KINDS = (*TOKEN_FIELDS, "household_token")
KeysElsewhere = Callable[[], frozenset[str]]
BRIDGE = {"kind": pl.String(), "previous": pl.String(), "current": pl.String()}


def empty_bridge() -> pl.DataFrame:
    """Return a bridge without pairs: one row a token of the previous key, with its kind and its successor."""
    return pl.DataFrame(schema=BRIDGE)


def check_keys(contract: Contract, delivery: Delivery, findings: Findings, *, elsewhere: KeysElsewhere) -> None:
    """Refuse a delivery whose manifest names a key that the contract does not; note where no manifest tells.

    A contract that names none is taken to mean the keys of the area's other feeds, as `elsewhere` finds them.
    """
    roles = {column.file for column in _tokens(contract).values()}
    files = [file for file in delivery.files if file.role in roles]
    named = [file for file in files if file.key_id]
    accepted = contract.keys.accepted if contract.keys else elsewhere() if named else frozenset()
    whose = "the contract accepts" if contract.keys else "the area's other feeds are made with"
    for file in named if accepted else ():
        if file.key_id not in accepted:
            detail = f"the manifest names key {file.key_id}, {whose} {' and '.join(sorted(accepted))}"
            findings.add("key_not_accepted", 1, file=file.name, detail=detail)
    untold = [file.name for file in files if not file.key_id and contract.keys]
    findings.add("key_untold", len(untold), detail=", ".join(untold))


def keys_elsewhere(settings: Settings, feed: str) -> frozenset[str]:
    """Return the keys that accepted deliveries of all other feeds were made with, as far as manifests told."""
    root = settings.receipts
    others = [path.name for path in root.iterdir() if path.is_dir() and path.name != feed] if root.is_dir() else []
    receipts = (receipt for other in others for receipt in read_receipts(settings, other))
    return frozenset(f.key_id for r in receipts if r.outcome != "refused" for f in r.files if f.key_id)


def has_agreed_keys(receipt: Receipt, contract: Contract) -> bool:
    """Tell whether the manifests name only keys that the contract names: then no comparison need find it out."""
    version = next((v for v in contract.versions if v.version == receipt.contract_version), contract)
    named = {file.key_id for file in receipt.files if file.key_id}
    return bool(named) and version.keys is not None and named <= version.keys.accepted


def previous_headers(contract: Contract, role: str) -> dict[str, tuple[str, str]]:
    """Return the headers of tokens of the previous key in a file, each with its kind and the header it is beside."""
    if contract.keys is None or contract.keys.previous is None:
        return {}
    mine = {name: column.source for name, column in _tokens(contract).items() if column.file == role}
    return {header + PREVIOUS: (name, header) for name, header in mine.items() if header}


class PairedTokens:
    """The pairs of tokens that a delivery holds, agreed kinds only, gathered piece by piece."""

    def __init__(self, contract: Contract, fields: Mapping[Entity, Mapping[str, Column]]) -> None:
        self._contract = contract
        agreed = fields.get("person", {})
        self._wanted = {
            role: {h: told for h, told in previous_headers(contract, role).items() if told[0] in agreed}
            for role in contract.files
        }
        self._pairs = empty_bridge()
        self._unusable = 0

    def look(self, role: str, columns: Sequence[str], rows: pl.DataFrame) -> None:
        """Take in the next rows of a file."""
        wanted = self._wanted[role]
        present = {normalise(name): name for name in columns} if wanted else {}
        for header, (kind, beside) in wanted.items():
            if normalise(header) in present and beside in columns:
                found, bad = _pairs(rows, kind, present[normalise(header)], beside)
                self._pairs = pl.concat([self._pairs, found]).unique()
                self._unusable += bad

    def bridge(self, delivery: Delivery, findings: Findings) -> pl.DataFrame:
        """Return the pairs, each token of the previous key once, and note what of them is of no use."""
        contract, unusable, bridge, detail = self._contract, self._unusable, self._pairs, ""
        told = {file.previous_key_id for file in delivery.files if file.previous_key_id}
        if bridge.height and contract.keys and not told <= {contract.keys.previous}:
            named = ", ".join(sorted(told))
            detail = f"the manifest names {named} as the previous key, the contract {contract.keys.previous}"
            unusable, bridge = unusable + bridge.height, empty_bridge()
        whole = bridge.filter(pl.len().over("kind", "previous") == 1).sort(*BRIDGE)
        findings.add(
            "previous_tokens_unusable", unusable + bridge.height - whole.height, entity="person", detail=detail
        )
        return whole


def _pairs(frame: pl.DataFrame, kind: str, header: str, beside: str) -> tuple[pl.DataFrame, int]:
    """Return the pairs of one kind, and how many tokens of the previous key are malformed."""
    sound = frame.filter(pl.col(FAULT).is_null())
    both = sound.select(
        kind=pl.lit(kind),
        previous=pl.col(header).str.to_lowercase(),
        current=pl.col(beside).str.to_lowercase(),
    ).filter(pl.col("previous").is_not_null())
    good = both.filter(pl.col("previous").str.contains(TOKEN))
    pairs = good.filter(pl.col("current").str.contains(TOKEN), pl.col("current") != pl.col("previous"))
    return pairs.unique(), both.height - good.height


def _tokens(contract: Contract) -> dict[str, Column]:
    person = contract.entities.get("person")
    return {name: column for name, column in person.columns.items() if name in KINDS} if person else {}
