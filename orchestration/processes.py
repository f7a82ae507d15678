"""Long-running processes that the command line starts: the dashboards and Dagster's web interface.

The dashboards are a process of their own, never an import: orchestration does not know them.
"""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

from orchestration.console import console
from orchestration.errors import ServingError
from orchestration.settings import Settings, export, repository_root

PATIENCE = 10.0
"""Seconds that a child has to end after Ctrl-C, and again after it was told to."""


def free_port(host: str, port: int) -> None:
    """Raise ServingError when something already listens on the port."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise ServingError(
                f"Cannot listen on {host}:{port} ({error.strerror}): stop what uses the port, "
                "or choose another with --port."
            ) from error


def run_dashboards(settings: Settings, *, port: int) -> int:
    """Serve the dashboards until interrupted; return the process's exit code."""
    free_port(settings.host, port)
    export(settings)
    command = [sys.executable, "-m", "dashboards", "--host", settings.host, "--port", str(port)]
    return _wait(subprocess.Popen(command))


def run_dagster(settings: Settings, *, port: int) -> int:
    """Run Dagster's web interface and daemon until interrupted; return the process's exit code."""
    from orchestration.defs.instance import prepare_instance  # noqa: PLC0415 - imports Dagster

    free_port(settings.host, port)
    prepare_instance(settings)
    address = f"http://{settings.host}:{port}"
    console().print(f"Dagster will be on {address} in about 20 seconds. Ctrl-C stops it.", highlight=False)
    command = [
        str(Path(sys.executable).parent / "dagster"),
        "dev",
        "-m",
        "orchestration.definitions",
        "-h",
        settings.host,
        "-p",
        str(port),
    ]
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ.get('PATH', '')}"}
    return _wait(subprocess.Popen(command, cwd=repository_root(), env=environment))


def _wait(process: "subprocess.Popen[bytes]") -> int:
    """Wait for a child; pass Ctrl-C and termination on, and count both as an orderly end.

    A terminal sends Ctrl-C to the child too. It gets time to end by itself: a second signal would break its ending.
    """
    stopped = False

    def stop(*_: object) -> None:
        nonlocal stopped
        stopped = True
        process.send_signal(signal.SIGTERM)

    previous = signal.signal(signal.SIGTERM, stop)
    try:
        code = process.wait()
    except KeyboardInterrupt:
        for number in (signal.SIGTERM, signal.SIGKILL):
            try:
                process.wait(timeout=PATIENCE)
            except subprocess.TimeoutExpired:
                process.send_signal(number)
        process.wait()
        return 0
    finally:
        signal.signal(signal.SIGTERM, previous)
    return 0 if stopped else code
