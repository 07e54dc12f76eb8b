"""Policy rules: what one allows, and whether some rules hold all that others do. Pure.

Source: k8s.io/component-helpers/auth/rbac/validation and pkg/registry/rbac/validation of k8s.io/kubernetes (1.37).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from k8s_tutor.embedded.apiserver.access.attributes import Attributes
from k8s_tutor.embedded.apiserver.fielderrors import quoted
from k8s_tutor.objects.types import Obj

__all__ = ["allows", "described", "uncovered"]

_ALL = "*"


def allows(rule: Obj, asked: Attributes) -> bool:
    """Whether a rule allows what is asked."""
    verbs = rule.get("verbs") or ()
    if _ALL not in verbs and asked.verb not in verbs:
        return False
    if asked.path:
        return any(_url_covers(url, asked.path) for url in rule.get("nonResourceURLs") or ())
    groups = rule.get("apiGroups") or ()
    if _ALL not in groups and asked.group not in groups:
        return False
    if not _holds_resource(rule.get("resources") or (), asked.combined):
        return False
    names = rule.get("resourceNames")
    return not names or asked.name in names


def uncovered(held: Sequence[Obj], given: Iterable[Obj]) -> list[Obj]:
    """What `given` allows and `held` does not, in rules of one verb, one resource and one name each."""
    pieces = (piece for rule in given for piece in _pieces(rule))
    return [piece for piece in pieces if not any(_covers(rule, piece) for rule in held)]


def described(rules: Iterable[Obj]) -> list[str]:
    """The rules in the words of a refusal: those that differ in their verb alone as one, sorted."""
    merged: dict[object, Obj] = {}
    for rule in rules:
        key = (
            *(tuple(rule.get(field, ())) for field in ("apiGroups", "resources", "resourceNames", "nonResourceURLs")),
        )
        if "nonResourceURLs" in rule:
            merged[(key, *rule["verbs"])] = rule
        elif key in merged:
            merged[key] = {**merged[key], "verbs": [*merged[key]["verbs"], *rule["verbs"]]}
        else:
            merged[key] = rule
    return sorted(set(map(_compact, merged.values())))


def _compact(rule: Obj) -> str:
    fields = (
        ("APIGroups", "apiGroups"),
        ("Resources", "resources"),
        ("NonResourceURLs", "nonResourceURLs"),
        ("ResourceNames", "resourceNames"),
        ("Verbs", "verbs"),
    )
    shown = [f"{word}:[{' '.join(map(quoted, rule[key]))}]" for word, key in fields if rule.get(key)]
    return f"{{{', '.join(shown)}}}"


def _pieces(rule: Obj) -> Iterator[Obj]:
    verbs = rule.get("verbs") or ()
    for group in rule.get("apiGroups") or ():
        for resource in rule.get("resources") or ():
            for verb in verbs:
                piece: Obj = {"apiGroups": [group], "resources": [resource], "verbs": [verb]}
                for name in rule.get("resourceNames") or ():
                    yield {**piece, "resourceNames": [name]}
                if not rule.get("resourceNames"):
                    yield piece
    for url in rule.get("nonResourceURLs") or ():
        for verb in verbs:
            yield {"nonResourceURLs": [url], "verbs": [verb]}


def _covers(rule: Obj, piece: Obj) -> bool:
    return (
        _holds(rule.get("verbs"), piece["verbs"])
        and _holds(rule.get("apiGroups"), piece.get("apiGroups", ()))
        and all(_holds_resource(rule.get("resources") or (), one) for one in piece.get("resources", ()))
        and all(
            any(_url_covers(url, one) for url in rule.get("nonResourceURLs") or ())
            for one in piece.get("nonResourceURLs", ())
        )
        and _holds_names(rule.get("resourceNames") or (), piece.get("resourceNames", ()))
    )


def _holds(held: Sequence[str] | None, given: Sequence[str]) -> bool:
    held = held or ()
    return _ALL in held or all(one in held for one in given)


def _holds_resource(held: Sequence[str], resource: str) -> bool:
    if _ALL in held or resource in held:
        return True
    _, slash, subresource = resource.partition("/")
    return bool(slash) and f"*/{subresource}" in held


def _holds_names(held: Sequence[str], given: Sequence[str]) -> bool:
    if not held:
        return True
    return bool(given) and all(name in held for name in given)


def _url_covers(held: str, url: str) -> bool:
    return held in (url, _ALL) or (held.endswith(_ALL) and url.startswith(held.rstrip(_ALL)))
