"""What the documents name exists: paths, links, commands, variables, exit codes. A document that lies is a defect."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from orchestration import errors
from orchestration.errors import JoinedUpError
from orchestration.settings import VARIABLES, repository_root

ROOT = repository_root()
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
CODE = re.compile(r"`([^`\n]+)`")
BLOCK = re.compile(r"```[a-z]*\n(.*?)```", re.DOTALL)
COMMAND = re.compile(r"(?<![\w/-])joinedup +([a-z-]+)((?: +(?!\||&|;|#)\S+)*)")
MAKE = re.compile(r"(?<!\w)make ([a-z]+)")
TOP_LEVEL = ("orchestration/", "dashboards/", "dbt_project/", "seeds/", "tests/", "docs/", ".ci/")
ROOT_FILES = ("README.md", "CHANGELOG.md", "LICENSE", "Makefile", "pyproject.toml", "requirements.lock")
EXAMPLE = re.compile(r"[<>{}*…$]")  # a placeholder or a pattern, not a name
UNTRACKED = {"var", ".venv", ".git", "node_modules", "target", "dbt_packages"}


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


def command_line() -> dict[str, str]:
    """Return the command line's source text by command, read and not run: importing it would cost seconds.

    A command is a function with the decorator `@<app>.command()`, or a name given to `add_parser`/`add_typer`.
    """
    source = (ROOT / "orchestration" / "cli.py").read_text(encoding="utf-8")
    found: dict[str, str] = {}
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef):
            for decorator in node.decorator_list:
                if isinstance(decorator, ast.Call) and getattr(decorator.func, "attr", "") == "command":
                    given = [a.value for a in decorator.args if isinstance(a, ast.Constant)]
                    found[str(given[0] if given else node.name.replace("_", "-"))] = (
                        ast.get_source_segment(source, node) or ""
                    )
    return found


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
    rows = {(kind, int(code)) for code, kind in re.findall(r"^\| (\d+) \| `(\w+)` \|", text, re.MULTILINE)}
    classes = [c for c in vars(errors).values() if isinstance(c, type) and issubclass(c, JoinedUpError)]
    assert rows == {(c.__name__, c.exit_code) for c in classes}
