"""Journals on disk: a cluster whose process was killed, or has ended, goes on in another one.

One file a cluster, private (0600), in the folder `clusters` of our own folder: a record a line, as JSON. The first line
is a mark of fixed length, written over in place: how far time had come, and what to tell a person. The second says what
the cluster was made of, keys included; then come the entries, each handed to the operating system before it is done, so
that a killed process loses nothing that was answered. A record that is torn ends the journal, and is cut off.

The file is made with the first entry: who only looks leaves none, nor does a cluster in awaited pace unless it is asked
to. A lock, which the system takes away from a process that ends, says that a journal is in use. Of those that are not
the last three of a learner (`files.KEPT`) stay; a journal that has grown to `LARGEST` is written no further.
"""

from __future__ import annotations

import base64
import errno
import json
import os
import secrets
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import MISSING, dataclass, field, fields
from io import FileIO
from pathlib import Path
from typing import Any

from k8s_tutor.api.cluster import Answered, FunctionImage
from k8s_tutor.api.protocol import Request
from k8s_tutor.clock import clock_face
from k8s_tutor.embedded.apiserver.admission.webhook_review import CallFailed
from k8s_tutor.embedded.core import User
from k8s_tutor.embedded.http.authority import Authority
from k8s_tutor.embedded.names import Namespace
from k8s_tutor.embedded.nodeservices import HttpRequest
from k8s_tutor.embedded.runner import files
from k8s_tutor.embedded.runner.journal import Entry, Moment, ask_again
from k8s_tutor.embedded.store import Change, Store
from k8s_tutor.errors import UsageError
from k8s_tutor.language import Wording, msg
from k8s_tutor.objects.types import Json, Obj
from k8s_tutor.version import __version__

__all__ = ["LARGEST", "Beginning", "DiskJournal", "History", "decode", "encode", "read"]

LARGEST = 32 << 20
"""Bytes of a journal; some ten thousand requests."""
_JSON = json.JSONEncoder(separators=(",", ":")).encode  # made once: that is half of the work
_PASSING = {"events", "leases.coordination.k8s.io", "endpoints", "endpointslices.discovery.k8s.io", "serviceaccounts"}
_OWN = {("configmaps", "kube-root-ca.crt"), ("services", "kubernetes")}  # what a cluster itself makes


# ---- What a cluster is made of


@dataclass(frozen=True)
class Beginning:
    """What a cluster was made of, from which with the journal everything follows.

    Attributes:
        seed: Names, uids and addresses follow from it.
        start: Where its time began.
        nodes: How many machines.
        secret: What the key for tokens follows from.
        authority: Signs certificates.
        version: Of the library.
    """

    seed: int
    start: float
    nodes: int
    secret: bytes
    authority: Authority
    version: str = __version__

    def write(self) -> Json:
        """As it stands in a file."""
        return {**vars(self), "secret": encode(self.secret), "authority": self.authority.kept.decode()}

    @classmethod
    def read(cls, made: Any, now: float) -> Beginning:
        """From a file. What it signs from here on is valid from `now` on, in real seconds since the epoch."""
        keys = {"secret": decode(made["secret"]), "authority": Authority(now, made["authority"].encode())}
        return cls(**{**made, **keys})


# ---- Entries as JSON, and back
#
# What JSON has no word for is an object with one key, the name of what it is. Bodies are in one, too: `{"json": …}`.


def encode(value: Any) -> Json:
    """What an entry holds, as JSON.

    Raises:
        TypeError: it is something that only lives in this process.
    """
    if value is None or type(value) in (str, int, float, bool):
        return value
    if isinstance(value, list):
        return [encode(item) for item in value]
    if isinstance(value, Exception):
        return {"failed": str(value)}
    name = type(value).__name__
    return {name: _ENCODERS[name](value) if name in _ENCODERS else _encode_fields(value)}


_ENCODERS: Mapping[str, Callable[[Any], Json]] = {
    "bytes": lambda value: base64.b64encode(value).decode("ascii"),
    "tuple": lambda value: [encode(item) for item in value],
    "dict": lambda value: [[encode(key), encode(item)] for key, item in value.items()],
}


def _encode_fields(value: Any) -> Json:
    """The fields that are not as they are without being named."""
    if type(value) not in _FIELDS:
        raise TypeError(type(value).__name__)
    found: dict[str, Json] = {}
    for name, default in _FIELDS[type(value)]:
        held = getattr(value, name)
        if isinstance(held, (list, Mapping)):
            found[name] = {"json": dict(held) if isinstance(held, Mapping) else held}
        elif held != default:
            found[name] = encode(held)
    return found


def decode(value: Any) -> Any:
    """The other way round."""
    if isinstance(value, list):
        return [decode(item) for item in value]
    if not isinstance(value, dict):
        return value
    ((name, held),) = value.items()
    if name in _CLASSES:
        given = {key: decode(item) for key, item in held.items()}
        return FunctionImage(**given, answer=ask_again) if name == "FunctionImage" else _CLASSES[name](**given)
    return _DECODERS[name](held)


_DECODERS: Mapping[str, Callable[[Any], Any]] = {
    "json": lambda held: held,
    "bytes": base64.b64decode,
    "failed": CallFailed,
    "tuple": lambda held: tuple(decode(item) for item in held),
    "dict": lambda held: {decode(key): decode(item) for key, item in held},
}
_LIVE = {"answer", "resolver", "listeners", "forwarded"}  # fields that are made anew
_FIELDS: Mapping[Any, list[tuple[str, Any]]] = {
    each: [(one.name, None if one.default is MISSING else one.default) for one in fields(each) if one.name not in _LIVE]
    for each in (Request, User, HttpRequest, Answered, FunctionImage, Namespace)
}
_CLASSES: Mapping[str, Callable[..., Any]] = {each.__name__: each for each in _FIELDS}


def _write_entry(entry: Entry) -> Json:
    args = entry.args
    if entry.what == "function":  # what a learner keeps in `memory` may be anything: what cannot be written is left out
        args = (args[0], _writable(args[1]))
    return [entry.steps, entry.instant, entry.revision, entry.what, [encode(arg) for arg in args]]


def _writable(memory: dict[str, Any]) -> dict[str, Any]:
    found = {}
    for key, value in memory.items():
        with suppress(TypeError, RecursionError):
            encode((key, value))
            found[key] = value
    return found


# ---- Writing


class DiskJournal:
    """Writes a cluster's journal down as it goes. Implements `Keeps`.

    Where that cannot be (a full disk, one that is read-only) the cluster goes on without.

    Attributes:
        trouble: Why it is not kept any more; empty as long as it is.
        path: Where it is; None before there is anything to write.
    """

    def __init__(self, beginning: Beginning) -> None:
        self.trouble: Wording = ""
        self.path: Path | None = None
        self._beginning = beginning
        self._lock = -1
        self._file: FileIO | None = None
        self._marks: FileIO | None = None
        self._size = self._cuts = self._objects = 0
        self._steps, self._instant, self._learner, self._lesson = 0, beginning.start, "", ""

    def follow(self, store: Store, *, fresh: bool = False) -> None:
        """Counts the objects of the cluster as it is from now on: fresh, or what a replay has made."""
        resources = () if fresh else store.resources()
        self._objects = sum(_counts(one, obj) for one in resources for obj in store.list(one))
        store.subscribe(self._count)

    def _count(self, change: Change) -> None:
        if change.type != "MODIFIED":
            self._objects += _counts(change.resource, change.obj) * (1 if change.type == "ADDED" else -1)

    def write(self, entry: Entry) -> None:
        """An entry more."""
        self._append(entry)

    def cut(self, entries: int) -> None:
        """All entries but the first so many are forgotten."""
        self._cuts += 1
        self._append({"cut": entries})

    def sign(self, request: bytes, seconds: float | None, certificate: bytes) -> None:
        """A certificate was given out."""
        self._append({"signed": encode([request, seconds, certificate])})

    def mark(self, steps: int, instant: float) -> None:
        """Time has come so far."""
        self._steps, self._instant = steps, instant
        if self._marks is None:
            return
        line = _JSON([self._cuts, steps, instant, self._objects, [self._learner, self._lesson]])
        try:
            self._marks.seek(0)
            self._marks.write(line.encode().ljust(files.MARK - 1) + b"\n")
        except OSError as error:
            self._give_up(error)

    def remember(self, learner: str, lesson: str) -> None:
        """Who learns, in which lesson."""
        self._learner, self._lesson = learner, lesson[: files.MARK // 4]
        self.mark(self._steps, self._instant)

    def close(self) -> None:
        """Lets go of the file: another process may go on with it. One of an empty cluster is removed."""
        self.mark(self._steps, self._instant)
        self._shut()
        if self.path is not None and self._lock >= 0:
            files.release(self.path, self._lock, remove=not self._objects and not self.trouble)
        self._lock = -1

    def go_on_in(self, history: History) -> None:
        """Writes on where a journal ended; what is torn is cut off."""
        self.path, self._lock, self._cuts, self._size = history.path, history.lock, history.cuts, history.whole
        try:
            os.truncate(history.path, history.whole)
            self._file, self._marks = FileIO(history.path, "ab"), FileIO(history.path, "rb+")
        except OSError as error:
            self._give_up(error)

    def _append(self, record: Json | Entry) -> None:
        if self.trouble:
            return
        try:
            if self._file is None:
                self._begin()
            self._write_line(_write_entry(record) if isinstance(record, Entry) else record)
        except (OSError, UsageError, TypeError, ValueError, RecursionError) as error:
            self._give_up(error)

    def _write_line(self, record: Json) -> None:
        assert self._file is not None
        line = _line(record)
        self._size += len(line)
        if self._size > LARGEST:
            raise ValueError(msg("it has grown to {size} MB", size=LARGEST >> 20))
        _write_whole(self._file, line)

    def _begin(self) -> None:
        path = files.locate_journal(secrets.token_hex(4))
        self._lock = files.take(path)
        self.path = path
        with FileIO(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            _write_whole(file, b" " * (files.MARK - 1) + b"\n" + _line({"made": self._beginning.write()}))
        self._file, self._marks = FileIO(path, "ab"), FileIO(path, "rb+")
        self.mark(self._steps, self._instant)

    def _give_up(self, error: Exception) -> None:
        why = getattr(error, "strerror", None) or getattr(error, "why", None) or str(error)
        self.trouble = msg("This cluster is not kept on disk: {why}. If its kernel ends, it is gone.", why=why)
        if self._file is not None:
            self.trouble = msg(
                "From here on this cluster is not kept on disk: {why}. If its kernel ends, t.resume() leads back to "
                "what it was at {time}.",
                why=why, time=clock_face(self._instant),
            )  # fmt: skip
        self._shut()

    def _shut(self) -> None:
        for each in (self._file, self._marks):
            if each is not None:
                each.close()
        self._file = self._marks = None


def _line(record: Json) -> bytes:
    return _JSON(record).encode() + b"\n"


def _write_whole(file: FileIO, data: bytes) -> None:
    if file.write(data) != len(data):  # the disk took only a part
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _counts(resource: str, obj: Obj) -> bool:
    """Whether a person would call it one of theirs: it is in a namespace, and the cluster itself did not make it."""
    own = resource in _PASSING or (resource, obj["metadata"]["name"]) in _OWN
    return not own and not obj["metadata"].get("namespace", "kube-").startswith("kube-")


# ---- Reading


@dataclass
class History:
    """What a journal on disk holds.

    Attributes:
        path: Where it is.
        lock: Which this process holds.
        beginning: What the cluster was made of.
        entries: What came from outside.
        signed: Certificates that it has given out, by request and seconds.
        moment: The last one that is known.
        cuts: How often time was turned back.
        whole: Bytes up to what is torn.
    """

    path: Path
    lock: int
    beginning: Beginning
    entries: list[Entry]
    signed: dict[tuple[bytes, float | None], bytes]
    cuts: int = 0
    whole: int = 0
    moment: Moment = field(default=Moment(0, 0, 0.0))

    @property
    def functions(self) -> tuple[str, ...]:
        """Names of images whose functions have ended with their process."""
        return tuple(dict.fromkeys(entry.args[0].name for entry in self.entries if entry.what == "image"))


def read(path: Path, now: float) -> History:
    """Takes a journal for this process, and reads it to its end or to where it is torn.

    Args:
        path: Where it is.
        now: Real seconds since the epoch.

    Raises:
        UsageError: somebody else has it, or it cannot be read.
    """
    try:
        lock = files.take(path)
    except OSError as error:
        raise _unreadable(error) from error
    try:
        first, made, *lines = path.read_bytes().splitlines(keepends=True)
        history = History(path, lock, Beginning.read(json.loads(made)["made"], now), [], {})
    except (OSError, ValueError, LookupError, TypeError) as error:
        files.release(path, lock)
        raise _unreadable(error) from error
    history.whole = len(first) + len(made)
    for line in lines:
        try:
            if not line.endswith(b"\n"):
                break
            _take_record(history, json.loads(line))
        except (ValueError, LookupError, TypeError):
            break
        history.whole += len(line)
    history.moment = _last_moment(history, files.read_mark(first))
    return history


def _take_record(history: History, record: Any) -> None:
    if isinstance(record, list):
        steps, instant, revision, what, args = record
        history.entries.append(Entry(steps, instant, revision, what, tuple(decode(arg) for arg in args)))
    elif "cut" in record:
        del history.entries[record["cut"] :]
        history.cuts += 1
    else:
        request, seconds, certificate = decode(record["signed"])
        history.signed[request, seconds] = certificate


def _last_moment(history: History, mark: files.Mark | None) -> Moment:
    """The mark's, unless it is from before the last entry, or from before time was turned back."""
    entries, last = len(history.entries), history.entries[-1:]
    moments = [(one.steps, one.instant) for one in last] or [(0, history.beginning.start)]
    if mark is not None and mark.cuts == history.cuts:
        moments.append((mark.steps, mark.instant))
    return Moment(entries, *max(moments))


def _unreadable(error: Exception) -> UsageError:
    return UsageError(msg("The cluster that was kept cannot be read."), why=str(error), next_step=files.ANEW)
