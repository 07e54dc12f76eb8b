"""What learners are given: a kubeconfig each, with a token that ends, and a sheet with the one line to type.

The files lie in one folder that only its owner can read. A kubeconfig is a key: whoever has it is that learner.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from importlib import resources
from pathlib import Path
from urllib.parse import urlsplit

from k8s_tutor import kubeconfig
from k8s_tutor.api.client import Client
from k8s_tutor.api.cluster import Cluster
from k8s_tutor.clock import from_rfc3339
from k8s_tutor.course.progress import WORKSHOP
from k8s_tutor.errors import UsageError
from k8s_tutor.kubeconfig import KubeconfigEntry
from k8s_tutor.lab import is_loopback
from k8s_tutor.language import Message, Wording, msg, say
from k8s_tutor.language.choice import LANGUAGES
from k8s_tutor.objects import metadata
from k8s_tutor.objects.types import Obj
from k8s_tutor.state import write_private
from k8s_tutor.workshop.seats import Seat, Token, seat_of

__all__ = ["Handouts", "describe_files", "is_local", "reachable_cluster", "read_handout", "welcome", "write_when"]

_ALL = "all.html"
_KUBECONFIG, _SHEET = ".kubeconfig", ".html"
_CSS = resources.files("k8s_tutor.workshop").joinpath("sheet.css").read_text(encoding="utf-8")
_LARGEST = 1 << 20  # bytes of a kubeconfig that is fetched


def reachable_cluster(entry: KubeconfigEntry, server: str = "") -> Obj:
    """The `cluster` of a kubeconfig as it goes to other machines: no file of this one, another address if wanted.

    Args:
        entry: The instructor's own.
        server: The address by which learners reach the API server; empty for the instructor's.
    """
    cluster = dict(entry.cluster)
    if path := cluster.pop("certificate-authority", ""):
        cluster["certificate-authority-data"] = kubeconfig.inline(Path(str(path)).read_bytes())
    if server:
        # its certificate may not know the address by which learners come; it is still checked, by the name it knows
        cluster.setdefault("tls-server-name", urlsplit(str(cluster.get("server", ""))).hostname or "")
        cluster["server"] = server
    return cluster


def is_local(cluster: Obj) -> bool:
    """Whether only this machine reaches it."""
    return is_loopback(urlsplit(str(cluster.get("server", ""))).hostname or "")


@dataclass(frozen=True)
class Handouts:
    """The folder with what learners are given.

    Attributes:
        folder: Where; made when the first file is written.
        cluster: The `cluster` of their kubeconfigs.
        url: Where learners fetch their kubeconfigs from, without the file's name; empty where they are handed out.
    """

    folder: Path
    cluster: Obj
    url: str = ""

    def kubeconfig(self, seat: Seat) -> Path:
        """Where a learner's kubeconfig is, or will be."""
        return self.folder / f"{seat.label}{_KUBECONFIG}"

    def has(self, seat: Seat) -> bool:
        """Whether a learner's files are there."""
        return self.kubeconfig(seat).exists() and self._sheet(seat).exists()

    def write(self, seat: Seat, token: Token) -> None:
        """Writes a learner's kubeconfig and sheet."""
        entry = KubeconfigEntry(seat.namespace, self.cluster, {"token": token.text}, seat.namespace)
        kubeconfig.write(self.kubeconfig(seat), entry)
        page = _page(seat.name, _section(seat, self._line(seat), token.until))
        write_private(self._sheet(seat), page)

    def write_all(self, seats: Sequence[Seat], until: dict[str, float]) -> Path:
        """Writes all sheets as one file, a page each, to be printed; returns where.

        Args:
            seats: All learners.
            until: When their tokens end, by label.
        """
        sections = "".join(_section(seat, self._line(seat), until.get(seat.label, 0.0)) for seat in seats)
        path = self.folder / _ALL
        write_private(path, _page(seats[0].workshop if seats else "", sections))
        return path

    def remove(self, seats: Sequence[Seat]) -> None:
        """Removes what was written for these learners, and the folder once nothing is in it."""
        for seat in seats:
            self.kubeconfig(seat).unlink(missing_ok=True)
            self._sheet(seat).unlink(missing_ok=True)
        (self.folder / _ALL).unlink(missing_ok=True)
        if self.folder.is_dir() and not any(self.folder.iterdir()):
            shutil.rmtree(self.folder)

    def _sheet(self, seat: Seat) -> Path:
        return self.folder / f"{seat.label}{_SHEET}"

    def _line(self, seat: Seat) -> str:
        name = self.kubeconfig(seat).name
        where = f"{self.url.rstrip('/')}/{name}" if self.url else name
        return f"k8s-tutor workshop join {where}"


# ---- The sheet: both languages on one page, as whoever prints it need not know who reads what


def _page(title: str, inside: str) -> str:
    head = f"<meta charset='utf-8'><title>{escape(title)}</title><style>{_CSS}</style>"
    return f"<!doctype html><html lang='en'><head>{head}</head><body>{inside}</body></html>\n"


def _section(seat: Seat, line: str, until: float) -> str:
    steps = "".join(
        f"<div lang='{'zh-CN' if language == 'zh' else language}'>{''.join(_told(seat, line, until, language))}</div>"
        for language in LANGUAGES
    )
    return (
        f"<section><h1>{escape(seat.name)}</h1>{_qr(line)}<pre>{escape(line)}</pre><main>{steps}</main>"
        f"<p class='small'>{escape(seat.namespace)}</p></section>"
    )


def _told(seat: Seat, line: str, until: float, language: str) -> Iterator[str]:
    file = f"{seat.label}{_KUBECONFIG}"
    typing = (
        msg("2. Open a terminal, and type the line above.")
        if "://" in line
        else msg(
            "2. In a terminal, in the folder with the file {file} that you were given, type the line above.", file=file
        )
    )
    sentences: list[Message] = [
        msg(
            "Your place in workshop {workshop}, a namespace of a Kubernetes cluster, is ready.", workshop=seat.workshop
        ),
        msg("1. Install what it takes: {command} (Python 3.11 or newer).", command="pip install k8s-tutor"),
        typing,
        msg("3. JupyterLab opens. Begin with lesson 1; every first cell connects you by itself."),
        msg(
            "It works until {when}. The file is your key: whoever has it is you, so keep it to yourself.",
            when=write_when(until),
        ),
    ]
    for sentence in sentences:
        yield f"<p>{escape(say(sentence, language))}</p>"


def write_when(moment: float) -> str:
    """A moment, to be printed. With its time zone: the sheet may be read elsewhere."""
    return datetime.fromtimestamp(moment, UTC).astimezone().strftime("%Y-%m-%d %H:%M %Z")


def _qr(line: str) -> str:
    """The line as a QR code, where `segno` is installed (k8s-tutor[workshop]); else nothing: the line stands there."""
    try:
        import segno  # noqa: PLC0415  # optional
    except ImportError:
        return ""
    alt = escape(say(msg("QR code of the line to type"), "en"), quote=True)
    picture = segno.make(line, error="m").svg_data_uri(scale=4, border=4, dark="#000", light="#fff")
    return f'<img class="qr" alt="{alt}" src="{escape(picture, quote=True)}">'


# ---- At the learner's: reading what was given to them


def read_handout(where: str) -> tuple[Path, KubeconfigEntry]:
    """A learner's kubeconfig, from a file or fetched into our own folder; an address and a token alone.

    Args:
        where: A file, or an address that begins with https:// (http:// only of this machine).

    Raises:
        UsageError: it is not there, no kubeconfig of a workshop, or would start a program.
    """
    path = _fetched(where) if "://" in where else Path(where).expanduser().absolute()
    if not path.exists():
        raise UsageError(
            msg("There is no file {path}.", path=path),
            why=msg("It is the kubeconfig that you were given for the workshop."),
            next_step=msg("Look where you saved it (Downloads?), and type the line with its whole path."),
        )
    found = list(kubeconfig.contexts([path]).values())
    if len(found) != 1 or set(found[0].user) != {"token"}:
        raise UsageError(
            msg("{path} is no kubeconfig of a workshop.", path=path),
            why=msg(
                "Such a file has one context, and a token; what would start programs on your machine is not taken."
            ),
            next_step=msg('Another kubeconfig is used with connect("context:NAME").'),
        )
    return path, found[0]


def _fetched(url: str) -> Path:
    import urllib3  # noqa: PLC0415  # slow to import, and rarely needed

    parts = urlsplit(url)
    if parts.scheme != "https" and not is_loopback(parts.hostname or ""):
        raise UsageError(
            msg("{url} is not fetched.", url=url),
            why=msg("A kubeconfig is a key; without https anybody on the way could read it, or give you another."),
            next_step=msg("Ask for an address that begins with https://, or for the file itself."),
        )
    try:
        response = urllib3.request("GET", url, timeout=20, retries=2, preload_content=False)
        text = response.read(_LARGEST).decode("utf-8")
    except (urllib3.exceptions.HTTPError, ValueError) as error:
        raise UsageError(msg("{url} could not be fetched.", url=url), why=str(error)) from error
    if response.status != 200:
        raise UsageError(
            msg("{url} could not be fetched.", url=url),
            why=msg("It answered {code}.", code=response.status),
            next_step=msg("Compare it with your sheet, letter by letter."),
        )
    path = kubeconfig.folder() / f"joined-{os.path.basename(parts.path) or 'workshop'}"  # noqa: PTH119  # of a URL
    write_private(path, text)
    return path


def describe_files(folder: Path, count: int) -> Wording:
    """Where the files are, in words."""
    return msg(
        "{count} kubeconfigs and join sheets are in {folder}; {all} has all sheets, to print.",
        count=count,
        folder=folder,
        all=folder / _ALL,
    )


def welcome(cluster: Cluster) -> tuple[str, Wording]:
    """The learner whose kubeconfig this is, and a sentence to greet them with.

    Raises:
        UsageError: it leads to no place of a workshop.
    """
    client = Client(cluster.api)
    found = client.find("namespaces", cluster.namespace)
    if found is None or WORKSHOP not in metadata.labels(found):
        raise UsageError(
            msg("Namespace {name} is no place in a workshop.", name=cluster.namespace),
            why=msg("The workshop may have been removed."),
            next_step=msg("Ask whoever runs it."),
        )
    seat = seat_of(found)
    end = write_when(from_rfc3339(seat.until)) if seat.until else "?"
    words = msg(
        "You are {name}, in namespace {namespace} of workshop {workshop}, until {end}.",
        name=seat.name, namespace=seat.namespace, workshop=seat.workshop, end=end,
    )  # fmt: skip
    return seat.name, words
