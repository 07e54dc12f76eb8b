"""Whom we trust: TLS for a cluster of a kubeconfig; and why no answer came that can be trusted."""

from __future__ import annotations

import base64
import binascii
import os
import re
import ssl
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeAlias

import urllib3

from k8s_tutor.errors import ClusterUnavailable, UsageError
from k8s_tutor.kubeconfig import KubeconfigEntry
from k8s_tutor.language import Wording, msg
from k8s_tutor.objects.types import Obj

__all__ = ["FindSilence", "Silent", "explain_silence", "make_tls_context", "read_file", "read_pem"]


def make_tls_context(cluster: Obj, certificate: bytes) -> ssl.SSLContext:
    """TLS for a `cluster` of a kubeconfig, with a client certificate where there is one."""
    authority = read_pem(cluster, "certificate-authority")
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


def read_pem(body: Obj, key: str) -> bytes:
    """`KEY-data` (base64) or the file that `KEY` names, ending in a newline; empty where there is neither."""
    if data := body.get(f"{key}-data"):
        try:
            return base64.b64decode(data).rstrip() + b"\n"
        except (binascii.Error, ValueError) as error:  # what is not ASCII is a ValueError
            raise UsageError(msg("{key}-data in the kubeconfig is not base64", key=key), why=str(error)) from error
    return read_file(body[key]).rstrip() + b"\n" if body.get(key) else b""


def read_file(path: str) -> bytes:
    """A file that a kubeconfig names.

    Raises:
        ClusterUnavailable: it cannot be read.
    """
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise ClusterUnavailable(
            msg("the kubeconfig names the file {path}, which cannot be read", path=path), str(error)
        ) from error


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
