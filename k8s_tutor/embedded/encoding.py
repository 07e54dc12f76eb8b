"""Answers as JSON: an object is encoded once a revision, however many lists, tables and watches send it.

The store's objects remember their JSON; answers are joined from it. Encoding may happen in any thread, since stored
objects never change. The order of an object's fields is that of a real API server: kind, apiVersion, metadata, rest.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from json import JSONEncoder
from typing import Any, NamedTuple, TypeVar

from k8s_tutor.objects.types import Json, Obj

__all__ = [
    "Bare",
    "Item",
    "Remembering",
    "Stored",
    "encode_json",
    "make_bare",
    "make_item",
    "recall",
    "split_into_pieces",
]

Answer = TypeVar("Answer")

_text = JSONEncoder(separators=(",", ":"), ensure_ascii=False, check_circular=False).encode
_METADATA = b'{"metadata":'
_BARE = {"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1"}


class Remembering(dict[str, Any]):
    """A dict that knows its JSON. Equal to the plain dict with its content; a copy of it is a plain dict."""

    __slots__ = ()

    def json(self) -> bytes:
        """Its JSON, compact, in UTF-8."""
        raise NotImplementedError

    def __copy__(self) -> Obj:
        return dict(self)

    def __deepcopy__(self, memo: dict[int, Any]) -> Obj:
        from copy import deepcopy  # noqa: PLC0415  # rare

        return deepcopy(dict(self), memo)

    def __reduce__(self) -> tuple[Any, ...]:
        return dict, (dict(self),)


class _Encoding(NamedTuple):
    body: bytes  # {"metadata":…, …} without kind and apiVersion
    metadata_end: int


class Stored(Remembering):
    """An object as the store holds it."""

    __slots__ = ("_encoding", "_notes")

    _encoding: _Encoding
    _notes: dict[Callable[[Obj], Any], Any]

    def json(self) -> bytes:
        """See `Remembering`."""
        return _head(self["kind"], self["apiVersion"]) + self.body[1:]

    @property
    def body(self) -> bytes:
        """Its JSON without kind and apiVersion: an item of a list that tells both."""
        return self._encoded().body

    @property
    def metadata(self) -> bytes:
        """The JSON of its metadata."""
        encoding = self._encoded()
        return encoding.body[len(_METADATA) : encoding.metadata_end]

    def recall(self, about: Callable[[Obj], Answer]) -> Answer:
        """What a pure function says of it, asked once."""
        try:
            found: Answer = self._notes[about]
        except AttributeError:
            found = about(self)
            self._notes = {about: found}
        except KeyError:
            found = self._notes[about] = about(self)
        return found

    def forget(self) -> None:
        """Lets go of what it remembers: it is no longer the latest."""
        for slot in self.__slots__:
            if hasattr(self, slot):
                delattr(self, slot)

    def _encoded(self) -> _Encoding:
        try:
            return self._encoding
        except AttributeError:
            self._encoding = encoding = _encode(self)
            return encoding


class Item(Remembering):
    """A stored object as an item of a list that tells kind and apiVersion."""

    __slots__ = ("_of",)

    def __init__(self, stored: Stored) -> None:
        super().__init__(stored)
        del self["kind"], self["apiVersion"]
        self._of = stored

    def json(self) -> bytes:
        """See `Remembering`."""
        return self._of.body


class Bare(Remembering):
    """A stored object's metadata alone: a PartialObjectMetadata."""

    __slots__ = ("_of",)

    def __init__(self, stored: Stored) -> None:
        super().__init__(_BARE, metadata=stored["metadata"])
        self._of = stored

    def json(self) -> bytes:
        """See `Remembering`."""
        return b'%b"metadata":%b}' % (_head(_BARE["kind"], _BARE["apiVersion"]), self._of.metadata)


def make_item(obj: Obj) -> Obj:
    """An object as an item of a list that tells kind and apiVersion."""
    if isinstance(obj, Stored):
        return Item(obj)
    return {key: value for key, value in obj.items() if key not in ("kind", "apiVersion")}


def make_bare(obj: Obj) -> Obj:
    """An object's metadata alone."""
    return Bare(obj) if isinstance(obj, Stored) else {**_BARE, "metadata": obj.get("metadata", {})}


def recall(obj: Obj, about: Callable[[Obj], Answer]) -> Answer:
    """What a pure function says of an object; of a stored one it is asked once a revision."""
    return obj.recall(about) if isinstance(obj, Stored) else about(obj)


def encode_json(value: Json) -> bytes:
    """JSON, compact, in UTF-8: joined from what is remembered, wherever an answer keeps it.

    That is: the value itself, or the last field of an answer: a list's items, a Table's rows, an event's object.
    """
    return b"".join(split_into_pieces(value))


def split_into_pieces(value: Json) -> list[bytes]:
    """The same in parts, which may be many: a large list is copied once, by whoever joins them."""
    found: list[bytes] = []
    _write(value, found)
    return found


def _write(value: Json, out: list[bytes]) -> None:
    if isinstance(value, Remembering):
        out.append(value.json())
        return
    if type(value) is dict and value:
        rest = dict(value)
        last, inner = rest.popitem()
        kept = isinstance(inner, Remembering)
        if kept or (type(inner) is list and inner and _is_kept(inner[0])):
            out.append(f'{_text(rest)[:-1]}{"," if rest else ""}"{last}":'.encode())
            if kept:
                out.append(inner.json())
            else:
                _write_list(inner, out)
            out.append(b"}")
            return
    out.append(_text(value).encode())


def _write_list(items: list[Json], out: list[bytes]) -> None:
    comma = b"["
    for item in items:
        out.append(comma)
        _write(item, out)
        comma = b","
    out.append(b"]")


def _is_kept(item: Json) -> bool:
    """Whether an item of a list remembers its JSON, or ends in what does (a row of a Table)."""
    return isinstance(item, Remembering) or (type(item) is dict and isinstance(item.get("object"), Remembering))


def _encode(obj: Obj) -> _Encoding:
    metadata = _METADATA + _text(obj["metadata"]).encode()
    rest = {key: value for key, value in obj.items() if key not in ("kind", "apiVersion", "metadata")}
    tail = b"," + _text(rest).encode()[1:] if rest else b"}"
    return _Encoding(metadata + tail, len(metadata))


@lru_cache(maxsize=1024)
def _head(kind: str, api_version: str) -> bytes:
    return _text({"kind": kind, "apiVersion": api_version}).encode()[:-1] + b","
