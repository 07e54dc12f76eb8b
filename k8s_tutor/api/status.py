"""`Status`: how Kubernetes says no. One constructor per reason, one exception to carry it.

Source of codes and reasons: kubernetes.io/docs/reference/kubernetes-api/common-definitions/status.
"""

from __future__ import annotations

from k8s_tutor.api.protocol import Response
from k8s_tutor.errors import TutorError
from k8s_tutor.objects.types import Obj

__all__ = ["StatusError", "failure"]


class StatusError(TutorError):
    """An API server refused a request. Same class on every cluster.

    Attributes:
        status: The `Status` object as the server sent it.
        code: HTTP status code.
        reason: Machine-readable reason, e.g. `NotFound`, `AlreadyExists`, `Invalid`, `Conflict`.
    """

    def __init__(self, status: Obj, next_step: str = "") -> None:
        super().__init__(what=str(status.get("message", "the API server refused the request")), next_step=next_step)
        self.status = status
        self.code = int(status.get("code", 500))
        self.reason = str(status.get("reason", "Unknown"))

    @classmethod
    def of(cls, response: Response) -> StatusError:
        """The error in a response with code >= 400, also where its body is no `Status`."""
        body = response.body
        if isinstance(body, dict) and body.get("kind") == "Status":
            return cls(body)
        return cls(failure(response.code, "Unknown", str(body)))


def failure(code: int, reason: str, message: str, details: Obj | None = None) -> Obj:
    """A `Status` of status Failure."""
    status: Obj = {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Failure",
        "message": message,
    }
    if reason:
        status["reason"] = reason
    if details:
        status["details"] = details
    status["code"] = code
    return status
