"""`python -m dashboards [--port N] [--host H]`: serve the dashboards with waitress until interrupted."""

import argparse
import dataclasses
import signal
import socket
import sys
from collections.abc import Sequence
from types import FrameType

import waitress
from _plotly_utils.optional_imports import get_module

from dashboards.access.setting_up import check_host
from dashboards.app import create_app
from orchestration.audit import audit_of
from orchestration.audit.pack import note_pack
from orchestration.errors import JoinedUpError, ServingError
from orchestration.settings import Settings, load_settings

THREADS = 8


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve; return the exit code. A person's mistake prints one clear message and no traceback."""
    try:
        serve(_with_arguments(load_settings(), arguments))
    except JoinedUpError as error:
        _say(f"Error: {error}", error=True)
        return error.exit_code
    except KeyboardInterrupt:
        _say("Stopped.", error=True)
    return 0


def serve(settings: Settings) -> None:
    """Serve until interrupted; ServingError when the address is taken, SnapshotError when nothing is published."""
    check_host(settings)
    with bind(settings.host, settings.port) as listener:
        get_module("pandas")  # half imported by one thread it breaks charts that another draws at that moment
        app = create_app(settings)
        note_pack(audit_of(settings), settings.area_dir, moment="serving")
        _say(f"Joined Up is at http://{_shown(settings.host)}:{settings.port}/  (Ctrl-C stops it)")
        if settings.sign_in is None:
            _say(
                "LOCAL MODE: nobody is asked to sign in, and only this machine can reach it. Pages say so.", error=True
            )
            _say("For more people set up sign-in: docs/how-to/sign-in-with-oidc.md", error=True)
        else:
            _say("People sign in with the provider that is set in JOINEDUP_OIDC_ISSUER.")
        signal.signal(signal.SIGTERM, _stop)
        waitress.serve(app.server, sockets=[listener], threads=THREADS, ident="joinedup")


def _stop(_signal: int, _frame: FrameType | None) -> None:
    """Let waitress finish the requests in hand when a service manager asks the process to end."""
    raise SystemExit(0)


def bind(host: str, port: int) -> socket.socket:
    """Return a socket bound to the address before anything slow is done; waitress listens on it."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen()
    except OSError as error:
        listener.close()
        raise ServingError(
            f"Cannot serve on {host}:{port} ({error.strerror}). Stop what uses that port, or choose another with "
            "--port or JOINEDUP_PORT."
        ) from error
    return listener


def _with_arguments(settings: Settings, arguments: Sequence[str] | None) -> Settings:
    parser = argparse.ArgumentParser(prog="dashboards", description="Serve the Joined Up dashboards.")
    parser.add_argument("--port", type=int, default=settings.port, help="port to listen on (default: %(default)s)")
    parser.add_argument("--host", default=settings.host, help="address to listen on (default: %(default)s)")
    chosen = parser.parse_args(arguments)
    return dataclasses.replace(settings, port=chosen.port, host=chosen.host)


def _say(text: str, *, error: bool = False) -> None:
    stream = sys.stderr if error else sys.stdout
    stream.write(f"{text}\n")
    stream.flush()


def _shown(host: str) -> str:
    return f"[{host}]" if ":" in host else host


if __name__ == "__main__":
    sys.exit(main())
