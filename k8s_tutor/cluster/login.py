"""Who we are: the user of a kubeconfig as urllib3 needs it; also where a program has to log in."""

from __future__ import annotations

import base64
import json
import logging
import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from k8s_tutor.clock import RealClock, from_rfc3339
from k8s_tutor.cluster.tls import read_file, read_pem
from k8s_tutor.errors import ClusterUnavailable
from k8s_tutor.kubeconfig import KubeconfigEntry
from k8s_tutor.language import Wording, msg, plain
from k8s_tutor.objects.types import Obj

__all__ = ["Login", "read_login"]


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
    certificate = read_pem(user, "client-certificate") + read_pem(user, "client-key")
    if token := user.get("token"):
        return Login(lambda: {"Authorization": f"Bearer {token}"}, certificate)
    if path := user.get("tokenFile"):
        return Login(lambda: {"Authorization": f"Bearer {read_file(path).decode().strip()}"}, certificate)
    if user.get("username"):
        pair = f"{user['username']}:{user.get('password', '')}".encode()
        return Login(lambda: {"Authorization": f"Basic {base64.b64encode(pair).decode('ascii')}"}, certificate)
    return Login(dict, certificate)


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
    if authority := read_pem(cluster, "certificate-authority"):
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
        certificate = read_file(configuration.cert_file) + b"\n" + read_file(configuration.key_file)
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
