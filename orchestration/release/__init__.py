"""The release gate: requests in a closed grammar, answers under disclosure control.

What belongs here: the grammar, the engine, protected tables and their words. What does not: making a snapshot
(publishing), drawing (dashboards, reports).
"""

from orchestration.area.permission import Use
from orchestration.release.catalogue import Catalogue
from orchestration.release.certificate import BirthCertificate
from orchestration.release.gate import Gate
from orchestration.release.grammar import NotPermitted, Refused, Request
from orchestration.release.table import ProtectedTable

__all__ = ["BirthCertificate", "Catalogue", "Gate", "NotPermitted", "ProtectedTable", "Refused", "Request", "Use"]
