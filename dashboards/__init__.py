"""Joined Up: the dashboards, which read only through the release gate."""
