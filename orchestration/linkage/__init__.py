"""Linkage: which records are one person, from tokens alone, and how sure that is."""

from orchestration.linkage.evaluation import Evaluation, evaluate
from orchestration.linkage.linking import LinkageResult, link

__all__ = ["Evaluation", "LinkageResult", "evaluate", "link"]
