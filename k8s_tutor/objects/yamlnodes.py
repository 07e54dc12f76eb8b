"""YAML's events into nodes, for whoever reads YAML here: text from people as well as bodies of requests.

PyYAML's own composer calls itself for each level, in C without looking at how much of the stack is left, and nothing
in it asks how much the aliases of a text stand for. This one keeps its own list of what is open, and counts as go-yaml
does.
"""

from __future__ import annotations

import base64
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

import yaml
from yaml.composer import ComposerError
from yaml.resolver import BaseResolver
from yaml.scanner import ScannerError

from k8s_tutor.objects.nesting import DEEPEST, sound_text
from k8s_tutor.objects.types import Json

__all__ = ["MERGE", "Events", "Resolver", "compose", "scalar"]

_FEW_ALIASES, _FEW_NODES = 100, 1_000  # with no more of them nothing is refused
_LOW, _HIGH = 400_000, 4_000_000  # nodes: up to the first almost all may come from aliases, from the second on a tenth
_RATIO_LOW, _RATIO_HIGH = 0.99, 0.10


class Events(Protocol):
    """A parser of PyYAML's, in Python or in C, that can tell what a plain scalar is."""

    def check_event(self, *choices: Any) -> bool:
        """Whether another event comes (of one of these types)."""
        ...

    def get_event(self) -> Any:
        """The next event."""
        ...

    def resolve(self, kind: Any, value: Any, implicit: Any) -> str:
        """The tag of a node without one."""
        ...


def compose(events: Events) -> Iterator[yaml.Node]:
    """The documents of a text, each as its node; an alias is the very node that it stands for.

    Raises:
        yaml.YAMLError: the text is no YAML, nests too deeply, or its aliases multiply; in go-yaml's words where
            PyYAML has none.
    """
    while events.check_event():
        if isinstance(events.get_event(), yaml.DocumentStartEvent):
            yield _Composer(events).document()


@dataclass(slots=True)
class _Made:
    """A node, and what it stands for once its aliases are written out.

    Attributes:
        size: Nodes, itself included.
        height: Levels, itself included; a scalar has none.
    """

    node: yaml.Node
    size: int = 1
    height: int = 0


@dataclass(slots=True)
class _Open:
    """A list or group of which the end has not come."""

    made: _Made
    anchor: str | None
    items: list[yaml.Node] = field(default_factory=list)

    def add(self, item: _Made) -> None:
        self.items.append(item.node)
        self.made.size += item.size
        self.made.height = max(self.made.height, item.height + 1)


class _Composer:
    """One document."""

    def __init__(self, events: Events) -> None:
        self._events = events
        self._anchors: dict[str, _Made] = {}
        self._open: list[_Open] = []
        self._nodes = 0
        self._aliases = 0  # nodes that are there because of one

    def document(self) -> yaml.Node:
        """Its node."""
        while True:
            made = self._take(self._events.get_event())
            if made is not None:
                if not self._open:
                    return made.node
                self._open[-1].add(made)

    def _take(self, event: Any) -> _Made | None:
        """What an event completes."""
        match event:
            case yaml.AliasEvent():
                return self._alias(event)
            case yaml.ScalarEvent():
                tag = self._tag(event, yaml.ScalarNode, event.value)
                marks: Any = (event.start_mark, event.end_mark)  # of either parser
                return self._begin(event, _Made(yaml.ScalarNode(tag, event.value, marks[0], marks[1], event.style)))
            case yaml.CollectionStartEvent():
                self._start(event)
            case yaml.CollectionEndEvent():
                return self._end(event)
        return None

    def _begin(self, event: Any, made: _Made) -> _Made:
        self._nodes += 1
        if event.anchor is not None:
            self._anchors[event.anchor] = made
        return made

    def _start(self, event: Any) -> None:
        self._check_depth(1, event)
        kind = yaml.MappingNode if isinstance(event, yaml.MappingStartEvent) else yaml.SequenceNode
        node = kind(self._tag(event, kind, None), [], event.start_mark, None, event.flow_style)
        self._open.append(_Open(self._begin(event, _Made(node, height=1)), event.anchor))

    def _end(self, event: Any) -> _Made:
        ended = self._open.pop()
        node, items = ended.made.node, ended.items
        node.end_mark = event.end_mark
        node.value = list(zip(items[::2], items[1::2], strict=True)) if isinstance(node, yaml.MappingNode) else items
        return ended.made

    def _alias(self, event: Any) -> _Made:
        target = self._anchors.get(event.anchor)
        if target is None:
            raise ComposerError(None, None, f"unknown anchor '{event.anchor}' referenced", event.start_mark)
        if any(opened.made is target for opened in self._open):
            raise ComposerError(None, None, f"anchor '{event.anchor}' value contains itself", event.start_mark)
        self._check_depth(target.height, event)
        self._nodes += 1 + target.size
        self._aliases += target.size
        if self._excessive():
            raise ComposerError(None, None, "document contains excessive aliasing", None)
        return _Made(target.node, 1 + target.size, target.height)

    def _check_depth(self, more: int, event: Any) -> None:
        if len(self._open) + more > DEEPEST:
            # A scanner's error and the real server's number, whose words these are.
            raise ScannerError(None, None, "exceeded max depth of 10000", event.start_mark)

    def _excessive(self) -> bool:
        part = min(max(self._nodes - _LOW, 0) / (_HIGH - _LOW), 1.0)
        allowed = _RATIO_LOW - part * (_RATIO_LOW - _RATIO_HIGH)
        return self._aliases > _FEW_ALIASES and self._nodes > _FEW_NODES and self._aliases / self._nodes > allowed

    def _tag(self, event: Any, kind: Any, value: str | None) -> str:
        if event.tag is not None and event.tag != "!":
            return str(event.tag)
        return self._events.resolve(kind, value, event.implicit)


# ---- What plain words mean in YAML, as the API server takes them (asked, see tests/unit/objects)
#
# `yes`, `y` and `on` are booleans, `1e3` is a number, dates and `12:30` are text.

MERGE = "tag:yaml.org,2002:merge"
_STANDARD = "tag:yaml.org,2002:"
_INT64, _UINT64 = -(2**63), 2**64


class Resolver(BaseResolver):
    """Tells what a scalar without a tag is."""


_INTEGER = r"[-+]?(?:0b[01_]+|0x[0-9a-fA-F_]+|0o[0-7_]+|[0-9][0-9_]*)"
_FLOAT = r"[-+]?(?:\.[0-9]+|[0-9][0-9_]*(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)"
for _tag, _pattern, _first in (
    ("bool", r"y|Y|yes|Yes|YES|n|N|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF", "yYnNtTfFoO"),
    ("int", _INTEGER, "-+0123456789"),
    ("float", _FLOAT, "-+.0123456789"),
    ("null", r"~|null|Null|NULL|", "~nN\0"),
    ("merge", "<<", "<"),
):
    Resolver.add_implicit_resolver(
        f"{_STANDARD}{_tag}", re.compile(rf"(?:{_pattern})\Z"), [*_first.replace("\0", ""), ""]
    )


def scalar(tag: str, text: str) -> Json:
    """The value of a scalar; tags that nobody knows are looked past.

    Raises:
        ValueError: it is not what its tag says.
        KeyError: the same.
        OverflowError: it is a number that JSON does not know: infinity, or none at all.
    """
    return _SCALARS.get(tag.removeprefix(_STANDARD), sound_text)(text)


def _integer(text: str) -> Json:
    plain = text.replace("_", "").lower()
    sign, digits = (-1, plain[1:]) if plain.startswith("-") else (1, plain.removeprefix("+"))
    if digits.startswith(("0b", "0x", "0o")):
        return _sized(sign * int(digits, 0), text)
    if len(digits) > 400:  # no number is that long; and Python refuses to read some that are longer
        return text
    if digits.startswith("0") and len(digits) > 1:
        try:
            return _sized(sign * int(digits, 8), text)
        except ValueError:
            return _float(text)
    return _sized(sign * int(digits), text)


def _sized(value: int, text: str) -> Json:
    """Beyond 64 bits Go takes whole numbers for fractions."""
    return value if _INT64 <= value < _UINT64 else _float(text) if text.lstrip("+-")[:2].isdigit() else text


def _float(text: str) -> Json:
    if text.lstrip("+-").lower() in (".inf", ".nan"):
        raise OverflowError("NaN" if text.lower() == ".nan" else "-Inf" if text.startswith("-") else "+Inf")
    value = float(text.replace("_", ""))
    return value if math.isfinite(value) else text  # as Go: out of range is no number


_SCALARS: dict[str, Any] = {
    "bool": lambda text: {"y": True, "t": True, "n": False, "f": False}.get(text[0].lower(), text.lower() == "on"),
    "int": _integer,
    "float": _float,
    "null": lambda _: None,
    "binary": lambda text: base64.b64decode(text).decode("utf-8", "replace"),
}
