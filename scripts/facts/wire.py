"""Reads the wire form of the built-in types off the Go modules of a Kubernetes release and writes `wire.json`.

    go mod download -json k8s.io/api@v0.37.2 k8s.io/apimachinery@v0.37.2 k8s.io/apiextensions-apiserver@v0.37.2 \
        k8s.io/kube-aggregator@v0.37.2
    python -m scripts.facts.wire DIRECTORY…

OpenAPI says a field's JSON type, but not what the server does with its zero value, or how Go calls its type in an error
message. Those two stand in the structs; they are facts, and nothing else is read.

A type's row: `{"field": "flag type"}`. Flags: `o` an empty value is left out (omitempty: Go never calls a struct
empty), `z` a zero struct too, `-` always written.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from scripts.facts import OBJECTS, SERVER
from scripts.facts.protobuf import TAGGED, struct_bodies

PACKAGES = {
    "io.k8s.api.": "k8s.io/api@",
    "io.k8s.apimachinery.": "k8s.io/apimachinery@",
    "io.k8s.apiextensions-apiserver.": "k8s.io/apiextensions-apiserver@",
    "io.k8s.kube-aggregator.": "k8s.io/kube-aggregator@",
}


def rows(body: str, package: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Each field with its row; inlined structs of the same package are followed."""
    for _, kind, tags in TAGGED.findall(body):
        tag = re.search(r'json:"([^"]*)"', tags)
        if tag is None:
            continue
        name, *options = tag[1].split(",")
        if "inline" in options or not name:
            if kind != "TypeMeta":  # OpenAPI has it in whole objects only
                yield from rows(package.get(kind, ""), package)
            continue
        flag = "z" if "omitzero" in options else "o" if "omitempty" in options else "-"
        yield name, f"{flag} {kind}"


def wire(directories: list[Path]) -> dict[str, dict[str, str]]:
    """The rows of every struct among the types of `objects/facts/schema.json`."""
    text = (OBJECTS / "schema.json").read_text(encoding="utf-8")
    packages: dict[Path, dict[str, str]] = {}
    found: dict[str, dict[str, str]] = {}
    for name in json.loads(text)["types"]:
        path = _package(name, directories)
        if path is None:
            continue
        package = packages.setdefault(path, struct_bodies(path))
        if body := package.get(name.rpartition(".")[2]):
            found[name] = dict(rows(body, package))
    return found


def _package(name: str, directories: list[Path]) -> Path | None:
    for prefix, module in PACKAGES.items():
        if name.startswith(prefix):
            root = next((path for path in directories if module in path.as_posix()), None)
            return root and root.joinpath(*name.removeprefix(prefix).split(".")[:-1])
    return None


def main() -> None:
    """Writes the facts from the module directories on the command line."""
    found = wire([Path(argument) for argument in sys.argv[1:]])
    lines = ",\n".join(f"{json.dumps(name)}: {json.dumps(row, separators=(',', ':'))}" for name, row in found.items())
    (SERVER / "wire.json").write_text("{\n" + lines + "\n}\n", encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
