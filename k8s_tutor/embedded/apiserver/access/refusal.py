"""403 in Kubernetes' words. Source: k8s.io/apiserver/pkg/endpoints/handlers/responsewriters/errors.go (1.37)."""

from __future__ import annotations

from k8s_tutor.api.status import StatusError, failure
from k8s_tutor.embedded.apiserver.access.attributes import Attributes
from k8s_tutor.embedded.apiserver.fielderrors import quoted
from k8s_tutor.objects.types import Obj

__all__ = ["forbidden"]

_HARMLESS = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})


def forbidden(asked: Attributes, reason: str = "") -> StatusError:
    """403: what was asked for, and why not, where there is more to say than that nobody allows it."""
    words = _words(asked).translate(_HARMLESS)
    if reason:
        words += f": {reason}"
    resource = f"{asked.resource}.{asked.group}" if asked.group else asked.resource
    if asked.name:
        message = f"{resource} {quoted(asked.name)} is forbidden: {words}"
    elif resource:
        message = f"{resource} is forbidden: {words}"
    else:
        message = f"forbidden: {words}"
    status = failure(403, "Forbidden", message)
    code = status.pop("code")
    details: Obj = {"name": asked.name, "group": asked.group, "kind": asked.resource}
    status["details"] = {key: value for key, value in details.items() if value}
    return StatusError({**status, "code": code})


def _words(asked: Attributes) -> str:
    who = f"User {quoted(asked.user.name)} cannot {asked.verb}"
    if asked.path:
        return f"{who} path {quoted(asked.path)}"
    where = f"in the namespace {quoted(asked.namespace)}" if asked.namespace else "at the cluster scope"
    return f'{who} resource {quoted(asked.combined)} in API group "{asked.group}" {where}'
