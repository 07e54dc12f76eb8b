"""The board of a workshop as pages of this machine alone, for the beamer: whoever knows their address may look."""

from __future__ import annotations

import contextlib
import secrets
import threading
from collections.abc import Callable
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import resources
from string import Template
from typing import Self, TypeAlias
from urllib.parse import quote, unquote, urlsplit

from k8s_tutor.errors import TutorError, UsageError
from k8s_tutor.language import msg
from k8s_tutor.language.choice import current_language
from k8s_tutor.workshop.board import Board, Row, draw
from k8s_tutor.workshop.classroom import Classroom

__all__ = ["BoardPages", "LocalPages"]

Answer: TypeAlias = Callable[[str], tuple[int, str, str]]
"""From a path to the code, the type of content and the content."""


class BoardPages:
    """The board as pages: what `LocalPages` answers with. Learners' names lead to their pictures."""

    def __init__(self, room: Classroom, read: Callable[[], Board]) -> None:
        self._room = room
        self._read = read
        self._lock = threading.Lock()  # however many look, the cluster is asked by one at a time

    def answer(self, path: str) -> tuple[int, str, str]:
        """The code, the type of content and the content of a path."""
        try:
            with self._lock:
                return self._answer(path)
        except TutorError as error:
            return 503, "text/plain", f"✗ {error}"

    def _answer(self, path: str) -> tuple[int, str, str]:
        if path == "/":
            return 200, "text/html", self._whole()
        if path == "/rows":
            return 200, "text/html", self._read().html(_link)
        if path == "/board.json":
            return 200, "application/json", self._read().to_json()
        if path.startswith("/picture/"):
            return 200, "image/svg+xml", draw(self._room, unquote(path.removeprefix("/picture/"))).svg
        return 404, "text/plain", str(msg("There is no such page."))

    def _whole(self) -> str:
        values = {
            "lang": "zh-CN" if current_language() == "zh" else "en",
            "title": escape(str(msg("Board of the workshop"))),
            "lost": escape(str(msg("The cluster does not answer; this is what was seen last.")), quote=True),
            "board": self._read().html(_link),
        }
        page = resources.files("k8s_tutor.workshop").joinpath("board.html").read_text(encoding="utf-8")
        return Template(page).substitute(values)


def _link(row: Row) -> str:
    return f"picture/{quote(row.label)}" if row.label else ""


class LocalPages:
    """Serves pages on 127.0.0.1 while it is entered, below a path that nobody guesses.

    Args:
        answer: What a path shows; called in threads.
        port: 0 for a free one.

    Raises:
        UsageError: the port is taken.
    """

    def __init__(self, answer: Answer, port: int = 0) -> None:
        self._secret = secrets.token_urlsafe(16)  # others who are signed in to this machine could ask, too
        handler = type("_Handler", (_Handler,), {"answer": staticmethod(answer), "secret": self._secret})
        try:
            self._server = ThreadingHTTPServer(("127.0.0.1", port), handler)
        except OSError as error:
            raise UsageError(
                msg("Port {port} cannot be listened on.", port=port),
                why=error.strerror or str(error),
                next_step=msg("Leave --port out: then a free one is taken."),
            ) from error
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.1,), daemon=True, name="pages")

    @property
    def url(self) -> str:
        """Where they are."""
        return f"http://127.0.0.1:{self._server.server_port}/{self._secret}/"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Handler(BaseHTTPRequestHandler):
    answer: Answer
    secret: str

    def do_GET(self) -> None:
        """Answers who asks by this machine's own name and knows the address: the web must not read what is here."""
        host = urlsplit(f"//{self.headers.get('Host', '')}").hostname
        first, _, rest = urlsplit(self.path).path.removeprefix("/").partition("/")
        known = secrets.compare_digest(first.encode(), self.secret.encode())
        refusal = msg("This page is for who has its whole address, on 127.0.0.1 alone.")
        code, kind, text = 403, "text/plain", str(refusal)
        if host in ("127.0.0.1", "localhost") and known:
            code, kind, text = self.answer(f"/{rest}")
        data = text.encode()
        with contextlib.suppress(ConnectionError):  # whoever asked has gone meanwhile
            self.send_response(code)
            self.send_header("Content-Type", f"{kind}; charset=utf-8")
            self.send_header("Content-Length", str(len(data)))
            self.send_header("Cache-Control", "no-store")
            self.send_header("Referrer-Policy", "no-referrer")
            self.end_headers()
            self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        """Says nothing of each request: a page asks every two seconds."""
