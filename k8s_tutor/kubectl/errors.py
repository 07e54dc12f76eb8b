"""What went wrong, in kubectl's own words, and what to type next."""

from __future__ import annotations

from k8s_tutor.api.status import StatusError
from k8s_tutor.errors import TutorError

__all__ = ["INSTALL", "KubectlError", "refused", "unsupported"]

INSTALL = "Install kubectl (kubernetes.io/docs/tasks/tools, or `conda install -c conda-forge kubernetes-client`)."


class KubectlError(TutorError):
    """A kubectl command that failed; `what` is what kubectl said."""


def unsupported(what: str) -> KubectlError:
    """For what only the real kubectl can do."""
    return KubectlError(
        f"{what} is not in the built-in kubectl.",
        why="No kubectl is installed here; the built-in one knows get, delete, logs, apply, scale, label, annotate "
        "and exec.",
        next_step=f"{INSTALL} After that this very line works.",
    )


def refused(error: StatusError) -> KubectlError:
    """An API server's refusal as kubectl words it."""
    if error.reason == "Invalid":
        details = error.status.get("details") or {}
        text = f'The {details.get("kind", "object")} "{details.get("name", "")}" is invalid: '
        return KubectlError(text + error.what.partition(" is invalid: ")[2])
    return KubectlError(f"Error from server ({error.reason}): {error.what}")
