"""`kubectl explain`: what a field means, from the server's own OpenAPI document."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from k8s_tutor.kubectl.arguments import KubectlError, unsupported
from k8s_tutor.kubectl.task import Task
from k8s_tutor.objects.kinds import Kind
from k8s_tutor.objects.types import Json, Obj

__all__ = ["explain"]

_NOTHING = (
    'error: You must specify the type of resource to explain. Use "kubectl api-resources" for a complete list of '
    "supported resources."
)


def explain(task: Task) -> None:
    """Runs `kubectl explain`."""
    if not task.words:
        raise KubectlError(_NOTHING)
    if len(task.words) > 1:
        raise KubectlError("error: We accept only this format: explain RESOURCE")
    if task.options.text("output", "plaintext") != "plaintext":
        raise unsupported(f"kubectl explain -o {task.options.text('output')}")
    kind, path = _kind_and_path(task)
    document: Json = task.client.raw("GET", f"/openapi/v3{kind.root}").body
    schemas = document["components"]["schemas"]
    wanted = {"group": kind.group, "kind": kind.kind, "version": kind.version}
    root = next((one for one in schemas.values() if wanted in one.get("x-kubernetes-group-version-kind", ())), None)
    if root is None:
        raise KubectlError(f"error: GVR ({kind.api_version}, Resource={kind.plural}) not found in OpenAPI schema")
    group = f"GROUP:      {kind.group}\n" if kind.group else ""
    head = f"{group}KIND:       {kind.kind}\nVERSION:    {kind.version}\n\n"
    body = _Writer(schemas, recursive=task.options.on("recursive")).output(root, path)
    task.write(head)
    if body is None:
        raise task.failed(f'error: field "{path[-1]}" does not exist')
    task.write(f"{body}\n")


def _kind_and_path(task: Task) -> tuple[Kind, list[str]]:
    """The kind and the fields of `pod.spec.containers`; a group may stand behind the kind (`deployments.apps`)."""
    first, *rest = task.words[0].rstrip(".").split(".")
    version = task.options.text("api-version")
    kinds = task.client.kinds
    if kinds.find(first) is None:
        kinds = task.client.refresh_kinds()
    for length in range(len(rest), 0, -1):
        kind = kinds.find(".".join([first, *rest[:length]]))
        if kind is not None:
            return kind, rest[length:]
    kind = kinds.find(first)
    if kind is not None and version:
        kind = kinds.of(version, kind.kind)
        if kind is None:
            raise KubectlError(f'error: couldn\'t find resource for "{version}, Kind={first}"')
    if kind is None:
        raise KubectlError(f'the server doesn\'t have a resource type "{first}"')
    return kind, rest


@dataclass(frozen=True)
class _Writer:
    """Puts one document's schemas into words."""

    schemas: Obj
    recursive: bool

    def _resolved(self, schema: Obj) -> Obj:
        ref = schema.get("$ref", "")
        found: Obj = self.schemas.get(ref.rpartition("/")[2], schema) if ref else schema
        return found

    def output(self, schema: Obj, path: list[str], history: frozenset[str] = frozenset()) -> str | None:
        """The explanation of what a path leads to; None where it leads nowhere."""
        ref = schema.get("$ref", "")
        resolved = self._resolved(schema)
        if not path:
            return self._described(resolved)
        if ref and ref in history:
            return None
        seen = history | ({ref} if ref else frozenset())
        properties = resolved.get("properties") or {}
        if path[0] in properties:
            inner = properties[path[0]]
            head = ""
            if len(path) == 1:
                head = f"FIELD: {path[0]} <{self._type(inner)}>\n{self._long_enum(inner)}\n\n"
            found = self.output(inner, path[1:])
            return None if found is None else head + found
        for deeper in self._inside(resolved):
            found = self.output(deeper, path, seen)
            if found is not None:
                return found
        return None

    @staticmethod
    def _inside(schema: Obj) -> Iterator[Obj]:
        if schema.get("items"):
            yield schema["items"]
        elif isinstance(schema.get("additionalProperties"), dict):
            yield schema["additionalProperties"]
        else:
            yield from schema.get("allOf") or ()

    def _described(self, resolved: Obj) -> str:
        text = f"DESCRIPTION:\n{_indented(_wrapped(self._description(resolved) or '<empty>', 76), 4)}\n"
        fields = "".join(self._fields(resolved, 1, frozenset()))
        return text + (f"FIELDS:\n{fields}" if fields else "")

    def _description(self, schema: Obj) -> str:
        resolved = self._resolved(schema)
        own = f"{resolved['description']}\n" if resolved.get("description") else ""
        parts = [*(resolved.get("allOf") or ())]
        if resolved.get("items"):
            parts.append(resolved["items"])
        if isinstance(resolved.get("additionalProperties"), dict):
            parts.append(resolved["additionalProperties"])
        return own + "".join(self._description(part) for part in parts)

    def _fields(self, schema: Obj, level: int, history: frozenset[str]) -> Iterator[str]:
        ref = schema.get("$ref", "")
        if ref and ref in history:
            return
        seen = history | ({ref} if ref else frozenset())
        resolved = self._resolved(schema)
        for name, inner in sorted((resolved.get("properties") or {}).items()):
            yield self._field(name, inner, resolved, level)
            if self.recursive:
                yield from self._fields(inner, level + 1, seen)
        for part in resolved.get("allOf") or ():
            yield from self._fields(part, level, seen)
        if resolved.get("items"):
            yield from self._fields(resolved["items"], level, seen)
        if isinstance(resolved.get("additionalProperties"), dict):
            yield from self._fields(resolved["additionalProperties"], level, seen)

    def _field(self, name: str, schema: Obj, parent: Obj, level: int) -> str:
        indent = level * 2
        needed = " -required-" if name in (parent.get("required") or ()) else ""
        line = f"{' ' * indent}{name}\t<{self._type(schema)}>{needed}{self._short_enum(schema, indent)}\n"
        if self.recursive:
            return line
        text = _wrapped(schema.get("description") or "<no description>", 78 - indent)
        return f"{line}{_indented(text, indent + 2)}\n\n"

    def _type(self, schema: Obj) -> str:
        if schema.get("items"):
            return f"[]{self._type(schema['items'])}"
        if isinstance(schema.get("additionalProperties"), dict):
            return f"map[string]{self._type(schema['additionalProperties'])}"
        several: list[Obj] = schema.get("allOf") or []
        if len(several) == 1 and not schema.get("properties"):
            return self._type(several[0])
        if schema.get("$ref"):
            shape = self._resolved(schema).get("type")
            return str(schema["$ref"].rpartition("/")[2].rpartition(".")[2] if shape in (None, "object") else shape)
        return "Object" if schema.get("type") in (None, "object") else str(schema["type"])

    @staticmethod
    def _short_enum(schema: Obj, indent: int) -> str:
        values = schema.get("enum")
        if not values:
            return ""
        shown = ", ".join(_value(value) for value in values[:4])
        return f"\n{' ' * indent}enum: {shown}{', ....' if len(values) > 4 else ''}"

    @staticmethod
    def _long_enum(schema: Obj) -> str:
        values = schema.get("enum")
        return "ENUM:" + "".join(f"\n    {_value(value)}" for value in values) if values else ""


def _value(value: Json) -> str:
    return '""' if value == "" else str(value)


def _indented(text: str, amount: int) -> str:
    pad = " " * amount
    return pad + text.replace("\n", f"\n{pad}")


def _wrapped(text: str, width: int) -> str:
    """Lines of at most so many characters, broken at spaces; runs of spaces and line breaks are kept."""
    return "\n".join(_wrapped_line(line, width) for line in text.split("\n"))


def _wrapped_line(line: str, width: int) -> str:
    out, current = "", 0
    for gap, word in re.findall(r"(\s*)(\S+)", line):
        if current + len(gap) + len(word) > width and current:
            out, current = f"{out}\n{word}", len(word)
        else:
            out, current = out + gap + word, current + len(gap) + len(word)
    return out
