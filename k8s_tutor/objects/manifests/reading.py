"""YAML text into values that know where they stood.

Scalars mean what the API server takes them for (asked, see tests/unit/objects): `yes`, `y` and `on` are booleans, `1e3`
is a number, dates and `12:30` are text.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from k8s_tutor.objects.manifests.source import Position, Source
from k8s_tutor.objects.manifests.yamlproblems import explain, lookalike
from k8s_tutor.objects.types import Json
from k8s_tutor.objects.validation import Path

__all__ = ["Document", "Position", "documents"]


@dataclass(frozen=True, slots=True)
class Document:
    """One document of a manifest.

    Attributes:
        value: What it says.
        source: The whole text.
        positions: Where each field's name, or list's item, begins, by its path. `()` is the document itself.
        values: Where each value begins.
    """

    value: Json
    source: Source
    positions: Mapping[Path, Position] = field(default_factory=dict)
    values: Mapping[Path, Position] = field(default_factory=dict)

    def position(self, path: Path) -> Position:
        """Where a field stands; of the nearest thing around it when it is not there itself."""
        while path not in self.positions and path:
            path = path[:-1]
        return self.positions.get(path, Position(1, 1))


def documents(text: str) -> Iterator[Document]:
    """The documents of a text; empty ones are left out.

    Raises:
        ManifestError: the text is no YAML.
    """
    source = Source(text)
    try:
        for node in _nodes(_without_json_tabs(text)):
            reader = _Reader(source)
            value = reader.value(node, ())
            if value is not None:
                yield Document(value, source, reader.positions, reader.values)
    except yaml.YAMLError as error:
        raise explain(error, source) from None
    except RecursionError:
        raise source.error(Position(1, 1), "the parts of this text are nested too deeply") from None


def _nodes(text: str) -> Iterator[yaml.Node]:
    loader = _Loader(text)
    try:
        while loader.check_node():
            node = loader.get_node()
            assert node is not None  # check_node said so
            yield node
    finally:
        loader.dispose()


def _without_json_tabs(text: str) -> str:
    """JSON may be indented with tabs, YAML may not."""
    if "\t" in text and text.lstrip().startswith(("{", "[")):
        try:
            json.loads(text)
        except ValueError:
            return text
        return text.replace("\t", " ")
    return text


class _Loader(yaml.SafeLoader):
    """PyYAML's parser, with the scalars of the API server."""

    yaml_implicit_resolvers = {}  # noqa: RUF012  (PyYAML's own way)


_INTEGER = r"[-+]?(?:0b[01_]+|0x[0-9a-fA-F_]+|0o[0-7_]+|[0-9][0-9_]*)"
_FLOAT = r"[-+]?(?:\.[0-9]+|[0-9][0-9_]*(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?"
for _tag, _pattern, _first in (
    ("bool", r"y|Y|yes|Yes|YES|n|N|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF", "yYnNtTfFoO"),
    ("int", _INTEGER, "-+0123456789"),
    ("float", _FLOAT, "-+.0123456789"),
    ("null", r"~|null|Null|NULL|", "~nN\0"),
    ("merge", "<<", "<"),
):
    _Loader.add_implicit_resolver(
        f"tag:yaml.org,2002:{_tag}", re.compile(rf"(?:{_pattern})\Z"), [*_first.replace("\0", ""), ""]
    )


class _Reader:
    """One document's nodes into values."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.positions: dict[Path, Position] = {}
        self.values: dict[Path, Position] = {}
        self._open: list[yaml.Node] = []

    def value(self, node: yaml.Node, path: Path) -> Json:
        """What a node says."""
        self.positions.setdefault(path, _start(node))
        self.values.setdefault(path, _start(node))
        if node in self._open:
            raise self.source.error(_start(node), "this part contains itself")
        self._open.append(node)
        try:
            if isinstance(node, yaml.MappingNode):
                return self._mapping(node, path)
            if isinstance(node, yaml.SequenceNode):
                return [self.value(item, (*path, index)) for index, item in enumerate(node.value)]
            return self._scalar(node)
        finally:
            self._open.pop()

    def _mapping(self, node: yaml.MappingNode, path: Path) -> dict[str, Json]:
        own: dict[str, Json] = {}
        merged: dict[str, Json] = {}
        for key_node, value_node in node.value:
            if key_node.tag.endswith(":merge"):
                merged |= self._merged(value_node, path)
                continue
            key = self._key(key_node)
            if key in own:
                first = self.positions[(*path, key)].line
                raise self.source.error(
                    _start(key_node),
                    f'the field "{key}" is written twice',
                    why=f"the first one is in line {first}; only one of them could count",
                    next_step="keep one of them; items of a list begin with a dash",
                    width=len(key),
                )
            self.positions[(*path, key)] = _start(key_node)
            self.values[(*path, key)] = _start(value_node)
            own[key] = self.value(value_node, (*path, key))
        return {**{key: value for key, value in merged.items() if key not in own}, **own}

    def _merged(self, node: yaml.Node, path: Path) -> dict[str, Json]:
        parts = node.value if isinstance(node, yaml.SequenceNode) else [node]
        found: dict[str, Json] = {}
        for part in parts:
            if not isinstance(part, yaml.MappingNode):
                raise self.source.error(_start(part), "<< takes the fields of another part, and this is none")
            found = {**self._mapping(part, path), **found}
        return found

    def _key(self, node: yaml.Node) -> str:
        if not isinstance(node, yaml.ScalarNode):
            raise self.source.error(
                _start(node),
                "a field's name cannot be a list or a group of fields",
                why="braces around {{ }} of a template are read as such a group, too",
                next_step="put the text in quotes",
            )
        key = str(node.value)
        if node.style is None and (found := lookalike(self.source, _start(node), len(key))):
            raise found
        return key

    def _scalar(self, node: yaml.Node) -> Json:
        text = str(node.value)
        try:
            return _SCALARS.get(node.tag.rpartition(":")[2], str)(text)
        except (ValueError, KeyError):
            raise self.source.error(_start(node), f'"{text}" is not what its tag says') from None


def _start(node: yaml.Node) -> Position:
    return Position(node.start_mark.line + 1, node.start_mark.column + 1)


def _integer(text: str) -> Json:
    plain = text.replace("_", "").lower()
    sign, digits = (-1, plain[1:]) if plain.startswith("-") else (1, plain.removeprefix("+"))
    if digits.startswith(("0b", "0x", "0o")):
        return sign * int(digits, 0)
    if digits.startswith("0") and len(digits) > 1:
        try:
            return sign * int(digits, 8)
        except ValueError:
            return float(plain)
    return sign * int(digits)


def _float(text: str) -> float:
    return float(text.replace("_", ""))


_SCALARS: dict[str, Any] = {
    "bool": lambda text: {"y": True, "t": True, "n": False, "f": False}.get(text[0].lower(), text.lower() == "on"),
    "int": _integer,
    "float": _float,
    "null": lambda _: None,
    "binary": lambda text: base64.b64decode(text).decode("utf-8"),
}
