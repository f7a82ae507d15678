"""The command line: `joinedup`.

What belongs here: arguments, messages and exit codes. Each command imports what it needs when it runs, so that help and
`check` stay quick. Results go to standard output, progress and messages to standard error.
"""

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from orchestration import progress
from orchestration.agreement_commands import agreements_app
from orchestration.alert_commands import alerts_app, trace
from orchestration.audit_commands import audit_app
from orchestration.backup_commands import backup, restore
from orchestration.bench_commands import bench
from orchestration.console import console, shown_progress
from orchestration.contract_commands import contract_app
from orchestration.decision_commands import decisions_app, voices_app
from orchestration.delivery_commands import quarantine_app, rebuild
from orchestration.document_commands import documents
from orchestration.errors import ConfigurationError, JoinedUpError
from orchestration.partner_commands import pseudonymise
from orchestration.red_team_commands import red_team
from orchestration.rights_commands import forget, objections_app, retention
from orchestration.settings import Settings, load_settings
from orchestration.token_commands import token_app

INTERRUPTED = 130
AREA_ONLY = (
    "alembic",
    "dagster",
    "dagster_dbt",
    "dbt",
    "duckdb",
    "dash",
    "numpy",
    "plotly",
    "pyarrow",
    "scipy",
    "splink",
    "sqlalchemy",
    "typst",
)
"""What joinedup[partner] does not install."""
app = typer.Typer(
    name="joinedup",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="One trustworthy, disclosure-controlled picture of who uses a local area's services, together.",
)
link_app = typer.Typer(no_args_is_help=True, help="Linkage: how well records were joined into people.")
app.add_typer(link_app, name="link")
app.add_typer(contract_app, name="contract")
app.add_typer(quarantine_app, name="quarantine")
app.add_typer(alerts_app, name="alerts")
app.add_typer(agreements_app, name="agreements")
app.add_typer(token_app, name="token")
app.add_typer(audit_app, name="audit")
app.add_typer(objections_app, name="objections")
app.command("forget")(forget)
app.command("retention")(retention)
app.add_typer(decisions_app, name="decisions")
app.add_typer(voices_app, name="voices")
app.command()(backup)
app.command()(restore)
app.command()(pseudonymise)
app.command()(rebuild)
app.command()(trace)
app.command()(documents)
app.command("red-team")(red_team)
app.command()(bench)

People = Annotated[int, typer.Option(min=200, max=5_000_000, help="people who live in the place")]
Months = Annotated[int, typer.Option(min=12, max=60, help="months of deliveries")]
Seed = Annotated[int, typer.Option(min=0, help="same seed, same bytes")]
AsJson = Annotated[bool, typer.Option("--json", help="print JSON instead of a table")]


def main() -> None:
    """Run a command; a mistake that a person can mend is printed without a traceback, with its own exit code."""
    try:
        app(standalone_mode=True)
    except JoinedUpError as error:
        console().print(f"[bold red]{error.heading}[/]", highlight=False)
        console().print(str(error), markup=False, highlight=False, soft_wrap=True)
        sys.exit(error.exit_code)
    except ModuleNotFoundError as error:
        if (error.name or "").split(".")[0] not in AREA_ONLY:
            raise
        console().print(
            f"This is a partner's installation, without {error.name}: here work `pseudonymise` and `check`."
        )
        sys.exit(ConfigurationError.exit_code)
    except SystemExit as end:
        if end.code == INTERRUPTED:
            console().print("Interrupted: what is published is whole; run the command again to go on.")
        raise


@app.command()
def demo(
    people: People = 20_000,
    months: Months = 36,
    seed: Seed = 1,
    serve: Annotated[bool, typer.Option("--serve/--no-serve", help="serve the dashboards when done")] = True,
) -> None:
    """Simulate the demo area, refresh it, and serve its dashboards."""
    from orchestration.demo import run_demo

    settings = load_settings()
    run_demo(settings, people=people, months=months, seed=seed)
    if serve:
        _serve(settings)


@app.command()
def simulate(
    out: Annotated[Path, typer.Option(help="folder for landing/ and the hidden truth/")],
    people: People = 20_000,
    months: Months = 36,
    seed: Seed = 1,
) -> None:
    """Write a fictional area's deliveries, month by month, and the hidden truth for tests."""
    from seeds.simulate import simulate as write_deliveries

    with shown_progress("Simulating"):
        write_deliveries(people=people, months=months, seed=seed, out=out, progress=progress.report)
    console().print(f"Deliveries are in {out / 'landing'}, the truth in {out / 'truth'}.", highlight=False)


@app.command()
def check(
    files: Annotated[list[Path], typer.Argument(help="the file or files of one delivery")],
    feed: Annotated[str, typer.Option(help="the feed whose contract they follow")],
    as_json: AsJson = False,
    html: Annotated[Path | None, typer.Option(help="write the receipt's page to this file")] = None,
    since: Annotated[Path | None, typer.Option(help="JSON of the last receipt, to tell what changed")] = None,
) -> None:
    """Check a delivery before it is sent. Exit 0: clean; 1: rows would be refused; 2: all of it would be."""
    from orchestration.feeds.check import run_check

    raise typer.Exit(run_check(load_settings(), files, feed, as_json=as_json, html=html, since=since))


@app.command()
def refresh(  # noqa: PLR0917 - typer reads options from parameters
    feed: Annotated[list[str] | None, typer.Option(help="only this feed (may be given several times)")] = None,
    full: Annotated[bool, typer.Option("--full", help="read everything and rebuild, changed or not")] = False,
    accept_movement: Annotated[
        bool, typer.Option("--accept-movement", help="publish although far fewer people are in it than before")
    ] = False,
    new_baseline: Annotated[
        bool, typer.Option("--new-baseline", help="publish under a changed release secret; record the decision")
    ] = False,
    period: Annotated[
        list[str] | None, typer.Option(help="read this month, quarter or year of the feed again (several times)")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Do everything that is due, through Dagster, in one process."""
    from orchestration.defs.pipeline import ACCEPT_MOVEMENT, NEW_BASELINE
    from orchestration.defs.refresh import refresh as run

    decided = {ACCEPT_MOVEMENT: accept_movement, NEW_BASELINE: new_baseline}
    decisions = [tag for tag, yes in decided.items() if yes]
    with shown_progress("Refreshing"):
        summary = run(load_settings(), feeds=feed or (), full=full, decisions=decisions, periods=period or ())
    if as_json:
        typer.echo(json.dumps(summary.__dict__, indent=2))
    else:
        from orchestration.console import print_refresh

        print_refresh(summary)
    raise typer.Exit(1 if summary.failures else 0)


@app.command()
def serve(
    port: Annotated[int | None, typer.Option(min=1, max=65535, help="port (default: JOINEDUP_PORT or 8050)")] = None,
) -> None:
    """Serve the dashboards until interrupted."""
    _serve(load_settings(), port)


@app.command()
def dagster(
    port: Annotated[int, typer.Option(min=1, max=65535, help="port of Dagster's web interface")] = 3000,
) -> None:
    """Open Dagster's web interface with lineage, schedules and sensors, until interrupted."""
    from orchestration.processes import run_dagster

    raise typer.Exit(run_dagster(load_settings(), port=port))


@app.command()
def query(  # noqa: PLR0917 - typer reads options from parameters
    measure: Annotated[str, typer.Argument(help="what is counted, for example people")],
    by: Annotated[list[str] | None, typer.Option(help="dimension (may be given several times)")] = None,
    where: Annotated[list[str] | None, typer.Option(help="dimension=value (may be given several times)")] = None,
    period: Annotated[str | None, typer.Option(help="2025-03, 2025-Q1, Y2025 or all (default: newest year)")] = None,
    policy: Annotated[str, typer.Option(help="release policy of the area pack")] = "dashboard",
    layout: Annotated[str, typer.Option("--format", help="table, json or csv")] = "table",
    out: Annotated[Path | None, typer.Option(help="write this .csv (and its metadata), .json or .parquet")] = None,
) -> None:
    """Ask the release gate one question and print the protected answer, or write it to a file."""
    from orchestration.release import Gate
    from orchestration.release.query import run_query

    gate = Gate(load_settings())
    when = period or gate.catalogue().periods_of("year")[-1].code
    question: dict[str, Any] = {
        "measure": measure,
        "by": by or [],
        "where": where or [],
        "period": when,
        "policy": policy,
    }
    typer.echo(run_query(gate, **question, output=layout, out=out), nl=False)


@app.command()
def report(
    out: Annotated[Path, typer.Option(help="the PDF to write")],
    period: Annotated[str | None, typer.Option(help="period (default: newest whole year)")] = None,
) -> None:
    """Write the leadership report (PDF/UA-1) of the published snapshot."""
    from orchestration.reports import leadership_report

    path = leadership_report(load_settings(), period=period, out=out)
    console().print(f"Wrote {path}", highlight=False)


@app.command()
def status(as_json: AsJson = False) -> None:
    """Show feeds, agreements, the last refresh, the snapshot and what needs attention."""
    from orchestration.status import print_status, read_status

    found = read_status(load_settings())
    if as_json:
        typer.echo(json.dumps(found.model_dump(mode="json"), indent=2))
    else:
        print_status(found)


@app.command()
def rollback() -> None:
    """Go back to the snapshot before the current one."""
    from orchestration.area import load_area
    from orchestration.audit.log import account, audit_of
    from orchestration.governance.permits import decide
    from orchestration.publishing import rollback as run

    settings = load_settings()
    area = load_area(settings.area_dir, today=settings.today)
    permitted = {feed for feed in area.contracts if decide(area, feed).may_keep}
    now = run(settings, permitted=permitted).snapshot_id
    audit_of(settings).record("rollback", who=account(), snapshot=now)
    console().print(f"The dashboards now read {now}.", highlight=False)


@link_app.command("evaluate")
def link_evaluate(
    truth: Annotated[Path, typer.Option(help="truth/records.parquet of a simulation")], as_json: AsJson = False
) -> None:
    """Precision, recall and F1 against a truth file, by feed, age, sex, ethnicity and deprivation, with intervals."""
    from orchestration.linkage.evaluation import run_evaluate

    typer.echo(run_evaluate(load_settings(), truth, as_json=as_json))


@link_app.command("patterns")
def link_patterns(
    most: Annotated[int, typer.Option(min=1, help="how many, the most doubtful first")] = 20, *, as_json: AsJson = False
) -> None:
    """For clerical review: in what pairs of records agree, how many do, and how sure the model is. No values."""
    from orchestration.linkage.patterns import run_patterns

    typer.echo(run_patterns(load_settings(), most=most, as_json=as_json))


def _serve(settings: Settings, port: int | None = None) -> None:
    from orchestration.processes import run_dashboards

    raise typer.Exit(run_dashboards(settings, port=port or settings.port))
