"""Who owns the number of replicas, as seen on an object's Scale and back: the same managers, another path and version.

Source: k8s.io/apimachinery/pkg/util/managedfields (scalehandler.go, 1.37), checked against a real API server.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from k8s_tutor.objects.apply.fieldset import FieldSet, difference, intersection, union
from k8s_tutor.objects.apply.managers import Manager, Managers, Owned

__all__ = ["of_scale", "on_scale"]

_VERSION = "autoscaling/v1"
_REPLICAS: FieldSet = {"f:spec": {"f:replicas": {}}}


def on_scale(managers: Managers, path: Sequence[str]) -> Managers:
    """Of an object's managers those that own its replicas, as managers of its Scale."""
    return {
        _as(manager, _VERSION): Owned(_REPLICAS, _VERSION, owned.time)
        for manager, owned in managers.items()
        if intersection(owned.fields, _at(path))
    }


def of_scale(managers: Managers, scaled: Managers, path: Sequence[str], api_version: str) -> Managers:
    """The object's managers after its Scale has got the managers `scaled`."""
    replicas = _at(path)
    kept = {
        manager: owned if _as(manager, _VERSION) in scaled else _without(owned, replicas)
        for manager, owned in managers.items()
    }
    found = {manager: owned for manager, owned in kept.items() if owned.fields}
    for manager, owned in scaled.items():
        here = _as(manager, api_version)
        before = found.get(here)
        if not intersection(owned.fields, _REPLICAS):
            continue
        if before is None:
            found[here] = Owned(replicas, api_version, owned.time)
        elif not intersection(before.fields, replicas):
            found[here] = replace(before, fields=union(before.fields, replicas), time=owned.time, entry=None)
    return found


def _as(manager: Manager, api_version: str) -> Manager:
    return manager if manager.is_applier else manager._replace(api_version=api_version)


def _without(owned: Owned, fields: FieldSet) -> Owned:
    left = difference(owned.fields, fields)
    return owned if left == owned.fields else replace(owned, fields=left, entry=None)


def _at(path: Sequence[str]) -> FieldSet:
    fields: FieldSet = {}
    for name in reversed(path):
        fields = {f"f:{name}": fields}
    return fields
