"""From the facts' short spelling of types to OpenAPI schemas."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from k8s_tutor.objects.schema import schema_facts
from k8s_tutor.objects.types import Json, Obj

__all__ = ["Prose", "closure", "definition", "kind_types", "prose_of"]


# ---- What the API's documentation says of types and fields, read from the official client's models, as text
#
# They are there with the package `kubernetes`; importing them would take a second, reading those asked for takes none.
# They leave out what a field says whose type is another type of the API, and the breaks between paragraphs.

_FIELD = re.compile(r"    (\w+): ")
_ALIAS = re.compile(r'\bserialization_alias="([^"]+)"')
_WORDS = re.compile(r'\bdescription=("(?:[^"\\]|\\.)*")')
_END = "    openapi_types: "  # of the fields; the rest is code


@dataclass(frozen=True, slots=True)
class Prose:
    """The words for one type.

    Attributes:
        text: Of the type itself; `""` for none.
        fields: By their names in JSON.
    """

    text: str = ""
    fields: dict[str, str] = field(default_factory=dict)


@cache
def prose_of(name: str) -> Prose:
    """The words for a type such as `io.k8s.api.core.v1.Pod`; none where the models do not know it."""
    if name.count(".") < 2:
        return Prose()
    *path, version, kind = name.split(".")
    candidates = (f"{path[-1]}{version}{kind}", f"{version}{kind}")
    file = next((found for word in candidates if (found := _models().get(word.lower()))), None)
    return _read(file) if file else Prose()


def _read(file: Path) -> Prose:
    fields: dict[str, str] = {}
    about: list[str] = []
    with file.open(encoding="utf-8") as lines:
        for line in lines:
            if line.startswith("class "):
                break
        for line in lines:
            if line.startswith(_END):
                break
            if words := _WORDS.search(line):
                name = _ALIAS.search(line) or _FIELD.match(line)
                if name:
                    fields[name[1]] = str(ast.literal_eval(words[1]))
            elif not fields:
                about.append(line.strip())
    text = " ".join(about).partition('"""')[2].partition("Attributes:")[0].partition('"""')[0]
    return Prose(text.strip(), fields)


@cache
def _models() -> dict[str, Path]:
    """The models' files by the class they hold, in small letters."""
    package = find_spec("kubernetes")
    if package is None or package.origin is None:
        return {}
    folder = Path(package.origin).parent / "client" / "models"
    return {file.stem.replace("_", ""): file for file in sorted(folder.glob("*.py"))}


# ---- From the facts' short spelling of types to OpenAPI schemas

_EXTENSIONS = {
    "listType": "x-kubernetes-list-type",
    "listMapKeys": "x-kubernetes-list-map-keys",
    "mapType": "x-kubernetes-map-type",
    "mergeKey": "x-kubernetes-patch-merge-key",
    "patchStrategy": "x-kubernetes-patch-strategy",
    "enum": "enum",
    "default": "default",
}
_EITHER: dict[str, Obj] = {
    "io.k8s.apimachinery.pkg.api.resource.Quantity": {"oneOf": [{"type": "string"}, {"type": "number"}]},
    "io.k8s.apimachinery.pkg.util.intstr.IntOrString": {
        "format": "int-or-string",
        "oneOf": [{"type": "integer"}, {"type": "string"}],
    },
}


def kind_types() -> dict[str, str]:
    """The type behind each kind, by `apiVersion/Kind`."""
    kinds: dict[str, str] = schema_facts()["kinds"]
    return kinds


def closure(names: Iterable[str]) -> list[str]:
    """The types and all they are made of, sorted."""
    rows: Mapping[str, Any] = schema_facts()["types"]
    found: dict[str, None] = {}
    todo = list(names)
    while todo:
        name = todo.pop()
        if name in found:
            continue
        found[name] = None
        row = rows.get(name)
        if isinstance(row, dict):
            todo += [reference for spec in row["fields"].values() if (reference := _reference(spec))]
    return sorted(found)


def definition(name: str, prefix: str, *, either: bool) -> Obj:
    """One type's schema.

    Args:
        name: Of the type.
        prefix: Of references: `#/definitions/` or `#/components/schemas/`.
        either: Whether the dialect can say "a string or a number": v3, which also has words for people.
    """
    if either and name in _EITHER:
        return dict(_EITHER[name])
    row = schema_facts()["types"].get(name, "any")
    if not isinstance(row, dict):
        return _spec(row, prefix)
    fields = {key: _field(spec, prefix, wrap=either) for key, spec in row["fields"].items()}
    schema: Obj = {"type": "object", "properties": fields}
    if either:
        _describe(schema, row["fields"], prose_of(name))
    if row.get("required"):
        schema["required"] = row["required"]
    if row.get("mapType"):
        schema["x-kubernetes-map-type"] = row["mapType"]
    return schema


def _describe(schema: Obj, fields: Obj, prose: Prose) -> None:
    """Adds the words; a field of a type of its own has none, and says what its type says."""
    if prose.text:
        schema["description"] = prose.text
    for key, spec in fields.items():
        field = schema["properties"][key]
        words = prose.fields.get(key) or prose_of(_reference(spec)).text
        if "$ref" in field:  # beside a reference nothing else counts
            field = schema["properties"][key] = {"allOf": [field]}
        if words:
            field["description"] = words


def _field(spec: Json, prefix: str, *, wrap: bool) -> Obj:
    if isinstance(spec, str):
        return _spec(spec, prefix)
    schema = _spec(spec["type"], prefix)
    extra: dict[str, Any] = {long: spec[short] for short, long in _EXTENSIONS.items() if short in spec}
    if "$ref" in schema and wrap and extra:  # beside a reference nothing else counts in v3
        schema = {"allOf": [schema]}
    return schema | extra


def _spec(text: str, prefix: str) -> Obj:
    if text.startswith("&"):
        return {"$ref": prefix + text[1:]}
    if text.startswith("[]"):
        return {"type": "array", "items": _spec(text[2:], prefix)}
    if text.startswith("{}"):
        return {"type": "object", "additionalProperties": _spec(text[2:], prefix)}
    if text in ("any", "any-object"):
        return {"type": "object"} if text == "any-object" else {}
    kind, _, form = text.partition(":")
    return {"type": kind, "format": form} if form else {"type": kind}


def _reference(spec: Json) -> str:
    text = spec if isinstance(spec, str) else str(spec["type"])
    return text.partition("&")[2]
