"""Objects as kubectl prints them: tables, `--sort-by`, `-o yaml`, `json`, `name`; and what was done to one."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cmp_to_key
from typing import Any

from k8s_tutor.api.applying import format_title
from k8s_tutor.kubectl.arguments import KubectlError, unsupported
from k8s_tutor.kubectl.choosing import evaluate
from k8s_tutor.kubectl.task import Task
from k8s_tutor.language import msg
from k8s_tutor.objects import metadata, quantity
from k8s_tutor.objects.jsonpath import JsonPathError, find
from k8s_tutor.objects.kinds import Kind
from k8s_tutor.objects.types import Json, Obj

__all__ = [
    "FORMATS",
    "Layout",
    "aligned",
    "as_yaml",
    "printed",
    "relaxed",
    "render",
    "report",
    "set_columns",
    "sorted_by",
]

FORMATS = (
    "custom-columns,custom-columns-file,go-template,go-template-file,json,jsonpath,jsonpath-as-json,jsonpath-file,"
    "kyaml,name,template,templatefile,wide,yaml"
)


def report(task: Task, kind: Kind, obj: Obj, done: str) -> None:
    """Says what was done to an object, or prints the object where the line has `-o`."""
    form = task.options.text("output")
    if form:
        text = printed([(kind, obj)], form, single=True, task=task)
        if form == "yaml" and task.out:
            task.say("---")
        task.write(text if form.startswith("jsonpath") else f"{text}\n")
        return
    how = {"client": " (dry run)", "server": " (server dry run)"}.get(task.dry, "")
    task.say(f"{format_title(kind, metadata.name(obj))} {done}{how}")


def printed(found: list[tuple[Kind, Obj]], output: str, *, single: bool, task: Task | None = None) -> str:
    """The objects in an output format.

    Args:
        found: The objects with their kinds.
        output: The value of `-o`.
        single: One object was asked for by name: it is printed itself, not in a list.
        task: Whose flags change what is printed.

    Raises:
        KubectlError: a format that only the real kubectl knows.
    """
    form, _, rest = output.partition("=")
    if form == "name":
        return "\n".join(format_title(kind, metadata.name(obj)) for kind, obj in found)
    managed = task is not None and task.options.on("show-managed-fields")
    objects = [obj if managed else _shown(obj) for _, obj in found]
    value: Obj = (
        objects[0]
        if single
        else {"apiVersion": "v1", "items": objects, "kind": "List", "metadata": {"resourceVersion": ""}}
    )
    if form == "json":
        return json.dumps(value, indent=4, sort_keys=True, ensure_ascii=False)
    if form == "yaml":
        return as_yaml(value)
    if form in ("jsonpath", "jsonpath-as-json"):
        template = rest or (task.options.text("template") if task else "")
        if not template:
            raise KubectlError("error: template format specified but no template given")
        return evaluate(template, value)
    if form in ("go-template", "template", "go-template-file", "jsonpath-file", "kyaml", "templatefile"):
        raise unsupported(f"-o {form}", msg("-o jsonpath=… and -o custom-columns=… choose fields too."))
    raise KubectlError(
        f'error: unable to match a printer suitable for the output format "{form}", allowed formats are: {FORMATS}'
    )


def _shown(obj: Obj) -> Obj:
    """Without managedFields, as kubectl hides them too."""
    if "managedFields" not in obj.get("metadata", {}):
        return obj
    meta = {key: value for key, value in obj["metadata"].items() if key != "managedFields"}
    return {**obj, "metadata": meta}


def as_yaml(value: Json) -> str:
    """A value as kubectl's YAML, without a newline at its end."""
    import yaml  # noqa: PLC0415  slow to import

    class Dumper(yaml.SafeDumper):
        """Quotes with double marks what plain YAML would read as no string, as kubectl does."""

        def ignore_aliases(self, data: Any) -> bool:
            return True

    def text(dumper: yaml.SafeDumper, value: str) -> Any:
        plain = dumper.resolve(yaml.ScalarNode, value, (True, False)) == "tag:yaml.org,2002:str"  # type: ignore[no-untyped-call]
        plain = plain and value not in ("y", "Y", "n", "N")  # truth values to older readers
        style = "|" if "\n" in value else None if plain else '"'
        return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)

    Dumper.add_representer(str, text)
    return str(yaml.dump(value, Dumper=Dumper, sort_keys=True, allow_unicode=True, width=80)).rstrip("\n")


# ---- Text with tabs set in columns: Go's `text/tabwriter`, which kubectl prints everything with
#
# A column is a block of neighbouring lines that have a cell there; a cell is what ends with a tab. What stands after a
# line's last tab belongs to no column and makes none wider.


def aligned(text: str, *, padding: int = 2, least: int = 0) -> str:
    """The text with its tabs replaced by spaces.

    >>> print(aligned("Name:\\tweb\\nNamespace:\\tshop"))
    Name:       web
    Namespace:  shop

    Args:
        text: Lines whose cells end with tabs.
        padding: Spaces behind the widest cell of a column.
        least: A column's least width, padding included.
    """
    rows = [line.split("\t") for line in text.split("\n")]
    out: list[str] = []
    _Block(rows, padding, least, out).write(0, len(rows), [])
    return "\n".join(out)


def set_columns(rows: list[list[str]], *, padding: int = 3, least: int = 6) -> str:
    """Rows as `kubectl get` prints them; the last column is not padded."""
    return aligned("\n".join("\t".join(row) for row in rows), padding=padding, least=least)


class _Block:
    """Lines in the making. Columns nest: the widths of those further left hold for all lines of a block."""

    def __init__(self, rows: list[list[str]], padding: int, least: int, out: list[str]) -> None:
        self.rows = rows
        self.padding = padding
        self.least = least
        self.out = out

    def write(self, first: int, end: int, widths: list[int]) -> None:
        """Writes the lines from `first` up to `end`, of which all columns left of `len(widths)` are settled."""
        column = len(widths)
        at = first
        while at < end:
            if column >= len(self.rows[at]) - 1:
                at += 1
                continue
            self._print(first, at, widths)
            first = at
            width = self.least
            while at < end and column < len(self.rows[at]) - 1:
                width = max(width, len(self.rows[at][column]) + self.padding)
                at += 1
            self.write(first, at, [*widths, width])
            first = at
        self._print(first, end, widths)

    def _print(self, first: int, end: int, widths: list[int]) -> None:
        for cells in self.rows[first:end]:
            padded = [cell.ljust(widths[i]) if i < len(widths) else cell for i, cell in enumerate(cells)]
            self.out.append("".join(padded))


# ---- `--sort-by`: objects in the order of a field of theirs

_PATH = re.compile(r"\{\.?([^{}]+)\}|\.?([^{}]+)")


def relaxed(path: str) -> str:
    """A path as people write it (`name`, `.name`, `{.name}`) with its braces.

    Raises:
        KubectlError: it is none of these.
    """
    match = _PATH.fullmatch(path)
    if match is None:
        raise KubectlError(
            "error: unexpected path string, expected a 'name1.name2' or '.name1.name2' or '{name1.name2}' or "
            "'{.name1.name2}'"
        )
    return "{." + (match[1] or match[2]) + "}"


def sorted_by(objects: list[Obj], path: str) -> list[Obj]:
    """The objects in ascending order of a field; those without it come first.

    Raises:
        KubectlError: none of them has the field.
    """
    field = relaxed(path)
    try:
        keyed = [(find(field, obj)[:1], obj) for obj in objects]
    except JsonPathError as error:
        raise KubectlError(f"error: {error}") from error
    if objects and not any(key for key, _ in keyed):
        raise KubectlError(f'error: couldn\'t find any field with path "{field}" in the list of objects')
    keyed.sort(key=cmp_to_key(_compare))
    return [obj for _, obj in keyed]


def _compare(one: tuple[list[Json], Obj], other: tuple[list[Json], Obj]) -> int:
    left, right = one[0], other[0]
    if not left or not right:
        return len(left) - len(right)
    if _less(left[0], right[0]):
        return -1
    return 1 if _less(right[0], left[0]) else 0


def _less(left: Json, right: Json) -> bool:
    if isinstance(left, str) and isinstance(right, str):
        try:
            return quantity.parse(left) < quantity.parse(right)
        except quantity.QuantityError:
            return left < right
    try:
        return bool(left < right)
    except TypeError:
        return False


# ---- The server's Tables as kubectl prints them: wide columns, labels, several kinds below each other


@dataclass(frozen=True)
class Layout:
    """How to print a Table.

    Attributes:
        wide: Also the columns of lower priority.
        namespaces: A first column with the namespace.
        labels: A last column with the labels.
        label_columns: A column for each of these labels.
        headers: The row of column names.
        prefix: Before each name: `pod/` where several kinds are printed.
    """

    wide: bool = False
    namespaces: bool = False
    labels: bool = False
    label_columns: tuple[str, ...] = ()
    headers: bool = True
    prefix: str = ""


def render(table: Obj, layout: Layout) -> str:
    """The Table's text, without a newline at its end."""
    columns = table.get("columnDefinitions") or []
    shown = [index for index, column in enumerate(columns) if layout.wide or not column.get("priority")]
    lines = [_header(columns, shown, layout)] if layout.headers else []
    lines += [_line(row, shown, layout) for row in table.get("rows") or []]
    return set_columns(lines) if lines else ""


def _header(columns: list[Obj], shown: list[int], layout: Layout) -> list[str]:
    names = [str(columns[index]["name"]).upper() for index in shown]
    labels = [label.rpartition("/")[2].upper() for label in layout.label_columns]
    return [*(["NAMESPACE"] if layout.namespaces else []), *names, *labels, *(["LABELS"] if layout.labels else [])]


def _line(row: Obj, shown: list[int], layout: Layout) -> list[str]:
    cells = [_cell(row["cells"][index]) for index in shown]
    if layout.prefix and cells:
        cells[0] = layout.prefix + cells[0]
    obj = row.get("object") or {}
    if layout.namespaces:
        cells.insert(0, metadata.namespace(obj))
    labels = metadata.labels(obj)
    cells += [labels.get(label, "") for label in layout.label_columns]
    if layout.labels:
        cells.append(",".join(f"{key}={labels[key]}" for key in sorted(labels)) or "<none>")
    return cells


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)  # kubectl prints nothing where a custom column finds nothing
