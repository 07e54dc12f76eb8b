"""The conversion webhook: a server outside the cluster that turns objects of one version into another.

Source: kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definition-versioning; how failures
are worded was asked of a real server. Each object is asked for by itself; a real server sends lists whole.
"""

from __future__ import annotations

import json
from typing import Any

from k8s_tutor.api.protocol import StatusError, failure
from k8s_tutor.embedded.apiserver.admission.webhooks.review import CallFailed, call
from k8s_tutor.embedded.apiserver.context import ServerContext
from k8s_tutor.objects.types import Obj

__all__ = ["convert"]

_API = "apiextensions.k8s.io"
_SECONDS = 30  # how long the webhook may take


def convert(context: ServerContext, definition: Obj, obj: Obj, wanted: str) -> Obj:
    """An object in another version, as the definition's webhook makes it.

    Raises:
        StatusError: 500: it could not be asked, or gave no proper answer.
    """
    hook = definition["spec"]["conversion"]["webhook"]
    settings = {"clientConfig": hook["clientConfig"], "timeoutSeconds": _SECONDS}
    version = next(name for name in hook["conversionReviewVersions"] if name in ("v1", "v1beta1"))
    uid = f"{obj['metadata'].get('uid', '')}-{wanted.rpartition('/')[2]}"
    request = {"uid": uid, "desiredAPIVersion": wanted, "objects": [obj]}
    review = {"kind": "ConversionReview", "apiVersion": f"{_API}/{version}", "request": request}
    try:
        body = call(context, settings, review)
        return _answer(body, uid, obj, wanted)
    except CallFailed as error:
        words = str(error).removeprefix("failed to call webhook: ")
        raise StatusError(failure(500, "InternalError", _failed(obj, words))) from error


def _failed(obj: Obj, words: str) -> str:
    return f"conversion webhook for {obj['apiVersion']}, Kind={obj['kind']} failed: {words}"


def _answer(body: bytes, uid: str, obj: Obj, wanted: str) -> Obj:
    """The one object in a review's response, with nothing changed that may not change."""
    try:
        review = json.loads(body)
    except ValueError:
        raise CallFailed("invalid response: it is no JSON") from None
    response = review.get("response") if isinstance(review, dict) else None
    if not isinstance(response, dict):
        raise CallFailed("invalid response: no response provided")
    if response.get("uid") != uid:
        raise CallFailed(f'invalid response: expected response.uid="{uid}", got "{response.get("uid", "")}"')
    result: Any = response.get("result") or {}
    if result.get("status") != "Success":
        raise CallFailed(str(result.get("message") or "unknown reason"))
    objects = response.get("convertedObjects") or []
    if len(objects) != 1:
        raise CallFailed(f"invalid response: expected 1 converted objects, got {len(objects)}")
    found: Obj = objects[0]
    _check(found, obj, wanted)
    return found


def _check(found: Obj, obj: Obj, wanted: str) -> None:
    where = "invalid converted object at index 0:"
    if found.get("apiVersion") != wanted:
        raise CallFailed(f"{where} invalid groupVersion (expected {wanted}, received {found.get('apiVersion', '')})")
    if found.get("kind") != obj["kind"]:
        raise CallFailed(f"{where} invalid kind (expected {obj['kind']}, received {found.get('kind', '')})")
    metadata = found.get("metadata") or {}
    for key in ("name", "namespace", "uid"):
        if metadata.get(key, "") != obj["metadata"].get(key, ""):
            got = metadata.get(key, "")
            raise CallFailed(
                f"{where} invalid metadata.{key} (expected {obj['metadata'].get(key, '')}, received {got})"
            )
