"""Which objects a line means: `pods`, `pod web db`, `pod/web svc/db`, `pods,svc -l app=web`, `all`, `-f file`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from k8s_tutor.api.protocol import StatusError
from k8s_tutor.kubectl.arguments import KubectlError
from k8s_tutor.kubectl.task import Task
from k8s_tutor.language import msg
from k8s_tutor.objects import metadata, selectors
from k8s_tutor.objects.deployments import plain_template
from k8s_tutor.objects.jsonpath import JsonPathError, find, show
from k8s_tutor.objects.kinds import Kind
from k8s_tutor.objects.types import Json, Obj

__all__ = ["NOTHING_CHOSEN", "Chosen", "choose", "evaluate", "fetch", "new_replicaset", "owned_replicasets"]

_ALL = ("pods", "replicationcontrollers", "services", "daemonsets", "deployments", "replicasets", "statefulsets",
        "horizontalpodautoscalers", "cronjobs", "jobs")  # fmt: skip  # the category `all`, in kubectl's order

NOTHING_CHOSEN = (
    "error: You must provide one or more resources by argument or filename.\n"
    "Example resource specifications include:\n"
    "   '-f rsrc.yaml'\n"
    "   '--filename=rsrc.json'\n"
    "   '<resource> <name>'\n"
    "   '<resource>'"
)


_SAY_WHICH = (
    "error: You must specify the type of resource to {verb}. "
    'Use "kubectl api-resources" for a complete list of supported resources.'
)


@dataclass(frozen=True)
class Chosen:
    """One object, or all of a kind that the selectors let through.

    Attributes:
        kind: Its kind.
        name: Empty for all.
        place: Its namespace; empty for all namespaces.
        obj: As a file says it, where it comes from one.
    """

    kind: Kind
    name: str
    place: str
    obj: Obj | None = None


def choose(task: Task, words: list[str] | None = None, *, whole_kinds: bool = True) -> list[Chosen]:
    """What the words of a line (or its files) name.

    Args:
        task: The line.
        words: Instead of the line's own.
        whole_kinds: A kind alone means all its objects; otherwise it takes a selector or `--all`.

    Raises:
        KubectlError: in kubectl's words: nothing named, an unknown kind, words that contradict each other.
    """
    words = task.words if words is None else words
    files = task.load_files()
    if files and words:
        raise KubectlError(
            "error: when paths, URLs, or stdin is provided as input, you may not specify resource arguments as well"
        )
    if files:
        return [_of_file(task, obj) for obj in files]
    if not words:
        raise KubectlError(_SAY_WHICH.format(verb=task.verb) if task.verb == "describe" else NOTHING_CHOSEN)
    place = "" if task.options.on("all-namespaces") else task.place
    if any("/" in word for word in words):
        return [Chosen(kind, name, place) for kind, name in _references(task, words)]
    kinds = [task.kind(part) for word in words[0].split(",") for part in _category(task, word)]
    names = words[1:]
    if names:
        _refuse_selectors(task)
        return [Chosen(kind, name, place) for kind in kinds for name in names]
    if not whole_kinds and not (
        task.options.text("selector") or task.options.text("field-selector") or task.options.on("all")
    ):
        raise KubectlError("error: resource(s) were provided, but no name was specified")
    return [Chosen(kind, "", place) for kind in kinds]


def fetch(task: Task, words: list[str] | None = None, *, whole_kinds: bool = True) -> Iterator[tuple[Kind, Obj]]:
    """The objects a line names, as the cluster has them; what is not found is remembered as the task's error."""
    for chosen in choose(task, words, whole_kinds=whole_kinds):
        if chosen.name:
            try:
                yield chosen.kind, task.client.get(chosen.kind, chosen.name, chosen.place)
            except StatusError as error:
                if error.code == 404 and task.options.on("ignore-not-found"):
                    continue
                task.refuse(error)
        else:
            selectors = {"labels": task.options.text("selector"), "fields": task.options.text("field-selector")}
            for obj in task.client.list(chosen.kind, chosen.place, **selectors):
                yield chosen.kind, obj


def _of_file(task: Task, obj: Obj) -> Chosen:
    kind = task.client.kind_of(obj)
    return Chosen(kind, metadata.name(obj), metadata.namespace(obj) or task.place, obj)


def _category(task: Task, word: str) -> list[str]:
    if word == "all":
        task.client.refresh_kinds()
        return [*_ALL, *(kind.group_resource for kind in task.client.custom_kinds if word in kind.categories)]
    if task.client.kinds.find(word) is None:
        members = [kind.group_resource for kind in task.client.refresh_kinds() if word in kind.categories]
        return members or [word]
    return [word]


def _references(task: Task, words: list[str]) -> Iterator[tuple[Kind, str]]:
    _refuse_selectors(task)
    for word in words:
        kind, slash, name = word.partition("/")
        if not slash:
            raise KubectlError(
                "error: there is no need to specify a resource type as a separate argument when passing arguments in "
                "resource/name form (e.g. 'kubectl get resource/<resource_name>' instead of 'kubectl get resource "
                "resource/<resource_name>'"
            )
        if "/" in name:
            raise KubectlError("error: arguments in resource/name form may not have more than one slash")
        if not kind or not name:
            raise KubectlError("error: arguments in resource/name form must have a single resource and name")
        yield task.kind(kind), name


def _refuse_selectors(task: Task) -> None:
    if task.options.text("selector") or task.options.on("all"):
        raise KubectlError("error: name cannot be provided when a selector is specified")
    if task.options.on("all-namespaces"):
        raise KubectlError("error: a resource cannot be retrieved by name across all namespaces")


# ---- kubectl's JSONPath templates: paths in braces, text around them, `{range .items[*]}…{end}`, `{"\n"}`
#
# See kubernetes.io/docs/reference/kubectl/jsonpath; the paths themselves are read by `objects.jsonpath`.


@dataclass
class _Range:
    """`{range path}` and what stands up to its `{end}`."""

    path: str
    body: list[_Part] = field(default_factory=list)


_Part: TypeAlias = "str | _Range"  # text stands after a NUL, so that it cannot be taken for an action
_TEXT = "\0"


def evaluate(template: str, value: Json) -> str:
    """The text a template makes of a value; a missing field gives nothing, as in kubectl.

    >>> evaluate("{.items[*].name}", {"items": [{"name": "a"}, {"name": "b"}]})
    'a b'
    >>> evaluate("{range .items[*]}{.name}{'\\\\n'}{end}", {"items": [{"name": "a"}, {"name": "b"}]})
    'a\\nb\\n'

    Raises:
        KubectlError: the template cannot be understood.
    """
    return "".join(_text(_parsed(template), value, value))


def _parsed(template: str) -> list[_Part]:
    stack: list[list[_Part]] = [[]]
    for part in _parts(template):
        if part.startswith("range ") or part == "range":
            inner = _Range(part.removeprefix("range").strip())
            stack[-1].append(inner)
            stack.append(inner.body)
        elif part == "end":
            if len(stack) == 1:
                raise KubectlError(f"error: error parsing jsonpath {template}, not in range, nothing to end")
            stack.pop()
        else:
            stack[-1].append(part)
    if len(stack) > 1:
        raise KubectlError(f"error: error parsing jsonpath {template}, unterminated range")
    return stack[0]


def _parts(template: str) -> Iterator[str]:
    """Texts, each behind a NUL, and the insides of braces."""
    at = 0
    while at < len(template):
        opening = template.find("{", at)
        if opening < 0:
            yield _TEXT + template[at:]
            return
        if opening > at:
            yield _TEXT + template[at:opening]
        closing = _closing(template, opening)
        yield template[opening + 1 : closing].strip()
        at = closing + 1


def _closing(template: str, opening: int) -> int:
    quote = ""
    for index in range(opening, len(template)):
        char = template[index]
        if quote:
            quote = "" if char == quote and template[index - 1] != "\\" else quote
        elif char in "\"'":
            quote = char
        elif char == "}":
            return index
    raise KubectlError(f"error: error parsing jsonpath {template}, unclosed action")


def _text(parts: list[_Part], value: Json, root: Json) -> Iterator[str]:
    for part in parts:
        if isinstance(part, _Range):
            for item in _found(part.path, value, root):
                yield from _text(part.body, item, root)
        elif part.startswith(_TEXT):
            yield part[1:]
        elif part[:1] in "\"'" and part:
            yield str(json.loads('"' + part[1:-1].replace('"', '\\"') + '"'))
        else:
            yield " ".join(show(found) for found in _found(part, value, root))


def _found(path: str, value: Json, root: Json) -> list[Json]:
    try:
        return find(path, root if path.startswith("$") else value)
    except JsonPathError as error:
        raise KubectlError(
            f"error: error parsing jsonpath {{{path}}}, {error}",
            next_step=msg("For example {example}.", example="{.status.podIP}"),
        ) from error


# ---- The ReplicaSets of a Deployment: which is of now, which are history


def owned_replicasets(task: Task, deployment: Obj) -> list[Obj]:
    """Those it controls, in the server's order."""
    place = deployment["metadata"]["namespace"]
    found = task.client.list("replicasets.apps", place, labels=str(selectors.of(deployment["spec"]["selector"])))
    return [one for one in found if metadata.is_controlled_by(one, deployment)]


def new_replicaset(deployment: Obj, replicasets: list[Obj]) -> Obj | None:
    """The oldest that makes Pods from the Deployment's template of now."""
    wanted = plain_template(deployment["spec"]["template"])
    same = [one for one in replicasets if plain_template(one["spec"]["template"]) == wanted]
    return min(same, key=lambda one: str(one["metadata"]["creationTimestamp"]), default=None)
