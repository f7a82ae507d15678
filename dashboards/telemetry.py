"""What operators see of the running app: readiness, metrics for Prometheus, and one line a request.

No line and no metric holds a person: a request is its route, method, status and time. Query strings, addresses and
names of users stay out, because what somebody looked at belongs in the audit log alone.
"""

import json
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime

from flask import Flask, Response, g, jsonify, request
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from orchestration.errors import JoinedUpError
from orchestration.release import Gate

BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
LOOPBACK = ("127.0.0.1", "::1")
OTHER = "other"
"""Route of every address that no rule of the app has: free text would make a metric for each."""


def add_telemetry(server: Flask, gate: Gate, *, log: bool) -> None:
    """Add `/readyz` and `/metrics`, and with `log` write one JSON line a request to standard error."""
    registry = CollectorRegistry()
    counted = Counter("joinedup_requests", "Requests answered.", ("route", "method", "status"), registry=registry)
    timed = Histogram("joinedup_request_seconds", "Seconds to answer.", ("route",), buckets=BUCKETS, registry=registry)
    built = Gauge("joinedup_snapshot_age_seconds", "Age of the snapshot that is served.", registry=registry)

    def start() -> None:
        g.started = time.perf_counter()

    def stop(response: Response) -> Response:
        seconds = time.perf_counter() - getattr(g, "started", time.perf_counter())
        route = route_of()
        counted.labels(route, request.method, str(response.status_code)).inc()
        timed.labels(route).observe(seconds)
        if log:
            write_line(route, response.status_code, seconds)
        return response

    def ready() -> tuple[Response, int]:
        return readiness(gate)

    def metrics() -> tuple[Response, int]:
        if request.remote_addr not in LOOPBACK or "X-Forwarded-For" in request.headers:
            return jsonify(error="metrics are given on this machine only"), 403
        built.set(snapshot_age(gate))
        return Response(generate_latest(registry), mimetype="text/plain; version=0.0.4"), 200

    server.before_request(start)
    server.after_request(stop)
    server.add_url_rule("/readyz", view_func=ready, endpoint="ready")
    server.add_url_rule("/metrics", view_func=metrics, endpoint="metrics")


def readiness(gate: Gate) -> tuple[Response, int]:
    """Return 200 when the published snapshot answers a question, else 503 and what is missing."""
    try:
        catalogue = gate.catalogue()
        gate.feeds()
    except JoinedUpError as error:
        return jsonify(status="not ready", reason=str(error)), 503
    return jsonify(status="ready", snapshot=catalogue.snapshot_id), 200


def snapshot_age(gate: Gate) -> float:
    """Return the age of the served snapshot in seconds; NaN when there is none."""
    try:
        built_at = str(gate.snapshot()["built_at"])
    except JoinedUpError:
        return float("nan")
    moment = datetime.fromisoformat(built_at)
    return (datetime.now(UTC) - (moment if moment.tzinfo else moment.replace(tzinfo=UTC))).total_seconds()


def route_of() -> str:
    """Return the rule of the request, never its address: '/receipts/<feed>', not a feed's name; files as one."""
    rule = request.url_rule.rule if request.url_rule is not None else OTHER
    return "/assets" if rule.startswith(("/assets", "/_dash-component-suites")) else rule


def write_line(route: str, status: int, seconds: float, write: Callable[[str], object] = sys.stderr.write) -> None:
    """Write one request as a JSON line."""
    line = {
        "at": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "method": request.method,
        "route": route,
        "status": status,
        "ms": round(1000 * seconds, 1),
    }
    write(json.dumps(line) + "\n")
