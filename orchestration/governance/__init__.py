"""Governance: what agreements permit, and the rows that are in force because they do."""
