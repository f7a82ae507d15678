"""Backup and restore of an installation by one file: everything in its home but secrets, and the state store.

What belongs here: the file's form, what goes into it, and putting it back. What does not: which backups were made
(orchestration.state.backups).
"""

from orchestration.backup.making import Made, make_backup
from orchestration.backup.restoring import Restored, restore_backup

__all__ = ["Made", "Restored", "make_backup", "restore_backup"]
