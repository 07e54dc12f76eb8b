"""One HTTPS POST to a server of the real world, within its time; imported with the first one.

Errors are worded as Go's HTTP client and client-go word them.
"""

from __future__ import annotations

import base64
import json
import ssl
from http.client import HTTPException, HTTPSConnection, RemoteDisconnected
from socket import gaierror
from urllib.parse import urlsplit

from k8s_tutor.clock import RealClock
from k8s_tutor.embedded.apiserver.admission.webhook_review import CallFailed, unreached
from k8s_tutor.objects.types import Obj

__all__ = ["post"]

_LARGEST_ANSWER = 3 * 1024 * 1024  # bytes
_ANSWERS = {
    400: "the server rejected our request for an unknown reason",
    401: "the server has asked for the client to provide credentials",
    403: "unknown",
    404: "the server could not find the requested resource",
    405: "the server does not allow this method on the requested resource",
    406: "unknown",
    409: "the server reported a conflict",
    415: "unknown",
    422: "the server rejected our request due to an error in our request",
    429: "the server has received too many requests and has asked us to try again later",
    503: "the server is currently unable to handle the request",
    504: "the server was unable to return a response in the time allotted, but may still be processing the request",
}


def post(settings: Obj, review: Obj) -> bytes:
    """The body of the answer to a review; takes real time, so nothing of the core may be held.

    Raises:
        CallFailed: there is none.
    """
    client = settings["clientConfig"]
    seconds = settings.get("timeoutSeconds", 10)
    parts = urlsplit(client["url"])
    target = f"{parts.path or '/'}?timeout={seconds}s"
    url = f"https://{parts.netloc}{target}"
    host, port = parts.hostname or "", parts.port or 443
    connection = HTTPSConnection(host, port, timeout=seconds, context=_make_context(client.get("caBundle")))
    deadline = RealClock().monotonic() + seconds
    try:
        return _exchange(connection, target, json.dumps(review, ensure_ascii=False).encode(), deadline)
    except (OSError, HTTPException) as error:
        raise unreached(url, _words(error, host, port)) from error
    finally:
        connection.close()


def _exchange(connection: HTTPSConnection, target: str, body: bytes, deadline: float) -> bytes:
    headers = {
        "User-Agent": "kube-apiserver-admission",
        "Accept": "application/json, */*",
        "Content-Type": "application/json",
    }
    connection.request("POST", target, body, headers)
    _hurry(connection, deadline)
    answer = connection.getresponse()
    received = b""
    while chunk := answer.read1(64 * 1024):
        received += chunk
        if len(received) > _LARGEST_ANSWER:
            words = f"the response from the webhook exceeds the limit of {_LARGEST_ANSWER} bytes"
            raise CallFailed(f"failed to call webhook: {words}")
        _hurry(connection, deadline)
    if not 200 <= answer.status <= 206:
        raise CallFailed(f"failed to call webhook: {_refusal(answer.status, received)}")
    if not received:
        kind = answer.headers.get("Content-Type", "")
        words = f"0-length response with status code: {answer.status} and content type: {kind}"
        raise CallFailed(f"failed to call webhook: {words}")
    return received


def _hurry(connection: HTTPSConnection, deadline: float) -> None:
    left = deadline - RealClock().monotonic()
    if left <= 0:
        raise TimeoutError
    if connection.sock is not None:
        connection.sock.settimeout(left)


def _make_context(bundle: str | None) -> ssl.SSLContext:
    """Whom to believe: the bundle's certificates, roots or not, as Go does; without one, the system's roots."""
    context = ssl.create_default_context()
    if bundle:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(cadata=base64.b64decode(bundle).decode("ascii", "replace"))
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    return context


def _words(error: Exception, host: str, port: int) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"tls: failed to verify certificate: x509: {_distrust(error, host)}"
    if isinstance(error, ssl.SSLError) and error.reason in ("WRONG_VERSION_NUMBER", "HTTP_REQUEST"):
        return "http: server gave HTTP response to HTTPS client"
    for kind, words in _FAILURES:
        if isinstance(error, kind):
            return words.format(host=host, port=port)
    return str(error)


_FAILURES: tuple[tuple[type[Exception], str], ...] = (
    (gaierror, "dial tcp: lookup {host}: no such host"),
    (ConnectionRefusedError, "dial tcp {host}:{port}: connect: connection refused"),
    (TimeoutError, "context deadline exceeded"),
    (RemoteDisconnected, "EOF"),
    (ssl.SSLEOFError, "EOF"),
    (ConnectionResetError, "read: connection reset by peer"),
)


def _distrust(error: ssl.SSLCertVerificationError, host: str) -> str:
    return _DISTRUST.get(error.verify_code, "certificate signed by unknown authority").format(host=host)


_DISTRUST = {  # by OpenSSL's codes
    10: "certificate has expired or is not yet valid",
    62: "certificate is not valid for any names, but wanted to match {host}",
    64: "cannot validate certificate for {host} because it doesn't contain any IP SANs",
}


def _refusal(code: int, body: bytes) -> str:
    """A status code in client-go's words, or the words of a `Status` in the body."""
    try:
        status = json.loads(body)
    except ValueError:
        status = None
    if isinstance(status, dict) and status.get("kind") == "Status" and status.get("status") == "Failure":
        return str(status.get("message") or "unknown")
    if code in _ANSWERS:
        return _ANSWERS[code]
    if code >= 500:
        return 'an error on the server ("unknown") has prevented the request from succeeding'
    return f"the server responded with the status code {code} but did not return more information"
