"""The mistakes people make, each class with its exit code.

An error here is printed without a traceback: what happened, where, and what to do. A bad row is not an error (it is a
reject, with its rule, in the receipt), and a fault of the program is not one either (it keeps its traceback).
"""

from typing import ClassVar


class JoinedUpError(Exception):
    """Base of every mistake that a person can mend. `exit_code` is the process's; `heading` says of what kind it is."""

    exit_code: ClassVar[int] = 1
    heading: ClassVar[str] = "Something is wrong"


class ConfigurationError(JoinedUpError):
    """A setting or an environment variable is missing or has a value that cannot be used."""

    exit_code = 3
    heading = "A setting is wrong"


class AreaPackError(JoinedUpError):
    """A file of the area pack is missing or breaks its rules; the message names file, line and key."""

    exit_code = 4
    heading = "The area pack has a mistake"


class LandingError(JoinedUpError):
    """There is nothing to read, or a delivery cannot be read."""

    exit_code = 5
    heading = "Nothing can be read"


class GovernanceError(JoinedUpError):
    """An agreement does not permit what was asked, or does not exist."""

    exit_code = 6
    heading = "The agreements do not allow this"


class LinkageError(JoinedUpError):
    """Records cannot be linked as they are, for example because tokens were made with a weak key."""

    exit_code = 7
    heading = "Records cannot be linked"


class WarehouseError(JoinedUpError):
    """dbt could not build or a test of the warehouse failed; the published snapshot is untouched."""

    exit_code = 8
    heading = "The warehouse could not be built"


class SnapshotError(JoinedUpError):
    """There is no published snapshot, or the new one failed its verification."""

    exit_code = 9
    heading = "There is no snapshot to use"


class ReleaseError(JoinedUpError):
    """The release gate refuses a request; the message says what would be granted."""

    exit_code = 10
    heading = "The release gate refuses this"


class ServingError(JoinedUpError):
    """The dashboards or Dagster cannot be served, for example because the port is in use."""

    exit_code = 11
    heading = "Nothing can be served"


class HomeError(JoinedUpError):
    """The folder for running data cannot be written, or the disk is full."""

    exit_code = 12
    heading = "The folder for running data cannot be used"


class BusyError(JoinedUpError):
    """Another refresh holds the lock."""

    exit_code = 13
    heading = "Another refresh is running"


class AlertError(JoinedUpError):
    """A trial message did not reach every channel that is set for alerts."""

    exit_code = 14
    heading = "An alert did not arrive"


class BackupError(JoinedUpError):
    """A backup cannot be made or put back: damaged, sealed with another key, or in the way of something."""

    exit_code = 15
    heading = "The backup cannot be used"
