"""Feeds: read, map, check, accept or quarantine, and write the receipt."""
