"""What the API server asks about an object that is to be written, beyond whether its kind may be written at all."""

from __future__ import annotations

from k8s_tutor.embedded.apiserver.access import certificates, escalation
from k8s_tutor.embedded.apiserver.ground import Call
from k8s_tutor.objects.kinds import Kind
from k8s_tutor.objects.types import Obj

__all__ = ["check"]


def check(call: Call, kind: Kind, new: Obj, old: Obj | None) -> None:
    """Refuses what gives more than the writer has: roles, bindings, certificates.

    Raises:
        StatusError: 403; 404 for a binding to a role that is not there.
    """
    escalation.check(call, kind, new, old)
    certificates.check(call, kind, new, old)
