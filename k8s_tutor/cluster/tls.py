"""The user of a kubeconfig as urllib3 needs it: certificates as files, the bearer token, headers."""

from __future__ import annotations

import base64
import binascii
import logging
import ssl
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from k8s_tutor.errors import ClusterUnavailable, UsageError
from k8s_tutor.kubeconfig import KubeconfigEntry
from k8s_tutor.language import msg
from k8s_tutor.objects.types import Obj

__all__ = ["Login", "make_tls_context", "read_login"]


@dataclass(frozen=True)
class Login:
    """How to prove who we are.

    Attributes:
        headers: The headers of a request; asked for each one, as tokens are renewed.
        certificate: PEM of certificate and key for TLS, empty for none.
    """

    headers: Callable[[], dict[str, str]]
    certificate: bytes = b""


def read_login(entry: KubeconfigEntry, kubeconfig: Path) -> Login:
    """The login of a context: certificate, token, token file, password; plugins through the official client.

    Args:
        entry: The context.
        kubeconfig: A file that holds it, for the official client to read.

    Raises:
        ClusterUnavailable: a plugin failed, or a file is missing.
    """
    user = entry.user
    if "exec" in user or "auth-provider" in user:
        return _plugin(entry, kubeconfig)
    certificate = _pem(user, "client-certificate") + _pem(user, "client-key")
    if token := user.get("token"):
        return Login(lambda: {"Authorization": f"Bearer {token}"}, certificate)
    if path := user.get("tokenFile"):
        return Login(lambda: {"Authorization": f"Bearer {_file(path).decode().strip()}"}, certificate)
    if user.get("username"):
        pair = f"{user['username']}:{user.get('password', '')}".encode()
        return Login(lambda: {"Authorization": f"Basic {base64.b64encode(pair).decode('ascii')}"}, certificate)
    return Login(dict, certificate)


def make_tls_context(cluster: Obj, certificate: bytes) -> ssl.SSLContext:
    """TLS for a `cluster` of a kubeconfig, with a client certificate where there is one."""
    authority = _pem(cluster, "certificate-authority")
    try:
        context = ssl.create_default_context(cadata=authority.decode("ascii") or None)
        # Cluster certificates are often made by tools that leave out what RFC 5280 wants; kubectl does not mind either.
        context.verify_flags &= ~ssl.VERIFY_X509_STRICT
        if cluster.get("insecure-skip-tls-verify"):
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        if certificate:
            # Python's ssl reads a key from a file only; the folder is private (0700) and gone at once.
            with tempfile.TemporaryDirectory(prefix="k8s-tutor-") as folder:
                chain = Path(folder) / "client.pem"
                chain.write_bytes(certificate)
                context.load_cert_chain(chain)
    except (OSError, ValueError) as error:  # ssl's own are OSErrors, as is a full disk
        raise UsageError(msg("the kubeconfig's certificates cannot be used"), why=str(error)) from error
    return context


def _pem(body: Obj, key: str) -> bytes:
    """`KEY-data` (base64) or the file that `KEY` names, ending in a newline; empty where there is neither."""
    if data := body.get(f"{key}-data"):
        try:
            return base64.b64decode(data).rstrip() + b"\n"
        except binascii.Error as error:
            raise UsageError(msg("{key}-data in the kubeconfig is not base64", key=key), why=str(error)) from error
    return _file(body[key]).rstrip() + b"\n" if body.get(key) else b""


def _file(path: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise ClusterUnavailable(
            msg("the kubeconfig names the file {path}, which cannot be read", path=path), str(error)
        ) from error


def _plugin(entry: KubeconfigEntry, kubeconfig: Path) -> Login:
    """Exec plugins and auth providers (cloud logins): the official client knows how to run and renew them."""
    from kubernetes import client, config  # noqa: PLC0415  # 0.8 s to import, and rarely needed

    configuration = client.Configuration()
    with _overheard() as said:
        try:
            config.load_kube_config(str(kubeconfig), entry.context, configuration, persist_config=False)  # type: ignore[no-untyped-call]
        except Exception as error:  # plugins fail in as many ways as there are plugins
            said.append(str(error))

    def headers() -> dict[str, str]:
        settings: Iterable[Mapping[str, object]] = configuration.auth_settings().values()  # type: ignore[assignment]
        return {str(each["key"]): str(each["value"]) for each in settings if each["in"] == "header"}

    certificate = b""
    if configuration.cert_file and configuration.key_file:
        certificate = _file(configuration.cert_file) + b"\n" + _file(configuration.key_file)
    if not certificate and not headers():
        command = entry.user.get("exec", {}).get("command", "")
        raise ClusterUnavailable(
            msg('cannot log in to "{context}"', context=entry.context),
            why="; ".join(said),
            next_step=msg("try `{command}` in a terminal", command=command)
            if command
            else msg("log in again with your provider's tool"),
        )
    return Login(headers, certificate)


@contextmanager
def _overheard() -> Iterator[list[str]]:
    """What is logged meanwhile: the official client logs why a plugin failed, and goes on without credentials."""
    said: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: said.append(record.getMessage())  # type: ignore[method-assign]
    root = logging.getLogger()
    root.addHandler(handler)
    try:
        yield said
    finally:
        root.removeHandler(handler)
