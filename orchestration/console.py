"""What a person sees while a command runs: rich on a terminal, plain lines elsewhere, always on standard error."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from rich.console import Console
from rich.markup import escape

from orchestration import progress

MOST_STRAYS = 5


@cache
def console() -> Console:
    """Return the console on standard error, so that standard output stays clean for pipes.

    Without a terminal a message stays one line, for logs and for those who search them.
    """
    return _unbroken(Console(stderr=True))


def results() -> Console:
    """Return a console on standard output, for what a command was asked for."""
    return _unbroken(Console())


def _unbroken(screen: Console) -> Console:
    screen.soft_wrap = not screen.is_terminal
    return screen


@contextmanager
def shown_progress(title: str) -> Iterator[None]:
    """Show what is reported inside the block: a spinner on a terminal, a line with seconds elsewhere."""
    start = time.perf_counter()
    screen = console()
    if not screen.is_terminal:

        def line(message: str) -> None:
            print(f"{time.perf_counter() - start:6.1f}s  {message}", file=sys.stderr, flush=True)  # noqa: T201

        with progress.listening(line):
            yield
        line(f"{title}: done")
        return
    with screen.status(f"{title} ...") as status:

        def show(message: str) -> None:
            screen.print(f"[dim]{time.perf_counter() - start:6.1f}s[/]  {message}", highlight=False)
            status.update(f"{message} ...")

        with progress.listening(show):
            yield
    screen.print(f"[dim]{time.perf_counter() - start:6.1f}s[/]  [green]{title}: done[/]", highlight=False)


def print_refresh(summary: Any) -> None:
    """Say in a few lines what a refresh did and what needs a person."""
    screen = console()
    if not summary.feeds and not summary.published:
        screen.print("Nothing was due: no new delivery, and nothing that was agreed has changed.")
    if summary.feeds:
        screen.print(f"Read {len(summary.feeds)} feed(s) with something new.", highlight=False)
    if summary.strays:
        screen.print(f"[yellow]{escape(stray_words(summary.strays))}[/]", highlight=False)
    for feed, count in summary.refused.items():
        if count:
            screen.print(f"[yellow]{feed}: {count} delivery(ies) refused whole; receipts/{feed} says why.[/]")
    for feed, files in summary.waiting.items():
        if files:
            text = f"{feed}: {len(files)} file(s) are not whole or cannot be read yet and wait for the next refresh: "
            screen.print(f"[yellow]{escape(text + _some(files))}[/]", highlight=False)
    for feed, periods in summary.absent.items():
        if periods:
            text = f"{feed}: nothing of {', '.join(periods)} is in the landing folder any more; put the files back."
            screen.print(f"[yellow]{text}[/]", highlight=False)
    for words in summary.alerts:
        screen.print(words, style="yellow", highlight=False, markup=False)
    for feed, why in summary.failures.items():
        screen.print(f"[red]{feed}[/]: {escape(why)}", highlight=False)
    if summary.published:
        screen.print(f"[green]Published {summary.snapshot}.[/]", highlight=False)


def stray_words(strays: list[str]) -> str:
    """Say which files of the landing folder no contract asks for."""
    return f"Not read, because no contract's file pattern fits: {_some(strays)}. Is a name misspelt?"


def _some(names: list[str]) -> str:
    more = f" and {len(names) - MOST_STRAYS} more" if len(names) > MOST_STRAYS else ""
    return ", ".join(names[:MOST_STRAYS]) + more
