"""The state store: what people write down (decisions, saved views, voices) and which backups were made.

In SQLite under the home, or in PostgreSQL by JOINEDUP_STATE_URL, through SQLAlchemy Core, with Alembic's migrations.
What does not belong here: anything that the pipeline makes, and vintages, alerts and the audit log, which keep their
own files (docs/decisions/0021-what-lives-in-the-state-store.md).
"""

from orchestration.state.backups import Backup, backups_made
from orchestration.state.decisions import Decision, NewDecision
from orchestration.state.store import Store, store_of
from orchestration.state.voices import NewVoice, Voice

__all__ = ["Backup", "Decision", "NewDecision", "NewVoice", "Store", "Voice", "backups_made", "store_of"]
