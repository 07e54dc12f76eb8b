"""Objects as kubectl prints them with `-o yaml`, `-o json`, `-o name`, `-o jsonpath=`."""

from __future__ import annotations

import json
from typing import Any

from k8s_tutor.kubectl.errors import unsupported
from k8s_tutor.kubectl.jsonpath import evaluate
from k8s_tutor.objects import metadata
from k8s_tutor.objects.kinds import Kind
from k8s_tutor.objects.types import Obj

__all__ = ["printed", "title"]


def title(kind: Kind, name: str) -> str:
    """`pod/web`, `deployment.apps/web`."""
    group = f".{kind.group}" if kind.group else ""
    return f"{kind.singular}{group}/{name}"


def printed(found: list[tuple[Kind, Obj]], output: str, *, single: bool) -> str:
    """The objects in an output format.

    Args:
        found: The objects with their kinds.
        output: The value of `-o`.
        single: One object was asked for by name: it is printed itself, not in a list.

    Raises:
        KubectlError: a format that only the real kubectl knows.
    """
    form, _, rest = output.partition("=")
    if form == "name":
        return "\n".join(title(kind, metadata.name(obj)) for kind, obj in found)
    objects = [_shown(obj) for _, obj in found]
    value: Obj = (
        objects[0]
        if single
        else {"apiVersion": "v1", "items": objects, "kind": "List", "metadata": {"resourceVersion": ""}}
    )
    if form == "json":
        return json.dumps(value, indent=4, sort_keys=True, ensure_ascii=False)
    if form == "yaml":
        return _yaml(value)
    if form == "jsonpath":
        return evaluate(rest, value)
    raise unsupported(f"`-o {form}`")


def _shown(obj: Obj) -> Obj:
    """Without managedFields, as kubectl hides them too."""
    meta = {key: value for key, value in obj["metadata"].items() if key != "managedFields"}
    return {**obj, "metadata": meta}


def _yaml(value: Obj) -> str:
    import yaml  # noqa: PLC0415  slow to import

    class Dumper(yaml.SafeDumper):
        """Quotes with double marks what plain YAML would read as no string, as kubectl does."""

    def text(dumper: yaml.SafeDumper, value: str) -> Any:
        plain = dumper.resolve(yaml.ScalarNode, value, (True, False)) == "tag:yaml.org,2002:str"  # type: ignore[no-untyped-call]
        style = "|" if "\n" in value else None if plain else '"'
        return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)

    Dumper.add_representer(str, text)
    return str(yaml.dump(value, Dumper=Dumper, sort_keys=True, allow_unicode=True, width=80)).rstrip("\n")
