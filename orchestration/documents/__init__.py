"""Documents of governance, written anew from the agreements, the lineage and the newest snapshot: HTML and PDF/UA-1.

What belongs here: what each document says, and its two forms. What does not: deciding what an agreement permits
(governance), figures (the release gate, always), the leadership report (reports).
"""

from orchestration.documents.writing import KINDS, write_documents

__all__ = ["KINDS", "write_documents"]
