"""Server-side apply, and who owns which field (`metadata.managedFields`).

`apply` merges what a manager says into the live object; `track_update` records who wrote what on every other write.

Law: pure. Nothing given is changed; what stays the same is shared with the result. Semantics are those of
kubernetes.io/docs/reference/using-api/server-side-apply, checked against a real API server.

Not there: conversion between versions (managers of another version of a kind are compared in the version at hand) and
schema changes under existing objects.
"""

from k8s_tutor.objects.apply.applying import apply, settled, track_update
from k8s_tutor.objects.apply.fieldset import ApplyConflict, ApplyError, Conflict
from k8s_tutor.objects.apply.managers import Writer, managers_of, of_scale, on_scale, with_managers

__all__ = [
    "ApplyConflict",
    "ApplyError",
    "Conflict",
    "Writer",
    "apply",
    "managers_of",
    "of_scale",
    "on_scale",
    "settled",
    "track_update",
    "with_managers",
]
