"""docs/how-to/add-a-partner.md, followed literally: its files are made, its commands run, its claims asserted."""

import json
import os
import re
import shlex
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl
import pytest

from dashboards.pages import trust, who
from dashboards.visit import Visit
from orchestration.area import load_area
from orchestration.feeds.receipts import Receipt
from orchestration.release import Gate
from orchestration.settings import Settings, repository_root
from tests.support.walk import Step, changed, steps

ROOT = repository_root()
PAGE = ROOT / "docs" / "how-to" / "add-a-partner.md"
MAIN = "import sys; sys.argv[0] = 'joinedup'; from orchestration.cli import main; main()"
PRELUDE = f'joinedup() {{ {shlex.quote(sys.executable)} -c {shlex.quote(MAIN)} "$@"; }}\n'
FIGURE = re.compile(r"^(\D+?) +(\d+)$")
MOST_NOISE = 10  # rounding and random changes of a published count
PATIENCE = 60.0


@dataclass
class Walk:
    """Follows the page in a folder of its own, in which `seeds` and `docs` are the repository's."""

    folder: Path
    port: int
    exports: list[str] = field(default_factory=list)
    output: str = ""
    served: list[str] = field(default_factory=list)

    def follow(self, step: Step) -> None:
        """Do what one block of the page says."""
        path = self.folder / step.path
        if step.kind == "sh" and step.body.strip() == "joinedup serve":
            self.serve()
        elif step.kind == "sh":
            self.run(step)
        elif step.kind == "text":
            self.compare(step)
        elif step.kind == "yaml":
            assert not path.exists(), f"{step.path} is there already"
            path.write_text(step.body, encoding="utf-8")
        elif step.kind == "csv":
            path.write_text(path.read_text(encoding="utf-8") + step.body, encoding="utf-8")
        elif step.kind == "diff":
            path.write_text(changed(path.read_text(encoding="utf-8"), step.body), encoding="utf-8")
        else:
            raise AssertionError(f"the page has a {step.kind} block, which nobody can follow")

    def run(self, step: Step) -> None:
        """Run a block of commands; all but the last must succeed, and the last ends as the page says."""
        lines = step.body.splitlines()
        self.exports += [line for line in lines if line.startswith("export ")]
        script = PRELUDE + "set -e\n" + "\n".join([*self.exports, *lines])
        done = subprocess.run(
            ["bash", "-c", script], cwd=self.folder, env=self.environment(), capture_output=True, text=True, check=False
        )
        self.output = done.stdout + done.stderr
        assert done.returncode == step.exit_code, f"{step.body}\n{self.output}"

    def compare(self, step: Step) -> None:
        """Every line of the page is in the output; a name with a figure may differ by the noise of a release."""
        squeezed = {" ".join(line.split()) for line in self.output.splitlines()}
        for line in filter(None, map(str.strip, step.body.splitlines())):
            if told := FIGURE.match(line):
                shown = next((FIGURE.match(found) for found in squeezed if found.startswith(f"{told[1]} ")), None)
                assert shown, f"no figure for {told[1]!r} in\n{self.output}"
                assert abs(int(shown[2]) - int(told[2])) <= MOST_NOISE, line
            else:
                assert any(" ".join(line.split()) in found for found in squeezed), f"{line!r} is not in\n{self.output}"

    def serve(self) -> None:
        """Serve as the page says, on a free port, and fetch the pages that it names."""
        script = PRELUDE + "\n".join(
            [*self.exports, f"exec {shlex.quote(sys.executable)} -c {shlex.quote(MAIN)} serve"]
        )
        named = re.findall(r"http://127\.0\.0\.1:8050(/[^`]*)", PAGE.read_text(encoding="utf-8"))
        with subprocess.Popen(
            ["bash", "-c", script], cwd=self.folder, env=self.environment(), stderr=subprocess.DEVNULL
        ) as server:
            try:
                self.served = [self.fetch("/healthz"), *(self.fetch(address) for address in named)]
                self.served += [self.fetch("/download.csv?measure=people&by=service&period=Y2025")]
            finally:
                server.terminate()
                server.wait(PATIENCE)

    def fetch(self, address: str) -> str:
        """Return what the server answers, once it does."""
        until = time.monotonic() + PATIENCE
        while True:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{address}", timeout=PATIENCE) as answer:
                    body: str = answer.read().decode()
                    return body
            except OSError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.5)

    def environment(self) -> dict[str, str]:
        plain = {name: value for name, value in os.environ.items() if not name.startswith(("JOINEDUP_", "DAGSTER_"))}
        return plain | {"PYTHONPATH": str(ROOT), "COLUMNS": "200", "JOINEDUP_PORT": str(self.port)}


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory) -> Walk:
    """Follow the whole page once."""
    folder = tmp_path_factory.mktemp("walk")
    for name in ("seeds", "docs"):
        (folder / name).symlink_to(ROOT / name)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        walk = Walk(folder, probe.getsockname()[1])
    for step in steps(PAGE.read_text(encoding="utf-8")):
        walk.follow(step)
    return walk


@pytest.fixture(scope="module")
def settings(walked: Walk) -> Settings:
    return Settings(area_dir=walked.folder / "pack", home=walked.folder / "var")


pytestmark = pytest.mark.timeout(1800)


def test_the_receipt_says_what_the_page_says(settings: Settings) -> None:
    (path,) = (settings.receipts / "food_parcels").glob("*.json")
    receipt = Receipt.model_validate_json(path.read_bytes())
    assert (receipt.outcome, receipt.contract_version) == ("accepted_with_rejects", "first")
    assert receipt.total.as_dict() == {"delivered": 240, "accepted": 238, "quarantined": 2, "superseded": 0}
    assert receipt.entities["person"].delivered == receipt.entities["episode"].delivered == 120
    assert receipt.items_not_agreed == ("ethnicity",)
    assert path.with_suffix(".html").is_file()


def test_what_was_not_agreed_is_not_stored(settings: Settings) -> None:
    people = pl.read_parquet(settings.accepted / "in_force" / "person" / "food_parcels.parquet")
    assert people.height == 120
    assert people["ethnicity_code"].null_count() == 120
    assert people["tok_name_dob"].null_count() == 0


def test_the_pages_that_it_names_are_served_with_the_same_figures(walked: Walk) -> None:
    health, *pages, download = walked.served
    assert json.loads(health)["status"] == "ok"
    assert len(pages) == 2
    assert all("Joined Up" in page for page in pages)
    asked = re.search(r"^food_parcel,Food parcel,(\d+)\s", download, re.MULTILINE)
    assert asked
    assert abs(int(asked[1]) - 70) <= MOST_NOISE


def test_the_figure_is_on_the_page_and_the_feed_on_the_trust_page(settings: Settings) -> None:
    gate, area = Gate(settings), load_area(settings.area_dir)
    shown = list(texts(who.layout(Visit(gate, area, {"use": "service:food_parcel"}))))
    figure = shown[shown.index("Different people") + 1]
    assert abs(int(figure) - 70) <= MOST_NOISE
    assert {"Food parcels and fuel vouchers", "Tidewell Food Hub"} <= set(texts(trust.layout(Visit(gate, area))))


def texts(part: object) -> Iterator[str]:
    """Yield every text of a page in the order in which it stands there."""
    if isinstance(part, str):
        yield part
    elif isinstance(part, dict):
        yield from texts([item for name, item in part.items() if name != "className"])
    elif isinstance(part, list | tuple):
        for item in part:
            yield from texts(item)
    elif hasattr(part, "to_plotly_json"):
        made = part.to_plotly_json()
        yield from texts(made.get("props", made))
