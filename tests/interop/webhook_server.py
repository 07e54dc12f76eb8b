"""An HTTPS server for webhooks on loopback: whatever it is asked, a function of the test answers."""

from __future__ import annotations

import base64
import datetime
import ipaddress
import json
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

Respond = Callable[[dict[str, Any]], dict[str, Any]]
"""From the request of an AdmissionReview to its response, without the uid."""


def allow(_: dict[str, Any]) -> dict[str, Any]:
    return {"allowed": True}


def patch(*operations: dict[str, Any]) -> dict[str, Any]:
    """A response that changes the object."""
    text = base64.b64encode(json.dumps(operations).encode()).decode()
    return {"allowed": True, "patchType": "JSONPatch", "patch": text}


@dataclass
class WebhookServer:
    """What it was asked, and where it is.

    Attributes:
        url: `https://127.0.0.1:PORT`.
        authority: For `clientConfig.caBundle`.
        asked: The requests of all reviews, in order.
        respond: The answer of each path.
    """

    url: str
    authority: str
    asked: list[dict[str, Any]] = field(default_factory=list)
    respond: dict[str, Respond] = field(default_factory=dict)

    def hook(self, path: str, respond: Respond = allow, **settings: Any) -> dict[str, Any]:
        """A webhook at `path` for ConfigMaps, as a configuration lists it."""
        self.respond[path] = respond
        rule = {"apiGroups": [""], "apiVersions": ["v1"], "operations": ["*"], "resources": ["configmaps"]}
        hook = {
            "name": f"{path.strip('/')}.tests.example",
            "clientConfig": {"url": self.url + path, "caBundle": self.authority},
            "admissionReviewVersions": ["v1"],
            "sideEffects": "None",
            "rules": [rule],
        }
        return hook | settings


@contextmanager
def webhook_server(folder: Path) -> Iterator[WebhookServer]:
    """Serves until the block ends."""
    certificate = _certificate(folder)
    server = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    authority = base64.b64encode(certificate.read_bytes().partition(b"-----BEGIN PRIVATE")[0]).decode()
    hooks = WebhookServer(f"https://127.0.0.1:{server.server_port}", authority)
    server.RequestHandlerClass = _handler(hooks)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield hooks
    server.shutdown()
    server.server_close()
    thread.join()


def _handler(hooks: WebhookServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            review = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            request = review["request"]
            hooks.asked.append(request)
            response = hooks.respond[self.path.partition("?")[0]](request)
            answer = json.dumps(
                {
                    "apiVersion": review["apiVersion"],
                    "kind": review["kind"],
                    "response": {"uid": request["uid"]} | response,
                }
            ).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            pass

    return Handler


def _certificate(folder: Path) -> Path:
    """A certificate for 127.0.0.1 that vouches for itself, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "webhooks")])
    loopback = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC))
        .not_valid_after(datetime.datetime(2099, 1, 1, tzinfo=datetime.UTC))
        .add_extension(loopback, critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = folder / "webhooks.pem"
    path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM) + private)
    return path
