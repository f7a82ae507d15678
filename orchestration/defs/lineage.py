"""The lineage as the pipeline has it, kept for the documents: every asset with what it is made of."""

import json

import dagster as dg

from orchestration.feeds.atomic import write_bytes
from orchestration.settings import Settings

NAME = "lineage.json"


def keep_lineage(settings: Settings, definitions: dg.Definitions) -> None:
    """Write the asset graph to state/lineage.json."""
    graph = definitions.resolve_asset_graph()
    assets = [
        {
            "key": "/".join(key.path),
            "made_of": sorted("/".join(parent.path) for parent in graph.get(key).parent_keys),
        }
        for key in sorted(graph.get_all_asset_keys(), key=lambda one: list(one.path))
    ]
    write_bytes(settings.state / NAME, json.dumps({"assets": assets}, indent=1).encode())
