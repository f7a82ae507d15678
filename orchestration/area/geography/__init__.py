"""The geography of a place: small areas, deprivation, population and boundaries, from files as they are downloaded.

`geography.yaml` in the pack's `geography/` folder declares the files; nothing about a place stands in Python. What
belongs here: reading, chaining and reconciling those files. What does not: how a map is drawn, or what is counted.
"""

from orchestration.area.geography.loading import Geography, load_geography

__all__ = ["Geography", "load_geography"]
