"""A mail server and a webhook on this machine that take what alerts send, by the real protocols."""

import json
import socketserver
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any


@dataclass
class Mailbox:
    """What a mail server took. `answers` are replies to DATA, such as '451 later', before it takes any message."""

    port: int = 0
    letters: list[EmailMessage] = field(default_factory=list)
    envelopes: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    encrypted: list[bool] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    refused: tuple[str, ...] = ()
    context: ssl.SSLContext | None = None
    offers_starttls: bool = True


class _Smtp(socketserver.StreamRequestHandler):
    """One SMTP session (RFC 5321), with STARTTLS and AUTH."""

    server: "_SmtpServer"

    def handle(self) -> None:
        box = self.server.box
        self.sender, self.recipients, self.is_encrypted = "", [], isinstance(self.request, ssl.SSLSocket)
        self.say("220 here")
        while line := self.rfile.readline():
            words = line.decode().strip()
            verb = words.split(" ")[0].upper().split(":")[0]
            box.commands.append(words)
            if verb == "QUIT":
                self.say("221 bye")
                return
            if not self.obey(verb, words, box):
                return

    def obey(self, verb: str, words: str, box: Mailbox) -> bool:
        if verb == "EHLO":
            can_encrypt = box.context is not None and box.offers_starttls and not self.is_encrypted
            offers = ["here", "8BITMIME", "AUTH PLAIN", *(["STARTTLS"] if can_encrypt else [])]
            for number, offer in enumerate(offers):
                self.say(f"250{' ' if number == len(offers) - 1 else '-'}{offer}")
        elif verb == "STARTTLS" and box.context is not None:
            self.say("220 go on")
            try:
                self.request = box.context.wrap_socket(self.request, server_side=True)
            except OSError:
                return False
            self.setup()
            self.is_encrypted = True
        elif verb == "AUTH":
            self.say("235 welcome")
        elif verb == "RCPT":
            address = words.partition("<")[2].partition(">")[0]
            self.say("550 unknown" if address in box.refused else "250 ok")
            self.recipients += [] if address in box.refused else [address]
        elif verb == "DATA":
            self.take(box)
        else:
            self.sender = words.partition("<")[2].partition(">")[0] if verb == "MAIL" else self.sender
            self.say("250 ok")
        return True

    def take(self, box: Mailbox) -> None:
        self.say("354 go on")
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line[1:] if line.startswith(b"..") else line)
        if box.answers:
            self.say(box.answers.pop(0))
            return
        letter = message_from_bytes(b"".join(lines), policy=policy.default)
        assert isinstance(letter, EmailMessage)
        box.letters.append(letter)
        box.envelopes.append((self.sender, tuple(self.recipients)))
        box.encrypted.append(self.is_encrypted)
        self.say("250 taken")

    def finish(self) -> None:
        super().finish()
        if self.is_encrypted:
            self.request.close()  # the server closes only the socket that it accepted

    def say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


class _SmtpServer(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = False

    def __init__(self, port: int, box: Mailbox, implicit: ssl.SSLContext | None) -> None:
        self.box, self.implicit = box, implicit
        super().__init__(("127.0.0.1", port), _Smtp)

    def get_request(self) -> Any:
        request, address = super().get_request()
        return (self.implicit.wrap_socket(request, server_side=True) if self.implicit else request), address

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away is part of some tests."""


@contextmanager
def mail_server(box: Mailbox, *, port: int = 0, implicit_tls: bool = False) -> Iterator[Mailbox]:
    """Run a mail server as long as the block runs; box.port is where it listens."""
    with _serving(_SmtpServer(port, box, box.context if implicit_tls else None)) as found:
        box.port = found
        yield box


@dataclass
class Hook:
    """What a webhook was posted. `answers` are statuses that it gives before it takes anything."""

    address: str = ""
    port: int = 0
    posts: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    asked: int = 0


@contextmanager
def web_server(hook: Hook, *, port: int = 0) -> Iterator[Hook]:
    """Run a webhook as long as the block runs; hook.address is where it listens."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            hook.asked += 1
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status = hook.answers.pop(0) if hook.answers else 200
            if status == 200:
                hook.posts.append(json.loads(body))
                hook.headers.append(dict(self.headers))
            self.send_response(status)
            if 300 <= status < 400:
                self.send_header("Location", f"{hook.address}/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    with _serving(ThreadingHTTPServer(("127.0.0.1", port), Handler)) as found:
        hook.port, hook.address = found, f"http://127.0.0.1:{found}/hooks/secret-path"
        yield hook


@contextmanager
def _serving(server: socketserver.TCPServer) -> Iterator[int]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield int(server.server_address[1])
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def make_certificate(folder: Path) -> tuple[Path, ssl.SSLContext]:
    """Return a fresh certificate for this machine's own address, and a server's side that shows it."""
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1"]
    made += ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(made, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return certificate, context
