"""Describing what Pods read and what they may do; and any kind kubectl has no description of its own for."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator

from k8s_tutor.kubectl.describe.page import Page, goes
from k8s_tutor.kubectl.task import Task
from k8s_tutor.objects.gojson import go_value
from k8s_tutor.objects.types import Json, Obj

__all__ = [
    "describe_anything",
    "describe_binding",
    "describe_config_map",
    "describe_role",
    "describe_secret",
    "describe_service_account",
    "write_rules",
]


def describe_config_map(_task: Task, obj: Obj, page: Page) -> None:
    """Writes a ConfigMap."""
    page.named(obj)
    page.write("\nData\n====\n")
    for key, value in sorted((obj.get("data") or {}).items()):
        page.write(f"{key}:\n----\n{value}\n\n")
    page.write("\nBinaryData\n====\n")
    for key, value in sorted((obj.get("binaryData") or {}).items()):
        page.write(f"{key}: {len(base64.b64decode(value))} bytes\n")
    page.write("\n")


def describe_secret(_task: Task, obj: Obj, page: Page) -> None:
    """Writes a Secret: how long its values are, not what they are."""
    page.named(obj)
    page.write(f"\nType:\t{obj.get('type', '')}\n\nData\n====\n")
    for key, value in sorted((obj.get("data") or {}).items()):
        plain = base64.b64decode(value)
        if key == "token" and obj.get("type") == "kubernetes.io/service-account-token":
            page.row(0, f"{key}:", plain.decode("utf-8", "replace"))
        else:
            page.row(0, f"{key}:", f"{len(plain)} bytes")


# ---- any kind

_SKIPPED = {f".metadata.{key}" for key in ("managedFields", "name", "namespace", "labels", "annotations")}
_ACRONYMS = ("API", "URL", "UID", "GUID")


def describe_anything(_task: Task, obj: Obj, page: Page) -> None:
    """Writes an object of a kind kubectl knows nothing about: all its fields, their names as words."""
    meta = obj["metadata"]
    page.row(0, "Name:", meta["name"])
    page.row(0, "Namespace:", meta.get("namespace", ""))
    page.labels("Labels", meta.get("labels"))
    page.annotations("Annotations", meta.get("annotations"))
    _write_fields(page, 0, obj, "")


def _write_fields(page: Page, level: int, content: Obj, path: str) -> None:
    for field in sorted(content):
        inner = f"{path}.{field}"
        if inner not in _SKIPPED:
            _write_field(page, level, _as_words(field), content[field], inner)


def _write_field(page: Page, level: int, title: str, value: Json, path: str) -> None:
    if isinstance(value, dict):
        page.row(level, f"{title}:")
        _write_fields(page, level + 1, value, path)
    elif isinstance(value, list):
        page.row(level, f"{title}:")
        for item in value:
            if isinstance(item, dict):
                _write_fields(page, level + 1, item, path)
            else:
                page.row(level + 1, go_value(item))
    else:
        page.row(level, f"{title}:", go_value(value))


def _as_words(field: str) -> str:
    """A field's name as a title: `creationTimestamp` is `Creation Timestamp`, `apiVersion` is `API Version`."""
    if not all(char.isalpha() or char == "-" for char in field):
        return field
    words = re.findall(r"[A-Z]+(?![a-z])|[A-Z][a-z]*|[a-z]+|-", field)
    titled = []
    for word in words:
        if word.upper() in _ACRONYMS:
            titled.append(word.upper())
        else:
            titled.append(word.title() if word.islower() else word)
    return " ".join(titled)


# ---- Describing who may do what: ServiceAccounts, roles, bindings


def describe_service_account(_task: Task, obj: Obj, page: Page) -> None:
    """Writes a ServiceAccount."""
    page.named(obj)
    title = "Image pull secrets:"
    for secret in obj.get("imagePullSecrets") or ():
        page.row(0, title, secret["name"])
        title = " " * len(title)
    if title.strip():
        page.row(0, title, "<none>")


def describe_role(_task: Task, obj: Obj, page: Page) -> None:
    """Writes a Role or ClusterRole."""
    page.row(0, "Name:", obj["metadata"]["name"])
    page.labels("Labels", obj["metadata"].get("labels"))
    page.annotations("Annotations", obj["metadata"].get("annotations"))
    page.row(0, "PolicyRule:")
    page.heading(1, "Resources", "Non-Resource URLs", "Resource Names", "Verbs")
    for cells in write_rules(obj.get("rules") or []):
        page.row(1, *cells)


def describe_binding(_task: Task, obj: Obj, page: Page) -> None:
    """Writes a RoleBinding or ClusterRoleBinding."""
    page.row(0, "Name:", obj["metadata"]["name"])
    page.labels("Labels", obj["metadata"].get("labels"))
    page.annotations("Annotations", obj["metadata"].get("annotations"))
    page.row(0, "Role:")
    page.row(1, "Kind:", obj["roleRef"]["kind"])
    page.row(1, "Name:", obj["roleRef"]["name"])
    page.row(0, "Subjects:")
    page.heading(1, "Kind", "Name", "Namespace")
    for subject in obj.get("subjects") or ():
        page.row(1, subject["kind"], subject["name"], subject.get("namespace", ""))


def write_rules(rules: list[Obj]) -> list[tuple[str, str, str, str]]:
    """Rules one line a resource, with all verbs on it: resource, URLs, names, verbs."""
    compact: dict[tuple[str, str, str], Obj] = {}
    urls: list[Obj] = []
    for rule in rules:
        for single in _singles(rule):
            if single.get("nonResourceURLs"):
                urls.append(single)
                continue
            key = single["apiGroups"][0], single["resources"][0], "".join(single.get("resourceNames") or ())
            known = compact.setdefault(key, {**single, "verbs": []})
            known["verbs"] += [verb for verb in single["verbs"] if verb not in known["verbs"]]
    ordered = sorted([*urls, *compact.values()], key=_as_go)
    return [
        (_resource(rule), goes(rule.get("nonResourceURLs")), goes(rule.get("resourceNames")), goes(rule["verbs"]))
        for rule in ordered
    ]


def _singles(rule: Obj) -> Iterator[Obj]:
    for group in rule.get("apiGroups") or ():
        for resource in rule.get("resources") or ():
            for verb in rule["verbs"]:
                for name in rule.get("resourceNames") or (None,):
                    names = {"resourceNames": [name]} if name is not None else {}
                    yield {"apiGroups": [group], "resources": [resource], "verbs": [verb], **names}
    for url in rule.get("nonResourceURLs") or ():
        for verb in rule["verbs"]:
            yield {"nonResourceURLs": [url], "verbs": [verb]}


def _as_go(rule: Obj) -> str:
    """The rule as Go prints it, by which kubectl sorts."""
    fields = ("verbs", "apiGroups", "resources", "resourceNames", "nonResourceURLs")
    return ",".join(goes(rule.get(field)) for field in fields)


def _resource(rule: Obj) -> str:
    if not rule.get("resources"):
        return ""
    resource, slash, subresource = rule["resources"][0].partition("/")
    group = rule["apiGroups"][0]
    return f"{resource}{'.' + group if group else ''}{slash}{subresource}"
