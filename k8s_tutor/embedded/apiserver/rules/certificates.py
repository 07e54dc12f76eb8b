"""Requests for certificates. Source: pkg/{apis,registry}/certificates of k8s.io/kubernetes (1.37)."""

from __future__ import annotations

import base64
import re
from binascii import Error as NotBase64

from k8s_tutor.embedded.apiserver.fielderrors import FieldError, duplicate, invalid, required, unsupported
from k8s_tutor.embedded.apiserver.rules.plain import drop_status, keep_all_but_status
from k8s_tutor.embedded.apiserver.rules.rule import Rules
from k8s_tutor.objects.types import Obj

__all__ = ["SIGNING_REQUEST"]

_USAGES = (
    "any",
    "cert sign",
    "client auth",
    "code signing",
    "content commitment",
    "crl sign",
    "data encipherment",
    "decipher only",
    "digital signature",
    "email protection",
    "encipher only",
    "ipsec end system",
    "ipsec tunnel",
    "ipsec user",
    "key agreement",
    "key encipherment",
    "microsoft sgc",
    "netscape sgc",
    "ocsp signing",
    "s/mime",
    "server auth",
    "signing",
    "timestamping",
)
_SHORTEST = 600  # seconds
_PEM = re.compile(
    rb"-----BEGIN (?:NEW )?CERTIFICATE REQUEST-----\n[A-Za-z0-9+/=\s]+-----END (?:NEW )?CERTIFICATE REQUEST-----"
)
_SIGNER = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)+/[a-zA-Z0-9].*")


def _validate(obj: Obj) -> list[FieldError]:
    spec = obj["spec"]
    found: list[FieldError] = []
    if not _is_request(spec.get("request", "")):
        found.append(invalid("spec.request", spec.get("request", ""), "PEM block type must be CERTIFICATE REQUEST"))
    usages = spec.get("usages") or []
    if not usages:
        found.append(required("spec.usages"))
    found += [
        unsupported(f"spec.usages[{index}]", usage, _USAGES)
        for index, usage in enumerate(usages)
        if usage not in _USAGES
    ]
    found += [
        duplicate(f"spec.usages[{index}]", usage) for index, usage in enumerate(usages) if usage in usages[:index]
    ]
    if not _SIGNER.fullmatch(spec.get("signerName", "")):
        words = "must be a fully qualified domain and path of the form 'example.com/signer-name'"
        found.append(invalid("spec.signerName", spec.get("signerName", ""), words))
    seconds = spec.get("expirationSeconds")
    if seconds is not None and seconds < _SHORTEST:
        words = "may not specify a duration less than 600 seconds (10 minutes)"
        found.append(invalid("spec.expirationSeconds", seconds, words))
    return found


def _is_request(data: str) -> bool:
    try:
        return _PEM.search(base64.b64decode(data, validate=True)) is not None
    except NotBase64:
        return False


def _keep_all(new: Obj, old: Obj) -> None:
    """A main update changes metadata only."""
    new["spec"], new["status"] = old["spec"], old["status"]


SIGNING_REQUEST = Rules(
    prepare_create=drop_status,
    prepare_update=_keep_all,
    prepare_status=keep_all_but_status,
    validate=_validate,
)
