"""Kubeconfig files: the user's are read and never written; ours are written, whole and private (0600)."""

from __future__ import annotations

import base64
import json
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from k8s_tutor.errors import UsageError
from k8s_tutor.language import Wording, msg
from k8s_tutor.objects.reference import nearest
from k8s_tutor.objects.types import Obj
from k8s_tutor.state import remove_file, state_dir, write_private

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
    "parse",
    "remove",
    "sweep",
    "terminals",
    "user_files",
    "write",
]

_USERS = "K8S_TUTOR_USER_KUBECONFIG"
"""Set by us: where your own `KUBECONFIG` is kept while ours stands in its place, also for what is started from here."""
_INSIDE = "lesson-"
_COPIES = (_INSIDE, "context-", "terminal-")  # each followed by the number of the process that they are for
TERMINALS = "K8S_TUTOR_TERMINAL_KUBECONFIG"
"""Set by us: a kubeconfig of ours that terminals beside the notebooks start with, the latest lesson's."""

_FILES = {"certificate-authority", "client-certificate", "client-key", "tokenFile"}
_TEXTS = _FILES | {f"{file}-data" for file in _FILES} | {"server", "token", "username", "password", "proxy-url"}
_TEXTS |= {"tls-server-name", "cluster", "user", "namespace"}
_MAPPINGS = {"exec", "auth-provider"}


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
    return _merge([(path, _read(path)) for path in files])


def parse(text: str, context: str) -> KubeconfigEntry:
    """A context of a kubeconfig that is in no file.

    Raises:
        UsageError: it is no kubeconfig, or has no such context.
    """
    import yaml  # noqa: PLC0415  see `_read`

    try:
        config = yaml.safe_load(text)
    except (ValueError, yaml.YAMLError) as error:
        raise UsageError(msg("that is not a kubeconfig"), why=str(error)) from error
    found = _merge([(Path(context), config if isinstance(config, dict) else {})])
    if context not in found:
        raise UsageError(msg('the kubeconfig has no context "{name}"', name=context))
    return found[context]


def _merge(configs: list[tuple[Path, Obj]]) -> dict[str, KubeconfigEntry]:
    merged: dict[str, dict[str, Obj]] = {"clusters": {}, "users": {}, "contexts": {}}
    for path, config in configs:
        for section, known in merged.items():
            for name, body in _rows(path, config, section):
                known.setdefault(name, _absolute(body, path.parent))
    found = {}
    for name, context in merged["contexts"].items():
        cluster = merged["clusters"].get(str(context.get("cluster", "")))
        if cluster is not None:
            user = merged["users"].get(str(context.get("user", "")), {})
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


def remove(path: Path) -> None:
    """Removes a kubeconfig of ours, the lock that kind puts beside it, and what kubectl remembers of its cluster."""
    remove_file(path)
    remove_file(path.with_name(f"{path.name}.lock"))
    shutil.rmtree(cache_for(path), ignore_errors=True)


def sweep() -> None:
    """Removes the copies that processes made for themselves alone, where these have ended and could not (killed)."""
    import psutil  # noqa: PLC0415  # only where a copy is made or a cluster named

    for copy in folder().glob("*"):
        prefix, _, rest = copy.name.lstrip(".").partition("-")
        number = rest.partition("-")[0].partition(".")[0]
        if f"{prefix}-" not in _COPIES or not number.isdigit():
            continue
        try:
            # A number is given again: a process that began after the file was written did not write it.
            gone = psutil.Process(int(number)).create_time() > copy.stat().st_mtime + 1
        except psutil.NoSuchProcess:
            gone = True
        except (psutil.Error, OSError):
            continue
        if gone:
            remove(copy)


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
        Where it is. `leave` removes it; see `sweep` for what killed processes have left.
    """
    known = contexts([path])
    (chosen,) = known.values()
    inside = folder() / f"{_INSIDE}{os.getpid()}-{path.name}"
    sweep()
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
    sweep()
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
        sweep()  # kernels that did not end in time were killed


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
        raise _no_kubeconfig(path, msg("its top level is not a mapping"))
    return config


def _rows(path: Path, config: Obj, section: str) -> Iterator[tuple[str, Obj]]:
    """The entries of a section by name.

    Raises:
        UsageError: it is not of a kubeconfig's shape; says where.
    """
    rows, word = config.get(section) or (), section.removesuffix("s")
    if not isinstance(rows, list | tuple):
        raise _no_kubeconfig(path, msg("`{field}` is not a list", field=section))
    for number, row in enumerate(rows):
        field = f"{section}[{number}]"
        if not isinstance(row, dict):
            raise _no_kubeconfig(path, msg("`{field}` is not a mapping", field=field))
        body = row.get(word) or {}
        if not isinstance(body, dict):
            raise _no_kubeconfig(path, msg("`{field}` is not a mapping", field=f"{field}.{word}"))
        for key, value in body.items():
            _check(path, f"{field}.{word}.{key}", key, value)
        yield str(row.get("name", "")), body


def _check(path: Path, field: str, key: str, value: object) -> None:
    """Whether a field is of the type that it has to be; those that nobody here reads are as they are."""
    if value is not None and key in _TEXTS and not isinstance(value, str):
        raise _no_kubeconfig(path, msg("`{field}` is not text", field=field))
    if value is not None and key in _MAPPINGS and not isinstance(value, dict):
        raise _no_kubeconfig(path, msg("`{field}` is not a mapping", field=field))


def _no_kubeconfig(path: Path, why: Wording) -> UsageError:
    return UsageError(
        msg("{path} is not a kubeconfig", path=path),
        why=why,
        next_step=msg(
            "mend it, or name another file in KUBECONFIG; `{command}` says what kubectl makes of it",
            command=f"kubectl --kubeconfig {path} config view",
        ),
    )


def _absolute(body: Obj, base: Path) -> Obj:
    """The entry with file names that mean the same from anywhere."""
    body = {key: str(base / Path(value)) if key in _FILES and value else value for key, value in body.items()}
    plugin = body.get("exec")
    if isinstance(plugin, dict) and any(mark in str(plugin.get("command", "")) for mark in ("/", "\\")):
        body["exec"] = {**plugin, "command": str(base / plugin["command"])}
    return body
