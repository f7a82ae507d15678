"""The area pack: agreements, feed contracts, services and geography of one place, read and checked."""

from orchestration.area.agreements import Agreement
from orchestration.area.contracts import Contract
from orchestration.area.loader import Area, load_area
from orchestration.area.periods import Period

__all__ = ["Agreement", "Area", "Contract", "Period", "load_area"]
