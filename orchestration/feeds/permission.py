"""What an agreement permits of a feed today, under the address that ingestion knows it by."""

from orchestration.area.permission import Decision, permits

__all__ = ["Decision", "permits"]
