"""Namespaces, ConfigMaps, Secrets and ServiceAccounts from flags."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from pathlib import Path

from k8s_tutor.kubectl.arguments import KubectlError
from k8s_tutor.kubectl.task import Task
from k8s_tutor.objects.types import Obj

__all__ = ["config_map", "namespace", "registry_secret", "secret", "service_account", "tls_secret"]

_KEY = re.compile(r"[-._a-zA-Z0-9]+")
_KEY_RULE = (
    "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  "
    "or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')"
)


def namespace(_task: Task, name: str) -> Obj:
    """A Namespace."""
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}, "spec": {}, "status": {}}


def service_account(_task: Task, name: str) -> Obj:
    """A ServiceAccount."""
    return {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": name}}


def config_map(task: Task, name: str) -> Obj:
    """A ConfigMap from literals, files, directories, or files of lines `key=value`."""
    data: dict[str, str] = {}
    binary: dict[str, str] = {}
    for key, value in _sources(task):
        if not _KEY.fullmatch(key):
            raise KubectlError(f'error: "{key}" is not a valid key name for a ConfigMap: {_KEY_RULE}')
        if key in data or key in binary:
            raise KubectlError(
                f'error: cannot add key "{key}", another key by that name already exists in Data for ConfigMap "{name}"'
            )
        try:
            data[key] = value.decode("utf-8")
        except UnicodeDecodeError:
            binary[key] = base64.b64encode(value).decode("ascii")
    made: Obj = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}}
    if data:
        made["data"] = data
    if binary:
        made["binaryData"] = binary
    return made


def secret(task: Task, name: str) -> Obj:
    """A Secret, from what a ConfigMap can be made from."""
    data: dict[str, str] = {}
    for key, value in _sources(task):
        if not _KEY.fullmatch(key):
            raise KubectlError(f'error: "{key}" is not valid key name for a Secret {_KEY_RULE}')
        if key in data:
            raise KubectlError(f"error: cannot add key {key}, another key by that name already exists")
        data[key] = base64.b64encode(value).decode("ascii")
    made: Obj = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}}
    if data:
        made["data"] = data
    if task.options.text("type"):
        made["type"] = task.options.text("type")
    return made


def tls_secret(task: Task, name: str) -> Obj:
    """A Secret of a certificate and its key."""
    if not (task.options.text("cert") and task.options.text("key")):
        raise KubectlError("error: key and cert must be specified")
    data = {"tls.crt": _read(task.options.text("cert")), "tls.key": _read(task.options.text("key"))}
    encoded = {key: base64.b64encode(value).decode("ascii") for key, value in data.items()}
    meta = {"name": name}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": meta, "type": "kubernetes.io/tls", "data": encoded}


def registry_secret(task: Task, name: str) -> Obj:
    """A Secret a registry of images asks for."""
    user, password = task.options.text("docker-username"), task.options.text("docker-password")
    if not (user and password):
        raise KubectlError(
            "error: either --from-file or the combination of --docker-username, --docker-password and --docker-server "
            "is required"
        )
    login = {"username": user, "password": password}
    if task.options.text("docker-email"):
        login["email"] = task.options.text("docker-email")
    login["auth"] = base64.b64encode(f"{user}:{password}".encode()).decode("ascii")
    server = task.options.text("docker-server", "https://index.docker.io/v1/")
    config = json.dumps({"auths": {server: login}}, separators=(",", ":"))
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": name},
        "type": "kubernetes.io/dockerconfigjson",
        "data": {".dockerconfigjson": base64.b64encode(config.encode()).decode("ascii")},
    }


# ---- where values come from


def _sources(task: Task) -> Iterator[tuple[str, bytes]]:
    options = task.options
    if options.all("from-env-file") and (options.all("from-file") or options.all("from-literal")):
        raise KubectlError("error: from-env-file cannot be combined with from-file or from-literal")
    for source in options.all("from-file"):
        yield from _from_file(source)
    for source in options.all("from-literal"):
        key, equals, value = source.partition("=")
        if not equals or not key:
            raise KubectlError(f"error: invalid literal source {source}, expected key=value")
        yield key, value.encode()
    for name in options.all("from-env-file"):
        yield from _from_lines(name)


def _from_file(source: str) -> Iterator[tuple[str, bytes]]:
    key, equals, name = source.rpartition("=")
    path = Path(name).expanduser()
    if path.is_dir():
        if equals:
            raise KubectlError("error: cannot give a key name for a directory path")
        for inner in sorted(path.iterdir()):
            if inner.is_file():
                yield inner.name, inner.read_bytes()
        return
    yield key or path.name, _read(name)


def _from_lines(name: str) -> Iterator[tuple[str, bytes]]:
    for line in _read(name).decode("utf-8").splitlines():
        text = line.lstrip()
        if text and not text.startswith("#"):
            key, _, value = text.partition("=")
            yield key, value.encode()


def _read(name: str) -> bytes:
    try:
        return Path(name).expanduser().read_bytes()
    except OSError as error:
        raise KubectlError(f"error: error reading {name}: {(error.strerror or str(error)).lower()}") from error
