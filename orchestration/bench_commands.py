"""`joinedup bench`: time and memory of every stage, what protection costs, and how fast the gate answers."""

import json
from typing import Annotated

import typer

from orchestration.console import shown_progress
from orchestration.settings import load_settings

People = Annotated[int, typer.Option(min=200, max=5_000_000, help="people who live in the place")]
Months = Annotated[int, typer.Option(min=12, max=60, help="months of deliveries")]
Seed = Annotated[int, typer.Option(min=0, help="same seed, same bytes")]
AsJson = Annotated[bool, typer.Option("--json", help="print JSON instead of a table")]


def bench(
    people: People = 20_000,
    months: Months = 36,
    seed: Seed = 1,
    ingest_rows: Annotated[int, typer.Option(min=0, help="rows of one large delivery; 0 leaves it out")] = 5_000_000,
    *,
    link_people: Annotated[
        int | None, typer.Option(min=100, help="only linking, beside raw Splink: this many people in four records each")
    ] = None,
    warehouse_people: Annotated[
        int | None, typer.Option(min=100, help="only the warehouse, beside SQL by hand: this many people, 20 uses each")
    ] = None,
    utility_people: Annotated[
        int | None, typer.Option(min=200, help="only what protection costs: a demo of this many people in the home")
    ] = None,
    gate_people: Annotated[
        int | None, typer.Option(min=200, help="only the gate, asked at once: a demo of this many people in the home")
    ] = None,
    serve: Annotated[bool, typer.Option("--serve", help="only the dashboards, with this home's snapshot")] = False,
    users: Annotated[
        int | None, typer.Option(min=1, max=200, help="how many ask at once: 20 of the gate, 50 of the dashboards")
    ] = None,
    seconds: Annotated[int, typer.Option(min=1, help="with --serve: how long people walk through the pages")] = 600,
    as_json: AsJson = False,
) -> None:
    """Time every stage and its memory, beside a floor measured in the same run."""
    from orchestration.bench import print_bench, run_bench
    from orchestration.bench.gate import print_gate_bench, run_gate_bench
    from orchestration.bench.linking import print_link_bench, run_link_bench
    from orchestration.bench.serving import print_serving_bench, run_serving_bench
    from orchestration.bench.utility import print_utility_bench, run_utility_bench
    from orchestration.bench.warehouse import print_warehouse_bench, run_warehouse_bench
    from orchestration.demo import ensure_demo

    if serve:
        result = run_serving_bench(load_settings(), users=users or 50, seconds=seconds, seed=seed)
        show = print_serving_bench
    elif link_people:
        result, show = run_link_bench(people=link_people, seed=seed), print_link_bench
    elif warehouse_people:
        result, show = run_warehouse_bench(people=warehouse_people, seed=seed), print_warehouse_bench
    elif utility_people:
        ensure_demo(settings := load_settings(), people=utility_people, months=months, seed=seed)
        result = run_utility_bench(settings, people=utility_people)
        show = print_utility_bench
    elif gate_people:
        ensure_demo(settings := load_settings(), people=gate_people, months=months, seed=seed)
        result = run_gate_bench(settings, people=gate_people, seed=seed, users=users or 20)
        show = print_gate_bench
    else:
        with shown_progress("Measuring"):
            result = run_bench(people=people, months=months, seed=seed, ingest_rows=ingest_rows)
        show = print_bench
    if as_json:
        typer.echo(json.dumps(result, indent=2))
    else:
        show(result)
