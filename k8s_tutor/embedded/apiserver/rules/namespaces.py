"""Namespaces: a finalizer of their own, a phase, a label with their name."""

from __future__ import annotations

from k8s_tutor.embedded.apiserver.rules.rule import Rules
from k8s_tutor.objects import names
from k8s_tutor.objects.types import Obj

__all__ = ["NAMESPACE"]

_NAME_LABEL = "kubernetes.io/metadata.name"


def _default(obj: Obj) -> None:
    if name := obj.setdefault("metadata", {}).get("name"):
        obj["metadata"].setdefault("labels", {})[_NAME_LABEL] = name


def _prepare_create(obj: Obj) -> None:
    _default(obj)  # once more: the name may just have been generated
    obj["status"] = {"phase": "Active"}
    finalizers = obj["spec"].get("finalizers", [])
    obj["spec"]["finalizers"] = [*(one for one in finalizers if one != "kubernetes"), "kubernetes"]


def _prepare_update(new: Obj, old: Obj) -> None:
    new["spec"]["finalizers"] = old["spec"].get("finalizers", [])
    new["status"] = old["status"]
    if not new["spec"]["finalizers"]:
        del new["spec"]["finalizers"]


def _prepare_status(new: Obj, old: Obj) -> None:
    new["spec"] = old["spec"]


def _held(obj: Obj) -> bool:
    return bool(obj["spec"].get("finalizers"))


def _terminating(obj: Obj) -> Obj:
    return {**obj, "status": {**obj["status"], "phase": "Terminating"}}


NAMESPACE = Rules(
    default=_default,
    prepare_create=_prepare_create,
    prepare_update=_prepare_update,
    prepare_status=_prepare_status,
    name=names.dns1123_label,
    returns_deleted=True,
    held=_held,
    terminating=_terminating,
)
