"""Each cause is told once when it begins and once when it is over, by every channel, whatever happens in between."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from orchestration.alerts import Alerted, Cause, Verdict, alert, alerting, failure, open_causes, send_trial
from orchestration.alerts.book import book_path, save_book
from orchestration.alerts.failures import PUBLISHING, safe_words
from orchestration.area import load_area
from orchestration.channels import Channels, Mail, Webhook
from orchestration.feeds.ingest import ingest_feed
from orchestration.settings import Settings
from tests.support.deliveries import as_csv, deliver, row
from tests.support.receivers import Hook, Mailbox, mail_server, web_server
from tests.unit.governance.test_rebuild import write_area

IN_TIME = date(2025, 4, 20)
NO_HEADER = "Nothing,that,is,known\n1,2,3,4\n"
CANARY = "Canary-7f3a"


@dataclass
class Receivers:
    """A mail server and a webhook that run, and settings that name them."""

    settings: Settings
    box: Mailbox = field(default_factory=Mailbox)
    hook: Hook = field(default_factory=Hook)

    @property
    def told(self) -> tuple[int, int, int]:
        """Return how many messages the mail server, the webhook and the log have taken."""
        return len(self.box.letters), len(self.hook.posts), len(log(self.settings))


@pytest.fixture
def to(settings: Settings) -> Iterator[Receivers]:
    found = Receivers(settings)
    with mail_server(found.box), web_server(found.hook):
        found.settings = with_channels(settings, found.box, found.hook)
        yield found


def with_channels(settings: Settings, box: Mailbox, hook: Hook) -> Settings:
    mail = Mail("127.0.0.1", box.port, "joinedup@example.org", ("engineer@example.org",), "none")
    return replace(settings, channels=Channels(mail, Webhook(hook.address)))


def log(settings: Settings) -> list[dict[str, object]]:
    path = settings.state / "alerts.jsonl"
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []


def read(settings: Settings, name: str, content: str, *, day: date = IN_TIME) -> None:
    deliver(settings, name, content)
    area = load_area(settings.area_dir, today=day.isoformat())
    contract = area.contracts["debt_advice"]
    ingest_feed(contract, agreement=area.agreements[contract.agreement], settings=settings, today=day)


def look(settings: Settings, *verdicts: Verdict, day: date = IN_TIME) -> Alerted:
    return alert(settings, load_area(settings.area_dir, today=day.isoformat()), verdicts)


def kinds(causes: list[Cause]) -> list[str]:
    return sorted(cause.kind for cause in causes)


def failed(place: str, minute: int = 0, kind: str = "LandingError", message: str = "No such file.") -> Verdict:
    at = datetime(2025, 4, 20, 12, minute, tzinfo=UTC)
    return Verdict(place, at, failure(place, kind=kind, message=message, where="run 1", at=at))


def passed(place: str, minute: int) -> Verdict:
    return Verdict(place, datetime(2025, 4, 20, 12, minute, tzinfo=UTC), None)


def test_ten_looks_at_one_refused_delivery_give_one_message_and_one_when_it_is_over(to: Receivers) -> None:
    read(to.settings, "debt_2025-03_20250405.csv", as_csv([row(1)]))
    read(to.settings, "debt_2025-02_20250305.csv", NO_HEADER)
    looks = [look(to.settings) for _ in range(10)]
    assert kinds(looks[0].begun) == ["refused"]
    assert [one.still_open for one in looks] == [1] * 10
    assert to.told == (1, 1, 1)
    read(to.settings, "debt_2025-02_20250306.csv", as_csv([row(1)]))
    assert [kinds(look(to.settings).over) for _ in range(10)] == [["refused"], *[[]] * 9]
    assert to.told == (2, 2, 2)
    assert [bool(post["begun"]) for post in to.hook.posts] == [True, False]
    assert str(to.box.letters[1]["Subject"]).endswith("refused: debt_advice (over)")


def test_a_second_refused_attempt_is_another_cause_than_the_first(to: Receivers) -> None:
    read(to.settings, "debt_2025-03_20250405.csv", NO_HEADER)
    look(to.settings)
    read(to.settings, "debt_2025-03_20250406.csv", NO_HEADER + "5,6,7,8\n")
    again = look(to.settings)
    assert (kinds(again.begun), kinds(again.over), to.told) == (["refused"], ["refused"], (2, 2, 2))


def test_a_refused_month_stays_open_though_the_next_month_is_good(settings: Settings) -> None:
    read(settings, "debt_2025-02_20250305.csv", NO_HEADER)
    read(settings, "debt_2025-03_20250405.csv", as_csv([row(1)]))
    assert kinds(look(settings).begun) == ["refused"]


def test_a_feed_is_late_from_the_day_after_it_was_due_until_it_arrives(to: Receivers) -> None:
    read(to.settings, "debt_2025-03_20250405.csv", as_csv([row(1)]))
    contract = load_area(to.settings.area_dir).contracts["debt_advice"]
    due = date(2025, 4, 30) + timedelta(days=contract.delivery.late_after_days)
    assert look(to.settings, day=due).begun == []
    (late,) = look(to.settings, day=due + timedelta(days=1)).begun
    assert (late.kind, late.since.date()) == ("late", due + timedelta(days=1))
    assert "the period that ended on 31 March 2025" in late.what
    assert all(look(to.settings, day=due + timedelta(days=more)).begun == [] for more in range(2, 40, 7))
    read(to.settings, "debt_2025-04_20250520.csv", as_csv([row(1)]))
    assert kinds(look(to.settings, day=due + timedelta(days=2)).over) == ["late"]
    assert to.told == (2, 2, 2)


def test_a_drop_in_quality_is_told_against_the_usual_of_the_feed_until_it_is_mended(to: Receivers) -> None:
    good = [row(number) for number in range(60)]
    for month in ("01", "02", "03"):
        read(to.settings, f"debt_2025-{month}_20250405.csv", as_csv(good))
    assert look(to.settings).begun == []
    blank = [{**one, "Sex": "" if number < 45 else "1"} for number, one in enumerate(good)]
    read(to.settings, "debt_2025-04_20250505.csv", as_csv(blank))
    found = look(to.settings, day=date(2025, 5, 6)).begun
    assert {(cause.kind, cause.subject) for cause in found} == {("quality_drop", "completeness")}
    assert "Worst is person.sex with 25%" in found[0].what
    for month in ("05", "06", "07", "08"):
        read(to.settings, f"debt_2025-{month}_20250506.csv", as_csv(blank))
    assert look(to.settings, day=date(2025, 5, 6)).over == [], "what stays bad never becomes the measure"
    read(to.settings, "debt_2025-09_20250507.csv", as_csv(good))
    assert kinds(look(to.settings, day=date(2025, 5, 6)).over) == ["quality_drop"]
    assert to.told == (2, 2, 2)


def test_a_failure_is_open_until_its_place_passes(to: Receivers) -> None:
    read(to.settings, "debt_2025-03_20250405.csv", as_csv([row(1)]))
    assert kinds(look(to.settings, failed("debt_advice", 0)).begun) == ["failure"]
    for minute in range(1, 10):
        assert look(to.settings, failed("debt_advice", minute)).begun == []
        assert look(to.settings).over == [], "a look without a run knows nothing of it"
    assert kinds(look(to.settings, passed("debt_advice", 10)).over) == ["failure"]
    assert to.told == (2, 2, 2)


def test_a_failure_does_not_tell_where_the_home_is(settings: Settings) -> None:
    (cause,) = look(settings, failed(PUBLISHING, message=f"{settings.home}/warehouse/x cannot be read.")).begun[:1]
    assert cause.what == "warehouse/x cannot be read."


def test_word_of_an_older_run_that_comes_later_changes_nothing(settings: Settings) -> None:
    look(settings, failed(PUBLISHING, 1))
    look(settings, passed(PUBLISHING, 5))
    assert kinds(look(settings, failed(PUBLISHING, 3)).begun) == []


def test_all_that_is_new_at_one_time_is_one_message(to: Receivers) -> None:
    read(to.settings, "debt_2025-02_20250305.csv", NO_HEADER)
    done = look(to.settings, failed(PUBLISHING), day=date(2025, 9, 1))
    assert kinds(done.begun) == ["failure", "late", "refused"]
    assert to.told == (1, 1, 1)
    assert to.box.letters[0]["Subject"] == "Joined Up, Here: 3 new"
    text = to.box.letters[0].get_content()
    assert all(word in text for word in ("Failed: publishing", "Late: debt_advice", "Refused: debt_advice", "To do:"))


def test_what_a_receiver_misses_while_it_is_down_it_is_sent_when_it_is_up(settings: Settings) -> None:
    box, hook = Mailbox(), Hook()
    with mail_server(box), web_server(hook):
        pass  # they have an address, and are down
    found = with_channels(settings, box, hook)
    read(found, "debt_2025-03_20250405.csv", as_csv([row(1)]))
    with mail_server(box, port=box.port):
        first = look(found, failed(PUBLISHING, 0))
        assert set(first.trouble) == {"webhook"}
        look(found, passed(PUBLISHING, 1))
    assert len(box.letters) == 2
    assert set(open_causes(found).trouble) == {"webhook"}
    with mail_server(box, port=box.port), web_server(hook, port=hook.port):
        done = look(found)
        assert (done.trouble, set(done.sent)) == ({}, {"webhook"})
        look(found)
    (post,) = hook.posts
    assert ([c["kind"] for c in post["begun"]], [c["kind"] for c in post["over"]]) == (["failure"], ["failure"])
    assert open_causes(found).trouble == {}
    assert len(box.letters) == 2


def test_a_process_that_dies_between_sending_and_noting_sends_the_same_message_again(
    to: Receivers, monkeypatch: pytest.MonkeyPatch
) -> None:
    saves: list[int] = []

    def die_after_sending(*arguments: Any) -> None:
        saves.append(1)
        if to.hook.posts:
            raise KeyboardInterrupt
        save_book(*arguments)

    read(to.settings, "debt_2025-03_20250405.csv", as_csv([row(1)]))
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(alerting, "save_book", die_after_sending)
        look(to.settings, failed(PUBLISHING))
    look(to.settings)
    look(to.settings)
    assert len(to.hook.posts) == 2
    assert to.hook.posts[0]["id"] == to.hook.posts[1]["id"]
    assert len(to.box.letters) == 1, "the mail was noted before the webhook was tried"


def test_a_channel_that_is_new_is_told_of_what_is_open_and_one_that_is_gone_is_forgotten(settings: Settings) -> None:
    look(settings, failed(PUBLISHING), day=date(2025, 9, 1))
    hook = Hook()
    with web_server(hook):
        found = replace(settings, channels=Channels(webhook=Webhook(hook.address)))
        look(found, day=date(2025, 9, 1))
        look(settings, day=date(2025, 9, 1))
    assert [cause["kind"] for cause in hook.posts[0]["begun"]] == ["failure", "late"]
    assert set(open_causes(settings).waiting) == {"log"}


def test_looks_at_the_same_time_tell_all_of_it_once(to: Receivers) -> None:
    read(to.settings, "debt_2025-03_20250405.csv", NO_HEADER)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: look(to.settings), range(8)))
    assert to.told == (1, 1, 1)


def test_a_book_that_cannot_be_written_silences_no_alert_and_fails_nobody(to: Receivers) -> None:
    book_path(to.settings).mkdir()
    done = look(to.settings, failed(PUBLISHING))
    assert "alerts cannot be noted" in done.trouble["book"]
    assert "failed: publishing" in to.box.letters[0]["Subject"] or "new" in to.box.letters[0]["Subject"]


def test_a_book_that_is_damaged_is_started_again(settings: Settings) -> None:
    book_path(settings).write_text("{half", encoding="utf-8")
    assert "book" in look(settings, failed(PUBLISHING)).trouble
    assert look(settings).trouble == {}


def test_a_damaged_receipt_is_a_cause_and_hides_no_other(settings: Settings) -> None:
    read(settings, "debt_2025-03_20250405.csv", as_csv([row(1)]))
    (path,) = (settings.receipts / "debt_advice").glob("*.json")
    path.write_text("{}", encoding="utf-8")
    look(settings, failed(PUBLISHING))
    assert {cause.place for cause in open_causes(settings).open.values()} == {PUBLISHING, "debt_advice"}
    assert look(settings, failed("debt_advice", 1, message=f"{path} is not a receipt.")).begun == [], "the same cause"


def test_a_feed_that_no_agreement_permits_is_not_late(settings: Settings) -> None:
    assert kinds(look(settings, day=date(2025, 9, 1)).begun) == ["late"]
    assert kinds(look(settings, day=date(2029, 9, 1)).over) == ["late"]


def test_no_message_holds_a_value_of_a_row_or_the_name_of_a_file(to: Receivers) -> None:
    rows = [row(number, Ref=f"{CANARY}{number}", Sex=CANARY, Born=CANARY, Start=CANARY) for number in range(60)]
    for month in ("01", "02", "03"):
        read(to.settings, f"debt_2025-{month}_20250405.csv", as_csv([row(number) for number in range(60)]))
    read(to.settings, f"debt_2025-04_20250405_{CANARY.replace('-', '')}.csv", as_csv(rows))
    read(to.settings, f"debt_2025-05_20250405_{CANARY.replace('-', '')}.csv", f"{CANARY},x\n{CANARY},1\n")
    look(to.settings, day=date(2025, 9, 1))
    assert {"quality_drop", "refused", "late"} <= {cause["kind"] for cause in to.hook.posts[0]["begun"]}
    home = [path.read_text(encoding="utf-8") for path in to.settings.state.glob("alerts.json*")]
    told = [str(to.box.letters), json.dumps(to.hook.posts), *home]
    assert all(CANARY.replace("-", "") not in text.replace("-", "") for text in told)


@pytest.mark.parametrize(
    ("kind", "message", "expected"),
    [
        ("LandingError", "No feed\n x.", "No feed x."),
        ("WarehouseError", f"Failure in test unique_x (a.yml)\n Got '{CANARY}'", "could not be built: unique_x."),
        ("DagsterDbtCliRuntimeError", f"Database Error in model stg_people: '{CANARY}' is no date", "stg_people."),
        ("WarehouseError", f"Conversion Error: '{CANARY}'", "The warehouse could not be built."),
        ("ComputeError", f"could not parse '{CANARY}'", "stopped with ComputeError"),
    ],
)
def test_an_error_is_told_without_what_it_quotes(kind: str, message: str, expected: str) -> None:
    words = safe_words(kind, message)
    assert expected in words
    assert CANARY not in words


def test_a_trial_reaches_each_channel_and_says_which_failed(to: Receivers, tmp_path: Path) -> None:
    assert send_trial(to.settings, "Here") == {"log": "", "mail": "", "webhook": ""}
    assert (len(to.box.letters), to.hook.posts[0]["subject"]) == (1, "Joined Up, Here: trial message")
    to.hook.answers = [404]
    assert send_trial(to.settings, "Here")["webhook"] == "127.0.0.1 answered 404"
    assert open_causes(to.settings).open == {}


def test_a_snapshot_feed_is_mended_by_any_later_delivery(settings: Settings) -> None:
    write_area(settings.area_dir, mode="snapshot")
    read(settings, "debt_2025-02_20250305.csv", NO_HEADER)
    assert kinds(look(settings).begun) == ["late", "refused"]
    read(settings, "debt_2025-03_20250405.csv", as_csv([row(1)]))
    assert kinds(look(settings).over) == ["late", "refused"]
