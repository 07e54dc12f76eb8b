"""The AdmissionReview: the question put to a webhook, and its answer."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass

from k8s_tutor.api.protocol import StatusError
from k8s_tutor.embedded.apiserver.admission.attributes import Attributes
from k8s_tutor.embedded.apiserver.context import ServerContext
from k8s_tutor.embedded.apiserver.versions import convert
from k8s_tutor.embedded.core import new_uid
from k8s_tutor.embedded.store import Store
from k8s_tutor.objects.kinds import Kind
from k8s_tutor.objects.types import Json, Obj

__all__ = ["CallFailed", "Verdict", "call", "in_version", "question", "unreached", "verdict"]


# ---- A call that failed


class CallFailed(Exception):
    """A webhook could not be asked, or gave no proper answer; the message is Kubernetes' own."""


def unreached(url: str, words: str) -> CallFailed:
    """A server that could not be reached."""
    return CallFailed(f'failed to call webhook: Post "{url}": {words}')


# ---- Calling a webhook
#
# `service:` references lead into the simulated network, where no container speaks TLS: they fail, and say why in the
# words of Go's HTTP client.


def call(context: ServerContext, settings: Obj, review: Obj) -> bytes:
    """The body of the answer to a review; takes real time, in which others may use the core.

    Raises:
        CallFailed: there is none, or nothing can reach the webhook: one inside the simulated network.
    """
    _check_reachable(settings, context.store)
    if context.providers.call_webhook is None:
        words = "this cluster was started without a way to servers outside it"
        raise unreached(settings["clientConfig"]["url"], words)
    with context.released():
        return context.providers.call_webhook(settings, review)


def _check_reachable(settings: Obj, store: Store) -> None:
    """Fails for a webhook inside the simulated network, as it would fail if it were tried."""
    if service := settings["clientConfig"].get("service"):
        url = f"https://{service['name']}.{service['namespace']}.svc:{service.get('port', 443)}"
        target = f"{service.get('path') or '/'}?timeout={settings.get('timeoutSeconds', 10)}s"
        raise unreached(url + target, _why_no_service(service, store))


def _why_no_service(reference: Obj, store: Store) -> str:
    name, namespace, port = reference["name"], reference["namespace"], reference.get("port", 443)
    service = store.get("services", namespace, name)
    if service is None:
        return f'service "{name}" not found'
    if service["spec"].get("type") == "ExternalName":
        return f"dial tcp: lookup {service['spec'].get('externalName', '')}: no such host"
    if all(row["port"] != port for row in service["spec"].get("ports", ())):
        return f'no service port {port} found for service "{name}"'
    pieces = store.list("endpointslices.discovery.k8s.io", namespace)
    ready = any(
        endpoint.get("conditions", {}).get("ready")
        for piece in pieces
        if piece["metadata"].get("labels", {}).get("kubernetes.io/service-name") == name
        for endpoint in piece.get("endpoints") or ()
    )
    if ready:
        return "http: server gave HTTP response to HTTPS client"
    return f"dial tcp {service['spec'].get('clusterIP', '')}:{port}: connect: connection refused"


# ---- The AdmissionReview: the question put to a webhook, and its answer

_VERSION = "admission.k8s.io/v1"
_SCHEME = 'in scheme "pkg/runtime/scheme.go:111"'
_LOWEST_ERROR = 400


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a webhook said.

    Attributes:
        allowed: Whether it lets the write pass.
        warnings: For the client.
        patch: What it wants changed, operations of a JSON patch.
        status: Why it refuses, as far as it said so.
    """

    allowed: bool
    warnings: Sequence[str]
    patch: list[Obj]
    status: Obj

    def refusal(self, name: str) -> StatusError:
        """The answer to the client, in the webhook's words."""
        status = dict(self.status)
        words = status.get("message") or status.get("reason")
        denied = f'admission webhook "{name}" denied the request'
        code = int(status.get("code") or 0)
        answer: Obj = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure"}
        answer["message"] = f"{denied}: {words}" if words else f"{denied} without explanation"
        answer |= {key: status[key] for key in ("reason", "details") if status.get(key)}
        answer["code"] = max(code, _LOWEST_ERROR)
        return StatusError(answer)


def question(attributes: Attributes, kind: Kind) -> Obj:
    """The AdmissionReview of a write, its objects in the version of `kind`."""
    requested, sub = attributes.call.kind, attributes.subresource
    request: Obj = {
        "uid": new_uid(attributes.call.context.random),
        "kind": _kind(kind, attributes),
        "resource": _resource(kind),
    }
    parts: Obj = {"subResource": sub} if sub else {}
    request |= parts | {"requestKind": _kind(requested, attributes), "requestResource": _resource(requested)}
    if sub:
        request["requestSubResource"] = sub
    if attributes.name:
        request["name"] = attributes.name
    if attributes.namespace:
        request["namespace"] = attributes.namespace
    options = attributes.said()
    request |= {
        "operation": attributes.operation,
        "userInfo": attributes.call.user.info,
        "object": in_version(attributes.obj, attributes, kind),
        "oldObject": in_version(attributes.old, attributes, kind),
        "dryRun": bool(options.get("dryRun")),
        "options": options,
    }
    return {"kind": "AdmissionReview", "apiVersion": _VERSION, "request": request}


def in_version(obj: Obj | None, attributes: Attributes, kind: Kind) -> Obj | None:
    """An object as a webhook for `kind` sees it."""
    if obj is None or obj["apiVersion"] == kind.api_version or obj["kind"] != kind.kind:
        return obj
    if attributes.call.context.custom.has(kind):
        return {**obj, "apiVersion": kind.api_version}
    return convert(obj, attributes.kind, kind)


def verdict(body: bytes, uid: str, *, mutating: bool) -> Verdict:
    """What the answer to the question `uid` says.

    Raises:
        CallFailed: it is no proper answer.
    """
    review = _review(body)
    response = review.get("response")
    if not isinstance(response, dict):
        raise _invalid("webhook response was absent")
    if response.get("uid", "") != uid:
        raise _invalid(f'expected response.uid="{uid}", got "{response.get("uid", "")}"')
    patch, patch_type = response.get("patch"), response.get("patchType")
    if not mutating and patch:
        raise _invalid("validating webhook may not return response.patch")
    if not mutating and patch_type:
        raise _invalid("validating webhook may not return response.patchType")
    if patch and not patch_type:
        raise _invalid("webhook returned response.patch but not response.patchType")
    if patch_type and not patch:
        raise _invalid("webhook returned response.patchType but not response.patch")
    operations = _operations(patch) if patch else []
    if operations and patch_type != "JSONPatch":
        raise _invalid(f'unsupported patch type "{patch_type}"')
    status = response.get("status")
    return Verdict(
        bool(response.get("allowed")),
        [str(text) for text in response.get("warnings") or ()],
        operations,
        status if isinstance(status, dict) else {},
    )


def _kind(kind: Kind, attributes: Attributes) -> Obj:
    """The kind of the objects in the review: a subresource may have its own."""
    obj = attributes.obj or attributes.old
    if obj is None or obj["kind"] == kind.kind:
        return {"group": kind.group, "version": kind.version, "kind": kind.kind}
    group, _, version = obj["apiVersion"].rpartition("/")
    return {"group": group, "version": version, "kind": obj["kind"]}


def _resource(kind: Kind) -> Obj:
    return {"group": kind.group, "version": kind.version, "resource": kind.plural}


def _review(body: bytes) -> Obj:
    try:
        review = json.loads(body)
    except ValueError:
        review = body.decode("utf-8", "replace")  # to the real server, which reads YAML, a plain string
    if not isinstance(review, dict):
        raise CallFailed(
            f"failed to call webhook: couldn't get version/kind; json parse error: json: cannot unmarshal "
            f'{_type(review)} into Go value of type struct {{ APIVersion string "json:\\"apiVersion,omitempty\\""; '
            'Kind string "json:\\"kind,omitempty\\"" }'
        )
    version, kind = review.get("apiVersion") or _VERSION, review.get("kind") or "AdmissionReview"
    if (version, kind) == (_VERSION, "AdmissionReview"):
        return review
    if (version, kind) == ("admission.k8s.io/v1beta1", "AdmissionReview"):
        words = "converting (v1beta1.AdmissionReview) to (v1.AdmissionReview): unknown conversion"
    else:
        words = f'no kind "{kind}" is registered for version "{version}" {_SCHEME}'
    raise CallFailed(f"failed to call webhook: {words}")


def _operations(patch: Json) -> list[Obj]:
    try:
        text = base64.b64decode(str(patch), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError) as error:
        raise CallFailed(f"failed to call webhook: {error}") from None
    try:
        operations = json.loads(text)
    except ValueError:
        words = f"invalid character '{text[:1]}' looking for beginning of value"
        raise CallFailed(f"received undecodable patch in webhook response: {words}") from None
    if not isinstance(operations, list):
        words = f"json: cannot unmarshal {_type(operations)} into Go value of type jsonpatch.Patch"
        raise CallFailed(f"received undecodable patch in webhook response: {words}")
    return operations


def _invalid(words: str) -> CallFailed:
    return CallFailed(f"received invalid webhook response: {words}")


def _type(value: Json) -> str:
    if isinstance(value, bool):
        return "bool"
    return {str: "string", int: "number", float: "number", list: "array"}.get(type(value), "object")
