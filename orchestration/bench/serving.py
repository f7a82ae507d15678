"""`joinedup bench --serve`: many people walking through the pages of a running app, from another process.

The app is started as its users start it, on loopback, with the snapshot of this home. Every walker opens a page as the
browser does (the layout of a page is one POST), waits a little, and opens the next with other filters.
"""

import http.client
import json
import random
import socket
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import Any

from orchestration.bench.memory import resident_mib
from orchestration.console import results
from orchestration.errors import ServingError
from orchestration.release import Gate
from orchestration.settings import Settings, export

PAGES = ("/", "/who", "/together", "/journeys", "/flow", "/needs", "/personas", "/places", "/trust")
WITH_USE = ("/who", "/flow", "/places")
CONTENT = "_pages_content.children"
THINKING = (2.0, 8.0)  # seconds that somebody reads a page
READY_WITHIN = 60.0


@dataclass
class Walked:
    """What the walkers saw: seconds of each page, and what failed."""

    seconds: list[float] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Route:
    """Where walkers go: the app's port, the callback that draws pages, a browser's headers, and the filters."""

    port: int
    content: dict[str, Any]
    headers: dict[str, str]
    queries: list[str]
    uses: list[str]


def run_serving_bench(settings: Settings, *, users: int, seconds: float, seed: int) -> dict[str, Any]:
    """Serve this home's snapshot, let `users` walk for `seconds`, and return the figures."""
    catalogue = Gate(settings).catalogue()
    queries = [f"?period={period.code}" for period in catalogue.periods_of("year")]
    uses = [f"theme:{theme.code}" for theme in catalogue.themes]
    port = free_port()
    export(settings)
    command = [sys.executable, "-m", "dashboards", "--host", "127.0.0.1", "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as app:
        wait_until_ready(port)
        route = Route(port, content_callback(port), page_headers(port), queries, uses)
        walked = Walked()
        end = time.monotonic() + seconds
        threads = [threading.Thread(target=walk, args=(route, end, seed + number, walked)) for number in range(users)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        memory = resident_mib(app.pid)
        app.terminate()
    return summary(walked, users=users, seconds=seconds, snapshot=catalogue.snapshot_id, memory=memory)


def summary(walked: Walked, *, users: int, seconds: float, snapshot: str, memory: float) -> dict[str, Any]:
    """Return the figures of a run: pages opened, failures, and percentiles of the time to a page in milliseconds."""
    times = sorted(walked.seconds)
    return {
        "snapshot": snapshot,
        "users": users,
        "seconds": seconds,
        "pages": len(times),
        "failures": len(walked.failures),
        "first_failure": walked.failures[0] if walked.failures else "",
        "p50_ms": round(1000 * at(times, 0.50)),
        "p95_ms": round(1000 * at(times, 0.95)),
        "p99_ms": round(1000 * at(times, 0.99)),
        "slowest_ms": round(1000 * (times[-1] if times else 0.0)),
        "memory_mib": round(memory),
    }


def print_serving_bench(result: dict[str, Any]) -> None:
    """Print the figures for a person."""
    print_ = results().print
    print_(
        f"{result['users']} people walked for {result['seconds']:.0f} s through {result['snapshot']}: "
        f"{result['pages']:,} pages, {result['failures']} failures{': ' * bool(result['failures'])}"
        f"{result['first_failure']}.",
        highlight=False,
    )
    print_(
        f"A page took {result['p50_ms']} ms (median), {result['p95_ms']} ms (95 in 100), {result['p99_ms']} ms "
        f"(99 in 100), {result['slowest_ms']} ms at most; the app held {result['memory_mib']:,} MiB.",
        highlight=False,
    )


def at(ordered: list[float], share: float) -> float:
    """Return the value that a share of ordered values does not exceed; 0 of none."""
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


def walk(route: Route, end: float, seed: int, walked: Walked) -> None:
    """Open page after page until `end`, as one person with a browser that stays open."""
    rng = random.Random(seed)  # noqa: S311 - chooses pages, keeps no secret
    connection = http.client.HTTPConnection("127.0.0.1", route.port, timeout=60)
    try:
        time.sleep(rng.uniform(0, THINKING[1]))
        while time.monotonic() < end:
            path = rng.choice(PAGES)
            search = rng.choice(["", *route.queries])
            if path in WITH_USE and rng.random() < 0.5:
                search += ("&" if search else "?") + f"use={rng.choice(route.uses)}"
            body = page_request(route.content, path, search)
            started = time.perf_counter()
            connection.request("POST", "/_dash-update-component", body=body, headers=route.headers)
            response = connection.getresponse()
            page = response.read()
            walked.seconds.append(time.perf_counter() - started)
            if response.status != 200 or b"page-content" not in page:
                walked.failures.append(f"{path}{search}: {response.status}")
            time.sleep(rng.uniform(*THINKING))
    except (OSError, http.client.HTTPException) as error:
        walked.failures.append(f"{type(error).__name__}: {error}")
    finally:
        connection.close()


def page_request(content: dict[str, Any], path: str, search: str) -> str:
    """Return the body that the browser posts to get the layout of a page."""
    values = {"pathname": path, "search": search, "data": "light"}
    inputs = [{**one, "value": values[one["property"]]} for one in content["inputs"]]
    outputs = [
        dict(zip(("id", "property"), part.rsplit(".", 1), strict=True))
        for part in content["output"].strip(".").split("...")
    ]
    return json.dumps(
        {
            "output": content["output"],
            "outputs": outputs,
            "inputs": inputs,
            "changedPropIds": ["_pages_location.pathname"],
            "state": [],
        }
    )


def page_headers(port: int) -> dict[str, str]:
    """Return what a browser sends with each POST after it has loaded a page: cookies, and the token among them."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", "/about", headers={"Accept": "text/html"})
        response = connection.getresponse()
        response.read()
        given = [value for name, value in response.getheaders() if name.lower() == "set-cookie"]
    finally:
        connection.close()
    cookies = SimpleCookie()
    for one in given:
        cookies.load(one)
    sent = "; ".join(f"{name}={held.value}" for name, held in cookies.items())
    token = cookies["_csrf_token"].value if "_csrf_token" in cookies else ""
    return {"Content-Type": "application/json", "Cookie": sent, "X-CSRFToken": token}


def content_callback(port: int) -> dict[str, Any]:
    """Return the callback that draws pages, as the app describes it to every browser."""
    listed = json.loads(get(port, "/_dash-dependencies"))
    return next(one for one in listed if CONTENT in one["output"])


def get(port: int, path: str) -> bytes:
    """Return the body of a GET on loopback; ServingError when it is not 200."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        body = response.read()
        if response.status != 200:
            raise ServingError(f"GET {path} of the app under test answered {response.status}.")
        return body
    finally:
        connection.close()


def wait_until_ready(port: int) -> None:
    """Return when the app says that it is ready; ServingError when it does not within a minute."""
    last = ""
    for _ in range(int(READY_WITHIN / 0.25)):
        try:
            get(port, "/readyz")
        except (OSError, ServingError) as error:
            last = str(error)
            time.sleep(0.25)
        else:
            return
    raise ServingError(f"The app under test was not ready within {READY_WITHIN:.0f} seconds: {last}")


def free_port() -> int:
    """Return a port of loopback that nobody listens on now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
