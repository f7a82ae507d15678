"""Which services a feed's rows can be of, as its contract maps them."""

from orchestration.area.contracts import Contract


def services_of(contract: Contract) -> frozenset[str] | None:
    """Return the services that a feed's rows can be of, in any version; None where the contract does not tell."""
    found: set[str] = set()
    for version in contract.versions:
        for mapping in version.entities.values():
            column = mapping.columns.get("service_id")
            if column is None:
                continue
            if column.crosswalk or not (column.value or column.codes or column.ticks):
                return None
            found |= {*([column.value] if column.value else []), *column.codes.values(), *column.ticks.values()}
            found |= {column.several} if column.several else set()
    return frozenset(found)
