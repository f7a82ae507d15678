"""Dagster, and only Dagster: assets, checks, sensors and schedules around the pure steps of the other rooms."""
