"""What the documents name exists: paths, links, commands, variables, exit codes. A document that lies is a defect."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from orchestration import errors
from orchestration.errors import JoinedUpError
from orchestration.settings import VARIABLES, repository_root

ROOT = repository_root()
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
CODE = re.compile(r"`([^`\n]+)`")
BLOCK = re.compile(r"```[a-z]*\n(.*?)```", re.DOTALL)
COMMAND = re.compile(r"(?<![\w/-])joinedup +([a-z][a-z-]*)((?: +(?!\||&|;|#)\S+)*)")
MAKE = re.compile(r"(?<!\w)make ([a-z]+)")
TOP_LEVEL = ("orchestration/", "dashboards/", "dbt_project/", "seeds/", "tests/", "docs/", ".ci/")
ROOT_FILES = ("README.md", "CHANGELOG.md", "LICENSE", "Makefile", "pyproject.toml", "requirements.lock")
EXAMPLE = re.compile(r"[<>{}*…$]")  # a placeholder or a pattern, not a name
UNTRACKED = {"var", ".venv", ".git", "node_modules", "target", "dbt_packages"}


READ_COMMANDS = """
import json
from typer.main import get_command
from orchestration.cli import app
def nodes(node): return [node, *getattr(node, "commands", {}).values()]
def options(node): return {word for one in nodes(node) for p in one.params for word in (*p.opts, *p.secondary_opts)}
found = {name: sorted(options(node)) for name, node in get_command(app).commands.items()}
print(json.dumps({name: [word for word in words if word.startswith("--")] for name, words in found.items()}))
"""


def pages() -> list[Path]:
    """Return every Markdown page of the tree, none of the running data."""
    return sorted(p for p in ROOT.rglob("*.md") if not UNTRACKED & set(p.relative_to(ROOT).parts))


def name(page: Path) -> str:
    return str(page.relative_to(ROOT))


def slug(heading: str) -> str:
    """Return the anchor that Git hosts make of a heading."""
    plain = re.sub(r"[`*]|\[([^\]]*)\]\([^)]*\)", r"\1", heading.strip().lower())
    return re.sub(r"[^\w\- ]", "", plain).replace(" ", "-")


def anchors(page: Path) -> set[str]:
    text = BLOCK.sub("", page.read_text(encoding="utf-8"))
    return {slug(line) for line in re.findall(r"^#+ +(.+?)\s*$", text, re.MULTILINE)}


def named_paths(text: str) -> Iterator[str]:
    """Yield what looks like a path of this repository in code marks."""
    for quoted in CODE.findall(BLOCK.sub("", text)):
        for word in quoted.split():
            candidate = word.rstrip(".,;:").split("::")[0]
            if (candidate.startswith(TOP_LEVEL) or candidate in ROOT_FILES) and not EXAMPLE.search(candidate):
                yield candidate


def commands(text: str) -> Iterator[tuple[str, list[str]]]:
    """Yield each `joinedup` command of code marks and code blocks with the options given to it."""
    for quoted in [
        *CODE.findall(BLOCK.sub("", text)),
        *(line for block in BLOCK.findall(text) for line in block.splitlines()),
    ]:
        for command, rest in COMMAND.findall(quoted.replace("\\\n", " ")):
            yield command, re.findall(r"(?<!\S)(--[a-z][a-z-]*)", rest)


@cache
def command_line() -> dict[str, set[str]]:
    """Return each command with its long options; those of a group's commands count as the group's own.

    Asked of a process of its own: typer warns at import, and here warnings are errors.
    """
    done = subprocess.run([sys.executable, "-c", READ_COMMANDS], capture_output=True, text=True, check=True, cwd=ROOT)
    return {command: {*options, "--help"} for command, options in json.loads(done.stdout).items()}


@pytest.mark.parametrize("page", pages(), ids=name)
def test_every_internal_link_of_a_page_resolves(page: Path) -> None:
    broken = []
    for target in LINK.findall(BLOCK.sub("", page.read_text(encoding="utf-8"))):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        there = (page.parent / path).resolve() if path else page
        if not there.exists() or (anchor and there.suffix == ".md" and anchor not in anchors(there)):
            broken.append(target)
    assert broken == []


@pytest.mark.parametrize("page", pages(), ids=name)
def test_every_path_that_a_page_names_exists(page: Path) -> None:
    missing = [path for path in named_paths(page.read_text(encoding="utf-8")) if not (ROOT / path).exists()]
    assert missing == []


@pytest.mark.parametrize("page", pages(), ids=name)
def test_every_command_and_option_that_a_page_names_exists(page: Path) -> None:
    known = command_line()
    wrong = []
    for command, options in commands(page.read_text(encoding="utf-8")):
        wrong += [command] if command not in known else [f"{command} {o}" for o in options if o not in known[command]]
    assert wrong == []


def test_the_page_of_commands_lists_each_command_with_its_options_and_no_other() -> None:
    text = (ROOT / "docs" / "reference" / "commands.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `joinedup ([a-z-]+)` \| .+? \| ?([^|]*?) ?\|$", text, re.MULTILINE)
    listed = {command: set(re.findall(r"`(--[a-z-]+)`", options)) for command, options in rows}
    inverse = re.compile("--no-|--help")  # the negative form of a switch
    known = {c: {o for o in options if not inverse.match(o)} for c, options in command_line().items()}
    known["link"] = set()  # a group: its row names its commands in words
    assert listed == known


@pytest.mark.parametrize("page", pages(), ids=name)
def test_every_make_target_that_a_page_names_exists(page: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    text = page.read_text(encoding="utf-8")
    quoted = "\n".join([*CODE.findall(text), *BLOCK.findall(text)])
    assert {target for target in MAKE.findall(quoted) if target not in targets} == set()


def test_every_page_of_docs_can_be_reached_from_the_index() -> None:
    start, seen = ROOT / "docs" / "README.md", set()
    queue = [start]
    while queue:
        page = queue.pop()
        if page in seen or page.suffix != ".md" or not page.exists():
            continue
        seen.add(page)
        queue += [
            (page.parent / t.partition("#")[0]).resolve()
            for t in LINK.findall(page.read_text(encoding="utf-8"))
            if ":" not in t
        ]
    assert sorted(name(p) for p in pages() if "docs" in p.relative_to(ROOT).parts[:1] and p not in seen) == []


def test_the_settings_page_lists_each_variable_with_its_description_and_no_other() -> None:
    text = (ROOT / "docs" / "reference" / "settings.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `(JOINEDUP_[A-Z_]+)` \| (.+?) \|", text, re.MULTILINE))
    assert rows == VARIABLES


def test_no_page_names_a_variable_that_is_not_read() -> None:
    named = {v for page in pages() for v in re.findall(r"JOINEDUP_[A-Z_]+", page.read_text(encoding="utf-8"))}
    read = set(VARIABLES) | set(re.findall(r"JOINEDUP_[A-Z_]+", (ROOT / ".ci" / "run").read_text(encoding="utf-8")))
    assert named - read == set()


def test_the_page_of_errors_gives_each_class_its_exit_code() -> None:
    text = (ROOT / "docs" / "how-to" / "read-errors-and-exit-codes.md").read_text(encoding="utf-8")
    found = re.findall(r"^\| (\d+) \| `(\w+)` \| ([^|]+) \|", text, re.MULTILINE)
    rows = {(kind, int(code), heading) for code, kind, heading in found}
    classes = [c for c in vars(errors).values() if isinstance(c, type) and issubclass(c, JoinedUpError)]
    assert rows == {(c.__name__, c.exit_code, c.heading) for c in classes}
