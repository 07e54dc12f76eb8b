"""YAML text into values that know where they stood."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import yaml

from k8s_tutor.language import msg
from k8s_tutor.objects.types import Json
from k8s_tutor.objects.validation import Path
from k8s_tutor.objects.yamlnodes import MERGE, Resolver, compose, scalar
from k8s_tutor.objects.yamlproblems import ManifestText, Position, explain, lookalike

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
    source: ManifestText
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
    source = ManifestText(text)
    try:
        for node in _nodes(_without_json_tabs(text)):
            reader = _Reader(source)
            value = reader.value(node, ())
            if value is not None:
                yield Document(value, source, reader.positions, reader.values)
    except yaml.YAMLError as error:
        raise explain(error, source) from None


def _nodes(text: str) -> Iterator[yaml.Node]:
    loader = _Loader(text)
    try:
        yield from compose(loader)
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


class _Loader(Resolver, yaml.SafeLoader):
    """PyYAML's parser in Python, whose complaints say where, with the scalars of the API server."""


class _Reader:
    """One document's nodes into values."""

    def __init__(self, source: ManifestText) -> None:
        self.source = source
        self.positions: dict[Path, Position] = {}
        self.values: dict[Path, Position] = {}

    def value(self, node: yaml.Node, path: Path) -> Json:
        """What a node says."""
        self.positions.setdefault(path, _start(node))
        self.values.setdefault(path, _start(node))
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(item, (*path, index)) for index, item in enumerate(node.value)]
        return self._scalar(node)

    def _mapping(self, node: yaml.MappingNode, path: Path) -> dict[str, Json]:
        own: dict[str, Json] = {}
        merged: dict[str, Json] = {}
        for key_node, value_node in node.value:
            if key_node.tag == MERGE:
                merged |= self._merged(value_node, path)
                continue
            key = self._key(key_node)
            if key in own:
                first = self.positions[(*path, key)].line
                raise self.source.error(
                    _start(key_node),
                    msg('the field "{key}" is written twice', key=key),
                    why=msg("the first one is in line {first}; only one of them could count", first=first),
                    next_step=msg("keep one of them; items of a list begin with a dash"),
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
                raise self.source.error(_start(part), msg("<< takes the fields of another part, and this is none"))
            found = {**self._mapping(part, path), **found}
        return found

    def _key(self, node: yaml.Node) -> str:
        if not isinstance(node, yaml.ScalarNode):
            raise self.source.error(
                _start(node),
                msg("a field's name cannot be a list or a group of fields"),
                why=msg("braces around {{{{ }}}} of a template are read as such a group, too"),
                next_step=msg("put the text in quotes"),
            )
        key = str(node.value)
        if node.style is None and (found := lookalike(self.source, _start(node), len(key))):
            raise found
        return key

    def _scalar(self, node: yaml.Node) -> Json:
        text = str(node.value)
        try:
            return scalar(node.tag, text)
        except OverflowError as number:
            raise self.source.error(
                _start(node),
                msg("the API knows no number {number}", number=number),
                next_step=msg("put it in quotes if it is a text"),
            ) from None
        except (ValueError, KeyError, IndexError):
            raise self.source.error(_start(node), msg('"{text}" is not what its tag says', text=text)) from None


def _start(node: yaml.Node) -> Position:
    return Position(node.start_mark.line + 1, node.start_mark.column + 1)
