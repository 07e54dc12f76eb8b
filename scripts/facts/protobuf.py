"""Reads the protobuf form of the built-in types off the Go modules of a Kubernetes release and writes `protobuf.json`.

    go mod download -json k8s.io/api@v0.37.2 k8s.io/apimachinery@v0.37.2 k8s.io/apiextensions-apiserver@v0.37.2 \
        k8s.io/kube-aggregator@v0.37.2
    python -m scripts.facts.protobuf DIRECTORY…

Numbers and types stand in the modules' `generated.proto`, the JSON names in the tags of the Go structs beside them.
Those facts are read and nothing else; stored are the messages that the kinds of `schema.json` are made of.

A message is `{"number": "name type"}`, with Go's name of the field at the end where it is not the JSON name with a
capital. Types: `string`, `bytes`, `bool`, `int32`, `int64`, `double`; `&Other` for a message (of the same package, or
with its whole name), `[]…` repeated, `{}…` a map from strings; `…?` where JSON leaves an empty value out. The name is
`-` where JSON writes the message's fields in place of the field. A message that Go calls a list is its item's type:
`"[]string"`.
"""

from __future__ import annotations

import json
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from scripts.facts import OBJECTS

MODULES = ("api", "apimachinery", "apiextensions-apiserver", "kube-aggregator")

Row: TypeAlias = "dict[str, str] | str"
Rows: TypeAlias = dict[str, Row]

_PROTO = re.compile(r"^package ([\w.]+);|^message (\w+) \{\n(.*?)^\}", re.MULTILINE | re.DOTALL)
_PROTO_FIELD = re.compile(r"^  (?:optional |(repeated ))?(map<string, )?([\w.]+)>? (\w+) = (\d+);", re.MULTILINE)
_STRUCT = re.compile(r"^type (\w+) struct \{\n(.*?)^\}", re.MULTILINE | re.DOTALL)
TAGGED = re.compile(r"^\s+(?:(\w+)\s+)?([\w.*\[\]]+)\s+`([^`]*)`", re.MULTILINE)
_REFERENCE = re.compile(r"&([\w.-]+)")


@dataclass(frozen=True, slots=True)
class Tagged:
    """What Go says about one field.

    Attributes:
        go: Its name there.
        json: Its JSON name; `-` where it is inlined, `""` for none.
        omitted: JSON leaves an empty scalar out, for it is no pointer.
        zero_omitted: JSON leaves out empty values of all types.
    """

    go: str = ""
    json: str = ""
    omitted: bool = False
    zero_omitted: bool = False


def messages(module: Path) -> Rows:
    """Every message of a module, by OpenAPI name (`io.k8s.api.core.v1.Pod`)."""
    found: Rows = {}
    for file in sorted(module.rglob("generated.proto")):
        structs = go_structs(file.parent)
        package = ""
        for declared, message, body in _PROTO.findall(file.read_text(encoding="utf-8")):
            if declared:
                package = open_api_name(declared)
            else:
                found[f"{package}.{message}"] = _row(body, structs.get(message))
    return found


def open_api_name(name: str) -> str:
    """`k8s.io.kube_aggregator.pkg` as OpenAPI spells it: `io.k8s.kube-aggregator.pkg`."""
    return re.sub(r"^\.?k8s\.io\.", "io.k8s.", name).replace("_", "-")


def go_structs(directory: Path) -> dict[str, dict[str, Tagged]]:
    """The structs of a package: name → protobuf number → what Go calls the field."""
    return {name: dict(_tagged(body)) for name, body in struct_bodies(directory).items()}


def struct_bodies(directory: Path) -> dict[str, str]:
    """The text of a Go package's structs, by name; of their fields `TAGGED` finds Go's name, type and tags."""
    found: dict[str, str] = {}
    for file in sorted(directory.glob("*.go")):
        if not file.name.startswith(("zz_", "generated")) and not file.name.endswith("_test.go"):
            found |= dict(_STRUCT.findall(file.read_text(encoding="utf-8")))
    return found


def _tagged(body: str) -> list[tuple[str, Tagged]]:
    found = []
    for name, kind, tags in TAGGED.findall(body):
        number, json_tag = re.search(r'protobuf:"\w+,(\d+)', tags), re.search(r'json:"([^",]*)([^"]*)', tags)
        if number is None:
            continue
        # Types that write their JSON themselves have no JSON names in their tags.
        json_name = "" if json_tag is None or json_tag[1] == "-" else json_tag[1] or "-"
        options = json_tag[2].split(",") if json_tag else []
        omitted = "omitempty" in options and not kind.startswith("*")
        go = name or kind.lstrip("*").rpartition(".")[2]
        found.append((number[1], Tagged(go, json_name, omitted, "omitzero" in options)))
    return found


def _row(body: str, struct: dict[str, Tagged] | None) -> Row:
    fields = _PROTO_FIELD.findall(body)
    if struct is None and [field[3] for field in fields] == ["items"]:
        return _type(*fields[0][:3])  # `type Verbs []string`
    row = {}
    for repeated, mapped, kind, name, number in fields:
        tagged, spelled = (struct or {}).get(number, Tagged()), _type(repeated, mapped, kind)
        scalar = spelled[0] not in "&[{"
        mark = "?" if (tagged.omitted and scalar) or (tagged.zero_omitted and spelled.endswith("Time")) else ""
        json_name = tagged.json or name
        go = "" if tagged.go in ("", json_name[:1].upper() + json_name[1:]) else f" {tagged.go}"
        row[number] = f"{json_name} {spelled}{mark}{go}"
    return row


def _type(repeated: str, mapped: str, kind: str) -> str:
    spelled = kind if kind in ("string", "bytes", "bool", "int32", "int64", "double") else f"&{open_api_name(kind)}"
    return f"[]{spelled}" if repeated else f"{{}}{spelled}" if mapped else spelled


def reachable(rows: Rows, roots: list[str]) -> Rows:
    """The messages that some are made of, sorted by name."""
    found: Rows = {}
    todo = [name for name in roots if name in rows]
    while todo:
        name = todo.pop()
        if name in found:
            continue
        row = found[name] = rows[name]
        package = name.rpartition(".")[0]
        used = _REFERENCE.findall(row if isinstance(row, str) else " ".join(row.values()))
        todo += [other if "." in other else f"{package}.{other}" for other in used]
    return {name: found[name] for name in sorted(found)}


def protobuf(modules: list[Path]) -> dict[str, Any]:
    """What is stored: the release, and the messages behind all kinds.

    Raises:
        SystemExit: a module is missing, or they are of several releases.
    """
    releases = {path.name.partition("@")[2] for path in modules}
    if {path.name.partition("@")[0] for path in modules} != set(MODULES) or len(releases) != 1:
        raise SystemExit(f"Needed: the directories of {', '.join(MODULES)}, all of one release.")
    rows: Rows = {}
    for module in modules:
        rows |= messages(module)
    kinds = json.loads((OBJECTS / "schema.json").read_text(encoding="utf-8"))["kinds"]
    return {"release": releases.pop(), "messages": reachable(rows, list(kinds.values()))}


def main(arguments: list[str]) -> None:
    """Writes the facts from the module directories on the command line."""
    facts = protobuf([Path(argument) for argument in arguments])
    rows = {name: json.dumps(row, separators=(",", ":")) for name, row in facts["messages"].items()}
    lines = ",\n".join(f"{json.dumps(name)}:{row}" for name, row in rows.items())
    text = f'{{"release":{json.dumps(facts["release"])},"messages":{{\n{lines}\n}}}}\n'
    (OBJECTS / "protobuf.json").write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main(sys.argv[1:])
