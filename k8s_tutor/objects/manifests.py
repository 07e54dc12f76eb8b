"""Manifests: YAML or JSON text into objects, and mistakes into messages that teach.

>>> load("apiVersion: v1\\nkind: ConfigMap\\nmetadata: {name: web}")[0]["metadata"]
{'name': 'web'}

Law: pure; nothing but PyYAML underneath. A mistake becomes a `ManifestError` with line, column, the source line and a
caret under the place. Here: what every object needs, and what its kind's schema says.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cache, reduce
from typing import TypeAlias

from k8s_tutor.errors import ManifestError
from k8s_tutor.language import Message, Wording, msg
from k8s_tutor.objects.kinds import Kind, KindTable, builtin_kinds
from k8s_tutor.objects.manifest_reading import Document, Position, documents
from k8s_tutor.objects.metadata import dns1123_subdomain
from k8s_tutor.objects.reference import nearest
from k8s_tutor.objects.schema import Schema, Type, builtin_schema, from_openapi
from k8s_tutor.objects.types import Obj
from k8s_tutor.objects.validation import Path, Problem, ProblemKind, problems
from k8s_tutor.objects.yamlproblems import lookalike

__all__ = ["Document", "KnowsKinds", "Position", "load", "parse"]

KnowsKinds: TypeAlias = Callable[[], KindTable]
"""Asked for kinds that are not built in, when a manifest names one."""


def load(text: str, kinds: KnowsKinds = builtin_kinds) -> list[Obj]:
    """The objects in a manifest: one or many documents, Lists taken apart.

    Args:
        text: YAML or JSON.
        kinds: Asked what kinds there are, where a manifest's own words name none that is built in.

    Raises:
        ManifestError: a mistake, with line and column and how it might be meant.
    """
    return [document.value for document in parse(text, kinds)]


def parse(text: str, kinds: KnowsKinds = builtin_kinds) -> list[Document]:
    """The same, with the place of every field.

    Raises:
        ManifestError: a mistake, with line and column and how it might be meant.
    """
    found = [item for document in documents(text) for item in _taken_apart(document)]
    for document in found:
        _check(document, kinds)
    return found


def _taken_apart(document: Document) -> Iterator[Document]:
    value = document.value
    items = value.get("items") if isinstance(value, dict) and value.get("kind") == "List" else None
    if not isinstance(items, list):
        yield document
        return
    for index, item in enumerate(items):
        prefix: Path = ("items", index)
        yield replace(
            document,
            value=item,
            positions=_below(document.positions, prefix),
            values=_below(document.values, prefix),
        )


def _below(positions: object, prefix: Path) -> dict[Path, Position]:
    assert isinstance(positions, dict)
    return {path[2:]: position for path, position in positions.items() if path[:2] == prefix}


def _check(document: Document, kinds: KnowsKinds) -> None:
    obj = document.value
    if not isinstance(obj, dict):
        raise document.source.error(
            document.position(()),
            msg("this is no object"),
            why=msg("a manifest is made of fields: name: value"),
            next_step=msg("begin with apiVersion, kind and metadata"),
        )
    _check_kind(document, builtin_schema(), kinds)
    known = builtin_schema()
    schema = known.kind(obj["apiVersion"], obj["kind"])
    if schema is not None:
        _complain(document, problems(obj, schema))
    else:
        _complain(document, problems(obj, _custom()))
    _check_metadata(document)


@cache
def _custom() -> Type:
    """What is known of kinds that are not built in: their metadata."""
    return from_openapi({"type": "object", "x-kubernetes-preserve-unknown-fields": True})


def _check_kind(document: Document, schema: Schema, more: KnowsKinds) -> None:
    obj, kinds = document.value, builtin_kinds()
    for field in ("apiVersion", "kind"):
        if not obj.get(field):
            raise _missing(document, field, more)
        if not isinstance(obj[field], str):
            raise _at(
                document,
                (field,),
                msg("{field} wants text, got {value}", field=field, value=obj[field]),
                next_step=msg("put it in quotes"),
            )
    api_version, kind = obj["apiVersion"], obj["kind"]
    if kinds.of(api_version, kind) or schema.kind(api_version, kind):
        return
    served = [known for known in kinds if known.kind.lower() == kind.lower()]
    group, slash, _ = api_version.rpartition("/")
    if slash and not _is_builtin_group(group, kinds) and not (served and _looks_misspelt(group, kinds)):
        return  # a custom kind: the cluster knows whether it serves it
    custom = [known for known in more() if known.kind.lower() == kind.lower()]
    raise _unknown(document, served or custom, kinds)


def _unknown(document: Document, served: Sequence[Kind], kinds: KindTable) -> ManifestError:
    """What is wrong with a kind that is not there; `served` are those of that name, whatever their version."""
    api_version, kind = document.value["apiVersion"], document.value["kind"]
    right = next((known for known in served if known.api_version == api_version), served[0] if served else None)
    if right is not None and right.api_version != api_version:
        what = msg("{kind} is not in {api_version}", kind=right.kind, api_version=api_version)
        return _at(document, ("apiVersion",), what, next_step=msg("did you mean {guess}?", guess=right.api_version))
    guess = right.kind if right is not None else nearest(kind, (known.kind for known in kinds))
    return _at(
        document,
        ("kind",),
        msg('there is no kind "{kind}" in {api_version}', kind=kind, api_version=api_version),
        next_step=msg("did you mean {guess}?", guess=guess)
        if guess
        else msg("{command} lists the kinds there are", command='t.kubectl("api-resources")'),
    )


def _is_builtin_group(group: str, kinds: KindTable) -> bool:
    return any(known.group == group for known in kinds)


def _looks_misspelt(group: str, kinds: KindTable) -> bool:
    """A group of one word cannot be a custom one; other groups are misspelt when a built-in one is very near."""
    return "." not in group or nearest(group, (known.group for known in kinds if "." in known.group)) != ""


def _missing(document: Document, field: str, kinds: KnowsKinds) -> ManifestError:
    obj = document.value
    misspelt = nearest(field, [key for key in obj if key not in ("metadata", "spec", "status", "kind", "apiVersion")])
    if misspelt:
        return _at(
            document,
            (misspelt,),
            msg('there is no field "{field}"', field=misspelt),
            next_step=msg("did you mean {guess}?", guess=field),
        )
    if field == "apiVersion":
        return document.source.error(
            document.position(()),
            msg("apiVersion is missing"),
            why=msg("it says which API, in which version, the kind belongs to"),
            next_step=_of_which_api(str(obj.get("kind", "")), kinds),
        )
    return document.source.error(
        document.position(()),
        msg("kind is missing"),
        why=msg("it says what sort of object this is"),
        next_step=msg("add a line such as: kind: Pod"),
    )


def _of_which_api(kind: str, kinds: KnowsKinds) -> Message:
    """Which apiVersion is right for a kind: a built-in one's, or the one that the cluster defines."""
    if not kind:
        return msg("add the line: apiVersion: {example}", example="v1")
    known = builtin_kinds().find(kind)
    table = builtin_kinds() if known else kinds()
    if known := known or table.find(kind):
        return msg("add the line: apiVersion: {example}", example=known.api_version)
    if guess := nearest(kind, (one.kind for one in table)):
        version = next(one.api_version for one in table if one.kind == guess)
        return msg("did you mean the kind {guess}? Its line is apiVersion: {example}", guess=guess, example=version)
    return msg(
        "{kind} is none of Kubernetes' own kinds: its CustomResourceDefinition says the API, as GROUP/VERSION; "
        't.kubectl("get crd") lists those that are there',
        kind=kind,
    )


def _check_metadata(document: Document) -> None:
    metadata = document.value.get("metadata")
    name = (metadata or {}).get("name")
    if name is None and (metadata or {}).get("generateName"):
        return
    if not name:
        at: Path = ("metadata",) if metadata is not None else ("kind",)
        raise _at(
            document,
            at,
            msg("the object has no name"),
            why=msg("every object is known by its name"),
            next_step=msg("add under metadata: name: a-name-of-your-choice"),
        )
    if isinstance(name, str) and document.value["kind"] not in _FREE_NAMES:
        _check_name(document, name)


# Kinds whose names may hold other signs, such as colons.
_FREE_NAMES = ("APIService", "ClusterRole", "ClusterRoleBinding", "ClusterTrustBundle", "Role", "RoleBinding")


def _check_name(document: Document, name: str) -> None:
    if dns1123_subdomain(name):
        mended = "".join(char if char.isalnum() or char in ".-" else "-" for char in name.lower()).strip("-.")
        usable = mended and not dns1123_subdomain(mended)
        raise _at(
            document,
            ("metadata", "name"),
            msg('"{name}" cannot be a name', name=name),
            why=msg("names are made of small letters, digits, - and ., and begin and end with a letter or digit"),
            next_step=msg("how about {name}?", name=mended) if usable else msg("choose another one"),
        )


_TOLD = 4  # mistakes beside the first


def _complain(document: Document, found: Iterable[Problem]) -> None:
    # What is there comes before what is missing: it can be pointed at.
    ranked = sorted(found, key=lambda problem: problem.kind is ProblemKind.MISSING_FIELD)
    if not ranked:
        return
    first, *others = ranked
    if first.kind is ProblemKind.WRONG_TYPE and first.path in document.values:
        odd = lookalike(document.source, document.values[first.path])
        if odd is not None:  # `name：web` is one text, where a field was meant
            raise odd
    raise _at(document, first.path, first.what, why=_also(document, others), next_step=first.next_step)


def _also(document: Document, others: Sequence[Problem]) -> Wording:
    """A line each, for the first of them."""
    if not others:
        return ""
    lines = [
        msg("line {line}: {what}", line=document.position(other.path).line, what=other.what) for other in others[:_TOLD]
    ]
    if len(others) > _TOLD:
        lines.append(msg("and {count} more", count=len(others) - _TOLD))
    return reduce(
        lambda before, line: msg("{before}\n      {line}", before=before, line=line),
        lines,
        msg("there is more to mend:"),
    )


def _at(document: Document, path: Path, what: Wording, *, why: Wording = "", next_step: Wording = "") -> ManifestError:
    width = len(str(path[-1])) if path and isinstance(path[-1], str) else 1
    return document.source.error(document.position(path), what, why, next_step, width=width)
