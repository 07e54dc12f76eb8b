"""Who we are and whom we trust: the user of a kubeconfig as urllib3 needs it, TLS, and why no answer came."""

from __future__ import annotations

import base64
import binascii
import json
import logging
import os
import re
import ssl
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import urllib3

from k8s_tutor.clock import RealClock, from_rfc3339
from k8s_tutor.errors import ClusterUnavailable, UsageError
from k8s_tutor.kubeconfig import KubeconfigEntry
from k8s_tutor.language import Wording, msg, plain
from k8s_tutor.objects.types import Obj

__all__ = ["FindSilence", "Login", "Silent", "explain_silence", "make_tls_context", "read_login"]


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
    """The login of a context: certificate, token, token file, password, program; auth providers by the official client.

    Args:
        entry: The context.
        kubeconfig: A file that holds it, for the official client to read.

    Raises:
        ClusterUnavailable: a plugin failed, or a file is missing.
    """
    user = entry.user
    if user.get("exec"):
        program = _Program(entry)
        return Login(program.headers, program.certificate())
    if user.get("auth-provider"):
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
            with _as_file(certificate) as chain:
                context.load_cert_chain(chain)
    except (OSError, ValueError) as error:  # ssl's own are OSErrors, as is a full disk
        raise UsageError(msg("the kubeconfig's certificates cannot be used"), why=str(error)) from error
    return context


@contextmanager
def _as_file(certificate: bytes) -> Iterator[Path]:
    """A file that Python's ssl can read a key from, as it reads them from nothing else.

    In memory where the system has that; else in a private folder (0700) that is gone at once, unless one is killed.
    """
    if hasattr(os, "memfd_create"):
        with open(os.memfd_create("k8s-tutor"), "wb") as memory:  # noqa: PTH123  it has a number, and no name
            memory.write(certificate)
            memory.flush()
            yield Path(f"/proc/self/fd/{memory.fileno()}")
        return
    with tempfile.TemporaryDirectory(prefix="k8s-tutor-") as folder:
        chain = Path(folder) / "client.pem"
        chain.write_bytes(certificate)
        yield chain


def _pem(body: Obj, key: str) -> bytes:
    """`KEY-data` (base64) or the file that `KEY` names, ending in a newline; empty where there is neither."""
    if data := body.get(f"{key}-data"):
        try:
            return base64.b64decode(data).rstrip() + b"\n"
        except (binascii.Error, ValueError) as error:  # what is not ASCII is a ValueError
            raise UsageError(msg("{key}-data in the kubeconfig is not base64", key=key), why=str(error)) from error
    return _file(body[key]).rstrip() + b"\n" if body.get(key) else b""


def _file(path: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise ClusterUnavailable(
            msg("the kubeconfig names the file {path}, which cannot be read", path=path), str(error)
        ) from error


# ---- Logging in by a program (`exec`), as kubectl does, but not for ever

_NAMED_AFTER = 5.0  # seconds: then whoever waits is told for which program
_GIVEN_UP_AFTER = 30.0  # seconds: who has to do something in a browser first is told how
_RENEWED_BEFORE = 30.0  # seconds before a token ends


class _Program:
    """The credentials that a program prints (client.authentication.k8s.io), asked anew when they end."""

    def __init__(self, entry: KubeconfigEntry) -> None:
        self._entry = entry
        self._plugin: Obj = entry.user["exec"]
        self._command = str(self._plugin.get("command") or "")
        self._status: Obj = {}

    def headers(self) -> dict[str, str]:
        """Those of a request by now."""
        token = self._current().get("token")
        return {"Authorization": f"Bearer {token}"} if token else {}

    def certificate(self) -> bytes:
        """PEM of certificate and key; empty for none."""
        status = self._current()
        parts = (status.get("clientCertificateData"), status.get("clientKeyData"))
        return b"".join(str(part).encode().rstrip() + b"\n" for part in parts if part)

    def _current(self) -> Obj:
        ends = self._status.get("expirationTimestamp")
        if not self._status or (ends and _seconds_until(str(ends)) < _RENEWED_BEFORE):
            self._status = self._ask()
        return self._status

    def _ask(self) -> Obj:
        said, complaint, code = self._run()
        with suppress(ValueError):
            status = (json.loads(said) or {}).get("status") if code == 0 else None
            if isinstance(status, dict) and (status.get("token") or status.get("clientCertificateData")):
                return status
        why = plain(complaint.strip()[-500:]) or msg("it printed no credentials (exit code {code})", code=code)
        raise self._failed(why)

    def _run(self) -> tuple[str, str, int]:
        try:
            process = subprocess.Popen(
                [self._command, *(str(word) for word in self._plugin.get("args") or ())],
                stdin=None if _is_interactive() else subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=self._environment(),
                encoding="utf-8",
                errors="replace",
            )
        except (OSError, ValueError) as error:
            hint = str(self._plugin.get("installHint") or "")
            raise self._failed(str(error), hint) from error
        with process:
            try:
                return (*self._patiently(process), process.returncode)
            finally:
                if process.poll() is None:
                    process.kill()

    def _patiently(self, process: subprocess.Popen[str]) -> tuple[str, str]:
        with suppress(subprocess.TimeoutExpired):
            return process.communicate(timeout=_NAMED_AFTER)
        words = msg(
            'to log in to "{context}" the kubeconfig has the program `{command}` run, which has not answered for '
            "{seconds:.0f} s: does it wait for you, in a browser?",
            context=self._entry.context,
            command=self._command,
            seconds=_NAMED_AFTER,
        )
        print(words, file=sys.stderr, flush=True)
        try:
            return process.communicate(timeout=_GIVEN_UP_AFTER - _NAMED_AFTER)
        except subprocess.TimeoutExpired as error:
            process.kill()
            raise self._failed(msg("it did not answer within {seconds:.0f} s", seconds=_GIVEN_UP_AFTER)) from error

    def _environment(self) -> dict[str, str]:
        added = {str(row["name"]): str(row.get("value", "")) for row in self._plugin.get("env") or () if "name" in row}
        spec: Obj = {"interactive": _is_interactive()}
        if self._plugin.get("provideClusterInfo"):
            spec["cluster"] = _cluster_info(self._entry.cluster)
        version = self._plugin.get("apiVersion") or "client.authentication.k8s.io/v1"
        info = json.dumps({"apiVersion": version, "kind": "ExecCredential", "spec": spec})
        return {**os.environ, **added, "KUBERNETES_EXEC_INFO": info}

    def _failed(self, why: Wording, hint: str = "") -> ClusterUnavailable:
        step = msg(
            "run `{command}` in a terminal, do what it asks for, then connect again",
            command=f"kubectl --context {self._entry.context} get namespaces",
        )
        return ClusterUnavailable(
            msg(
                'cannot log in to "{context}" with the program `{command}`',
                context=self._entry.context,
                command=self._command,
            ),
            why=why,
            next_step=plain(hint) or step,
        )


def _cluster_info(cluster: Obj) -> Obj:
    """A cluster of a kubeconfig as a program is told of it: the authority always as data."""
    names = ("server", "tls-server-name", "insecure-skip-tls-verify", "proxy-url")
    info = {name: cluster[name] for name in names if name in cluster}
    if authority := _pem(cluster, "certificate-authority"):
        info["certificate-authority-data"] = base64.b64encode(authority).decode("ascii")
    return info


def _is_interactive() -> bool:
    return sys.stdin is not None and not sys.stdin.closed and sys.stdin.isatty()


def _seconds_until(moment: str) -> float:
    try:
        return from_rfc3339(moment) - RealClock().now()
    except ValueError:
        return 0.0


def _plugin(entry: KubeconfigEntry, kubeconfig: Path) -> Login:
    """Auth providers (cloud logins of old): the official client knows some of them."""
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
        raise ClusterUnavailable(
            msg('cannot log in to "{context}"', context=entry.context),
            why="; ".join(said),
            next_step=msg("log in again with your provider's tool"),
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


# ---- Why there is no answer: nobody listens, somebody is silent, somebody else answers

FindSilence: TypeAlias = Callable[[], tuple[Wording, Wording] | None]
"""Why a server is silent, and what to type, for who may know that from elsewhere; None where it is not known."""


class Silent(ClusterUnavailable):
    """No answer comes, and it is known why: none will come until somebody does something."""


def explain_silence(
    entry: KubeconfigEntry, error: Exception, seconds: float, find_silence: FindSilence
) -> ClusterUnavailable:
    """The error for a request without an answer.

    Args:
        entry: The cluster's.
        error: urllib3's.
        seconds: How long the request had.
        find_silence: Asked unless somebody answers who is not to be trusted.
    """
    cause = getattr(error, "reason", None) or error
    trust = next((each for each in (cause, *getattr(cause, "args", ())) if isinstance(each, ssl.SSLError)), None)
    names = {"context": entry.context, "server": str(entry.cluster.get("server", "")).rstrip("/")}
    if trust is not None:
        return _explain_distrust(names, trust)
    what = msg('the cluster "{context}" at {server} does not answer', **names)
    if known := find_silence():
        return Silent(what, *known)
    why: Wording = _plainly(cause)
    if isinstance(cause, urllib3.exceptions.TimeoutError) and not isinstance(
        cause, urllib3.exceptions.NewConnectionError
    ):
        why = msg(
            "nothing came within {seconds:.0f} s: it is frozen or overloaded, or something on the way swallows it",
            seconds=seconds,
        )
    return ClusterUnavailable(what, why, msg("is it running? `t = connect()` starts or finds a cluster"))


def _explain_distrust(names: dict[str, str], error: ssl.SSLError) -> ClusterUnavailable:
    """Somebody answers, and it is not who the kubeconfig says."""
    if not isinstance(error, ssl.SSLCertVerificationError):
        return ClusterUnavailable(
            msg('what answers at {server} for "{context}" does not speak TLS as an API server does', **names),
            why=str(error.reason or error),
            next_step=msg("is another program at that port? Compare `server` in the kubeconfig"),
        )
    cluster = names["context"].removeprefix("kind-")
    fetch: Wording = msg("as your provider's tool does it")
    if cluster != names["context"]:
        fetch = f"`kind export kubeconfig --name {cluster}`"
    return ClusterUnavailable(
        msg('what answers at {server} is not the cluster "{context}" of the kubeconfig', **names),
        why=msg(
            "it runs, but its certificate does not fit the kubeconfig's certificate authority: {why}",
            why=error.verify_message,
        ),
        next_step=msg("it was made anew, or it is another one; fetch its kubeconfig again: {how}", how=fetch),
    )


def _plainly(cause: object) -> str:
    """An error of the connection without the addresses of Python objects in it."""
    return re.sub(r"^<?[\w.]+(\([^)]*\)| object at 0x[0-9a-f]+)>?: |^[\w]+\([^)]*\): ", "", str(cause))
