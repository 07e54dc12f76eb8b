"""Kubeconfig files: the user's are read and never written; ours are written, whole and private (0600)."""

from __future__ import annotations

import base64
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from k8s_tutor.errors import UsageError
from k8s_tutor.language import msg
from k8s_tutor.objects.reference import nearest
from k8s_tutor.objects.types import Obj
from k8s_tutor.state import state_dir, write_private

__all__ = [
    "TERMINALS",
    "KubeconfigEntry",
    "adopt",
    "cache_for",
    "contexts",
    "enter",
    "entry",
    "folder",
    "forget",
    "inline",
    "leave",
    "terminals",
    "user_files",
    "write",
]

_USERS = "K8S_TUTOR_USER_KUBECONFIG"
"""Set by us: where your own `KUBECONFIG` is kept while ours stands in its place, also for what is started from here."""
_INSIDE = "lesson-"
TERMINALS = "K8S_TUTOR_TERMINAL_KUBECONFIG"
"""Set by us: a kubeconfig of ours that terminals beside the notebooks start with, the latest lesson's."""

_FILES = {"certificate-authority", "client-certificate", "client-key", "tokenFile"}


@dataclass(frozen=True)
class KubeconfigEntry:
    """One context with its cluster and user, ready to be written to a file of its own.

    Attributes:
        context: The context's name.
        cluster: The `cluster` of a kubeconfig: server, certificate authority, …
        user: The `user`: token, client certificate, exec plugin, …
        namespace: The context's namespace, `""` for none.
    """

    context: str
    cluster: Obj
    user: Obj = field(repr=False)
    namespace: str = ""


def folder() -> Path:
    """Where our kubeconfig files live, and nothing else does."""
    return state_dir() / "kubeconfigs"


def cache_for(path: Path) -> Path:
    """Where kubectl may remember what the cluster of one of our kubeconfigs serves.

    One folder a cluster: another that answers at the same port later may serve other kinds.
    """
    return state_dir() / "kubectl-cache" / path.name


def write(path: Path, entry: KubeconfigEntry) -> None:
    """Writes a kubeconfig with this one context as the current one."""
    context = {"cluster": entry.context, "user": entry.context}
    if entry.namespace:
        context["namespace"] = entry.namespace
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": entry.context, "cluster": entry.cluster}],
        "users": [{"name": entry.context, "user": entry.user}],
        "contexts": [{"name": entry.context, "context": context}],
        "current-context": entry.context,
    }
    write_private(path, json.dumps(config, indent=2) + "\n")  # JSON is YAML, and needs no import


def inline(pem: bytes) -> str:
    """PEM as the `…-data` fields hold it."""
    return base64.b64encode(pem).decode("ascii")


def user_files() -> list[Path]:
    """The user's kubeconfig files, as kubectl looks for them: those that `KUBECONFIG` lists, else `~/.kube/config`."""
    listed = os.environ.get("KUBECONFIG", "")
    if _has_ours(listed):
        listed = os.environ.get(_USERS, "")
    paths = [Path(part).expanduser() for part in listed.split(os.pathsep) if part]
    return paths or [Path("~/.kube/config").expanduser()]


def contexts(files: list[Path]) -> dict[str, KubeconfigEntry]:
    """Every context in `files` by name; of two with one name the first counts, as for kubectl.

    Raises:
        UsageError: a file is not readable as a kubeconfig.
    """
    merged: dict[str, dict[str, Obj]] = {"clusters": {}, "users": {}, "contexts": {}}
    for path in files:
        config = _read(path)
        for section, known in merged.items():
            for item in config.get(section) or ():
                body = item.get(section.removesuffix("s")) or {}
                known.setdefault(str(item.get("name", "")), _absolute(body, path.parent))
    found = {}
    for name, context in merged["contexts"].items():
        cluster = merged["clusters"].get(context.get("cluster", ""))
        if cluster is not None:
            user = merged["users"].get(context.get("user", ""), {})
            found[name] = KubeconfigEntry(name, cluster, user, str(context.get("namespace") or ""))
    return found


def entry(name: str, files: list[Path]) -> KubeconfigEntry:
    """The context called `name`.

    Raises:
        UsageError: there is none.
    """
    known = contexts(files)
    if name in known:
        return known[name]
    where = ", ".join(str(path) for path in files)
    near = nearest(name, known)
    raise UsageError(
        msg('there is no context "{name}" in {where}', name=name, where=where),
        why=msg("contexts there: {names}", names=", ".join(sorted(known)) or msg("none")),
        next_step=msg('did you mean "context:{near}"?', near=near)
        if near
        else msg("kubectl config get-contexts lists them"),
    )


def adopt(path: Path) -> None:
    """Points this process, and all it starts, at our kubeconfig file; the user's stays known to `user_files`."""
    current = os.environ.get("KUBECONFIG", "")
    if not _has_ours(current):
        os.environ[_USERS] = current
    os.environ["KUBECONFIG"] = str(path)
    _tell_official_client(str(path))


def enter(path: Path, namespace: str) -> Path:
    """A copy of one of our kubeconfigs, for this process alone, that starts in a namespace; points all at it.

    The one it is made from may be that of other processes, too, which are elsewhere.

    Returns:
        Where it is. `leave` removes it; what killed processes have left goes with the next one that is made.
    """
    import psutil  # noqa: PLC0415  # only where a lesson begins

    known = contexts([path])
    (chosen,) = known.values()
    inside = folder() / f"{_INSIDE}{os.getpid()}-{path.name}"
    for stale in folder().glob(f"{_INSIDE}*"):
        number = stale.name.removeprefix(_INSIDE).partition("-")[0]
        if number.isdigit() and not psutil.pid_exists(int(number)):
            stale.unlink(missing_ok=True)
    placed = replace(chosen, namespace=namespace)
    write(inside, placed)
    adopt(inside)
    if beside := os.environ.get(TERMINALS, ""):
        write(Path(beside), placed)
    return inside


@contextmanager
def terminals() -> Iterator[Path]:
    """Has the terminals of this process (JupyterLab's) begin with the file that the latest lesson writes.

    The user's own files come behind it: until a lesson begins, all is as it was. They stay known to `user_files`.
    """
    users = os.environ.get(_USERS if _has_ours(os.environ.get("KUBECONFIG", "")) else "KUBECONFIG", "")
    path = folder() / f"terminal-{os.getpid()}"
    before = {name: os.environ.get(name) for name in (_USERS, TERMINALS, "KUBECONFIG")}
    listed = os.pathsep.join(str(part) for part in (path, *user_files()))
    os.environ.update({_USERS: users, TERMINALS: str(path), "KUBECONFIG": listed})
    try:
        yield path
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
        path.unlink(missing_ok=True)


def leave(inside: Path, path: Path) -> None:
    """Removes what `enter` has made; this process, and the terminals beside it, are at `path` again."""
    if os.environ.get("KUBECONFIG") == str(inside):
        adopt(path)
    beside = os.environ.get(TERMINALS, "")
    if beside and Path(beside).exists() and Path(beside).read_bytes() == inside.read_bytes():
        write(Path(beside), *contexts([path]).values())
    inside.unlink(missing_ok=True)


def forget(path: Path) -> None:
    """Puts the user's `KUBECONFIG` back, if ours at `path` stands in its place; terminals are with the user's, too."""
    beside = os.environ.get(TERMINALS, "")
    if beside and Path(beside).exists() and path.exists() and _server(Path(beside)) == _server(path):
        Path(beside).unlink(missing_ok=True)
    if os.environ.get("KUBECONFIG") != str(path):
        return
    users = os.environ.pop(_USERS, "")
    if users:
        os.environ["KUBECONFIG"] = users
    else:
        del os.environ["KUBECONFIG"]
    _tell_official_client(users or "~/.kube/config")


def _has_ours(listed: str) -> bool:
    return any(part and folder() == Path(part).parent for part in listed.split(os.pathsep))


def _tell_official_client(location: str) -> None:
    """The official client reads `KUBECONFIG` when it is imported; imported earlier, it would use the user's cluster."""
    for name in ("kubernetes.config", "kubernetes.config.kube_config"):
        if (module := sys.modules.get(name)) is not None:
            module.KUBE_CONFIG_DEFAULT_LOCATION = location  # type: ignore[attr-defined]


def _server(path: Path) -> list[str]:
    return [str(one.cluster.get("server", "")) for one in contexts([path]).values()]


def _read(path: Path) -> Obj:
    import yaml  # noqa: PLC0415  # slow to import, and the embedded cluster never reads a kubeconfig

    if not path.exists():
        return {}
    try:
        config = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise UsageError(msg("cannot read the kubeconfig {path}", path=path), why=str(error)) from error
    if not isinstance(config, dict):
        raise UsageError(msg("{path} is not a kubeconfig", path=path), why=msg("its top level is not a mapping"))
    return config


def _absolute(body: Obj, base: Path) -> Obj:
    """The entry with file names that mean the same from anywhere."""
    body = {key: str(base / Path(value)) if key in _FILES and value else value for key, value in body.items()}
    plugin = body.get("exec")
    if isinstance(plugin, dict) and any(mark in str(plugin.get("command", "")) for mark in ("/", "\\")):
        body["exec"] = {**plugin, "command": str(base / plugin["command"])}
    return body
