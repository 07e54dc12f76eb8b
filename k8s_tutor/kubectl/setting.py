"""Changing some fields: `kubectl set`, `patch`, `label` and `annotate`."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from pathlib import Path

from k8s_tutor.api.applying import format_title
from k8s_tutor.api.protocol import StatusError
from k8s_tutor.kubectl.arguments import KubectlError
from k8s_tutor.kubectl.choosing import fetch
from k8s_tutor.kubectl.printing import report
from k8s_tutor.kubectl.task import Task, patch
from k8s_tutor.objects import metadata, selectors
from k8s_tutor.objects.kinds import Kind
from k8s_tutor.objects.metadata import label_value
from k8s_tutor.objects.types import Json, Obj

__all__ = [
    "annotate",
    "label",
    "patch_objects",
    "set_env",
    "set_image",
    "set_resources",
    "set_selector",
    "set_service_account",
]

_NOTHING = "error: one or more resources must be specified as <resource> <name> or <resource>/<name>"


def _split(task: Task) -> tuple[list[str], list[str]]:
    """The words that name objects, and those that say what to set."""
    pairs = [word for word in task.words if "=" in word or re.fullmatch(r"\w[\w.-]*-", word)]
    rest = [word for word in task.words if word not in pairs]
    if not rest and not task.options.all("filename"):
        raise KubectlError(_NOTHING)
    return rest, pairs


def _pod_spec(obj: Obj) -> tuple[Obj, tuple[str, ...]]:
    """The Pod spec an object holds, and the path to it."""
    path: tuple[str, ...] = ("spec",)
    if obj["kind"] == "CronJob":
        path = ("spec", "jobTemplate", "spec", "template", "spec")
    elif obj["kind"] != "Pod":
        path = ("spec", "template", "spec")
    found = obj
    for step in path:
        found = found.get(step) or {}
    return found, path


def _at(path: tuple[str, ...], value: Json) -> Obj:
    for step in reversed(path):
        value = {step: value}
    return dict(value)


def set_image(task: Task) -> None:
    """Runs `kubectl set image`."""
    rest, pairs = _split(task)
    if not pairs:
        raise KubectlError("error: at least one image update is required")
    wanted = dict(pair.split("=", 1) for pair in pairs)
    for kind, obj in fetch(task, rest, whole_kinds=False):
        spec, path = _pod_spec(obj)
        change: dict[str, list[Obj]] = {}
        for name, image in wanted.items():
            matching = [
                (field, container)
                for field in ("initContainers", "containers")
                for container in spec.get(field) or ()
                if name in ("*", container["name"])
            ]
            if not matching:
                task.errors.append(f'error: unable to find container named "{name}"')
            for field, container in matching:
                if container.get("image") != image:
                    change.setdefault(field, []).append({"name": container["name"], "image": image})
        if change:
            report(task, kind, patch(task, kind, obj, _at(path, change), "strategic"), "image updated")


def set_resources(task: Task) -> None:
    """Runs `kubectl set resources`."""
    given = {key: task.options.text(key) for key in ("limits", "requests") if task.options.text(key)}
    if not given:
        raise KubectlError(
            "error: you must specify an update to requests or limits (in the form of --requests/--limits)"
        )
    resources = {key: _amounts(text) for key, text in given.items()}
    chosen = task.options.text("containers", "*")
    for kind, obj in fetch(task, whole_kinds=False):
        spec, path = _pod_spec(obj)
        names = [container["name"] for container in spec["containers"] if fnmatchcase(container["name"], chosen)]
        if not names:
            task.errors.append(f"error: unable to find container named {chosen}")
            continue
        change = {"containers": [{"name": name, "resources": resources} for name in names]}
        report(task, kind, patch(task, kind, obj, _at(path, change), "strategic"), "resource requirements updated")


def _amounts(text: str) -> dict[str, str]:
    found = {}
    for part in text.split(","):
        name, equals, amount = part.partition("=")
        if not equals:
            raise KubectlError(f"error: invalid argument syntax {part}, expected <resource>=<value>")
        found[name] = amount
    return found


def set_service_account(task: Task) -> None:
    """Runs `kubectl set serviceaccount`."""
    if len(task.words) < 1:
        raise KubectlError("error: serviceaccount is required")
    *rest, account = task.words
    for kind, obj in fetch(task, rest, whole_kinds=False):
        _, path = _pod_spec(obj)
        body = _at(path, {"serviceAccountName": account})
        report(task, kind, patch(task, kind, obj, body, "strategic"), "serviceaccount updated")


def set_selector(task: Task) -> None:
    """Runs `kubectl set selector`."""
    *rest, text = task.words
    for kind, obj in fetch(task, rest, whole_kinds=False):
        if kind.kind != "Service":
            raise KubectlError("error: setting a selector is only supported for Services")
        wanted = {requirement.key: requirement.values[0] for requirement in selectors.parse(text).requirements}
        gone = dict.fromkeys(obj["spec"].get("selector") or {})
        report(task, kind, patch(task, kind, obj, {"spec": {"selector": {**gone, **wanted}}}), "selector updated")


# ---- env


def set_env(task: Task) -> None:
    """Runs `kubectl set env`."""
    rest, pairs = _split(task)
    pairs += task.options.all("env")
    for kind, obj in fetch(task, rest, whole_kinds=False):
        spec, path = _pod_spec(obj)
        chosen = task.options.text("containers", "*")
        containers = [one for one in spec["containers"] if fnmatchcase(one["name"], chosen)]
        if not containers:
            name = f"{kind.plural}/{obj['metadata']['name']}"
            task.note(f'Warning: {name} does not have any containers matching "{chosen}"')
        if task.options.on("list"):
            _list_env(task, kind, obj, containers)
            continue
        change = [_env_change(container, pairs) for container in containers]
        if any(one["env"] for one in change):
            body = _at(path, {"containers": change})
            report(task, kind, patch(task, kind, obj, body, "strategic"), "env updated")


def _env_change(container: Obj, pairs: list[str]) -> Obj:
    known = {variable["name"]: variable.get("value") for variable in container.get("env") or ()}
    changed: list[Obj] = []
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if equals and known.get(name) != value:
            changed.append({"name": name, "value": value, "valueFrom": None})
        elif not equals and name[:-1] in known:
            changed.append({"name": name[:-1], "$patch": "delete"})
    return {"name": container["name"], "env": changed}


def _list_env(task: Task, kind: Kind, obj: Obj, containers: list[Obj]) -> None:
    for container in containers:
        task.say(f"# {kind.kind} {obj['metadata']['name']}, container {container['name']}")
        for variable in container.get("env") or ():
            source = variable.get("valueFrom")
            if not source:
                task.say(f"{variable['name']}={variable.get('value', '')}")
            else:
                task.say(f"# {variable['name']} from {_source(source)}")


def _source(source: Obj) -> str:
    for key, words in (("configMapKeyRef", "configmap"), ("secretKeyRef", "secret")):
        if key in source:
            return f"{words} {source[key]['name']}, key {source[key]['key']}"
    if "fieldRef" in source:
        return f"field path {source['fieldRef']['fieldPath']}"
    if "resourceFieldRef" in source:
        return f"resource field {source['resourceFieldRef']['resource']}"
    return "invalid valueFrom"


# ---- patch

_TYPES = ("json", "merge", "strategic")


def patch_objects(task: Task) -> None:
    """Runs `kubectl patch`."""
    import yaml  # noqa: PLC0415  slow to import

    options = task.options
    text = options.text("patch")
    if options.text("patch-file"):
        text = Path(options.text("patch-file")).expanduser().read_text(encoding="utf-8")
    if not text:
        raise KubectlError("error: must specify --patch or --patch-file containing the contents of the patch")
    how = options.text("type", "strategic").lower()
    if how not in _TYPES:
        raise KubectlError(f'error: --type must be one of [{" ".join(_TYPES)}], not "{options.text("type")}"')
    try:
        body = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise KubectlError(f'error: unable to parse "{text}": {error}') from error
    for kind, obj in fetch(task, whole_kinds=False):
        try:
            changed = patch(task, kind, obj, body, how, options.text("subresource"))
        except StatusError as error:
            if error.code != 415:
                raise
            media = f"application/{how}-merge-patch+json"
            raise task.failed(
                f"error: {media} is not supported by {kind.api_version}, Kind={kind.kind}: {error.what}"
            ) from error
        if options.text("output"):
            report(task, kind, changed, "patched")
        else:  # it does not say whether it was a dry run
            same = " (no change)" if _plain(changed) == _plain(obj) else ""
            task.say(f"{format_title(kind, obj['metadata']['name'])} patched{same}")


def _plain(obj: Obj) -> Obj:
    """Without what changes by itself."""
    moving = ("managedFields", "resourceVersion")
    return {**obj, "metadata": {key: value for key, value in obj["metadata"].items() if key not in moving}}


# ---- `kubectl label` and `kubectl annotate`

_PAIR = re.compile(r"[^=]+=.*|[^=]+-", re.DOTALL)


def label(task: Task) -> None:
    """Runs `kubectl label`."""
    _run(task, "labels", "label")


def annotate(task: Task) -> None:
    """Runs `kubectl annotate`."""
    _run(task, "annotations", "annotation")


def _run(task: Task, field: str, word: str) -> None:
    pairs = [given for given in task.words if _PAIR.fullmatch(given)]
    rest = [given for given in task.words if given not in pairs]
    if not rest and not task.options.all("filename"):
        raise KubectlError("error: one or more resources must be specified as <resource> <name> or <resource>/<name>")
    if not pairs and not task.options.on("list"):
        raise KubectlError(f"error: at least one {word} update is required")
    wanted = _wanted(pairs, field)
    for kind, obj in fetch(task, rest, whole_kinds=False):
        if task.options.on("list"):
            _list(task, field, kind, obj)
        else:
            _change(task, kind, obj, wanted, field)


def _wanted(pairs: list[str], field: str) -> dict[str, str | None]:
    wanted: dict[str, str | None] = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        key = key if equals else pair[:-1]
        faults = label_value(value) if equals and field == "labels" else []
        if faults:
            raise KubectlError(f'error: invalid label value: "{pair}": {";".join(faults)}')
        if key in wanted and (wanted[key] is None) is bool(equals):
            what = "a label" if field == "labels" else f"the following annotation(s): {key}"
            raise KubectlError(f"error: can not both modify and remove {what} in the same command")
        wanted[key] = value if equals else None
    return wanted


def _list(task: Task, field: str, kind: Kind, obj: Obj) -> None:
    several = len({word for word in task.words if "/" not in word}) != 2
    if several:
        task.say(f"Listing {field} for {kind.kind}.{kind.group}/{metadata.name(obj)}:")
    for key, value in sorted((obj["metadata"].get(field) or {}).items()):
        task.say(f"{' ' if several else ''}{key}={value}")


def _change(task: Task, kind: Kind, obj: Obj, wanted: dict[str, str | None], field: str) -> None:
    before: dict[str, str] = obj["metadata"].get(field) or {}
    taken = {
        key: before[key]
        for key, value in wanted.items()
        if value is not None and key in before and before[key] != value
    }
    if taken and not task.options.on("overwrite"):
        _refuse(task, taken, field)
        return
    if field == "labels":
        for key, value in wanted.items():
            if value is None and key not in before:
                task.say(f'label "{key}" not found.')
    after = {key: value for key, value in (before | wanted).items() if value is not None}
    changed = obj
    if after != before:
        changed = patch(task, kind, obj, {"metadata": {field: wanted}})
    report(task, kind, changed, _outcome(before, after, field))


def _refuse(task: Task, taken: dict[str, str], field: str) -> None:
    said = [f"'{key}' already has a value ({value})" for key, value in taken.items()]
    if field == "labels":
        task.errors += [f"error: {text}, and --overwrite is false" for text in said]
    else:
        found = "; ".join(said)
        task.errors.append(f"error: --overwrite is false but found the following declared annotation(s): {found}")


def _outcome(before: dict[str, str], after: dict[str, str], field: str) -> str:
    if field == "annotations":
        return "annotated"
    if before == after:
        return "not labeled"
    return "unlabeled" if set(after) < set(before) else "labeled"
