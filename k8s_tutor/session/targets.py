"""From a person's words to objects: what `apply` accepts, `pod/web`, `web`, `deploy web`; and the container meant."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from k8s_tutor.api.client import Client
from k8s_tutor.api.protocol import exec_request
from k8s_tutor.errors import Cancelled, ManifestError, TutorError, UsageError
from k8s_tutor.language import Message, msg
from k8s_tutor.objects.kinds import Kind, KindTable, builtin_kinds
from k8s_tutor.objects.pods import container_names
from k8s_tutor.objects.reference import nearest, parse_ref
from k8s_tutor.objects.types import Obj

__all__ = [
    "ManifestSource",
    "Target",
    "choose_container",
    "find_target",
    "read_manifest",
    "read_objects",
    "require_object",
    "run_command",
]


@dataclass(frozen=True)
class Target:
    """One object by kind, name and namespace; it need not exist."""

    kind: Kind
    name: str
    namespace: str

    def __str__(self) -> str:
        return f"{self.kind.singular}/{self.name}"

    def find(self, client: Client) -> Obj | None:
        """The object, or None."""
        return client.find(self.kind, self.name, self.namespace)


def find_target(client: Client, ref: str, namespace: str, *, default: str = "pod") -> Target:
    """The object a reference means.

    Args:
        client: Knows the kinds.
        ref: `pod/web`, `pod web`; a bare name means one of kind `default`.
        namespace: Where, for kinds that live in namespaces.
        default: The kind of a bare name.

    Raises:
        UsageError: unknown kind, or a kind without a name.
    """
    if not isinstance(ref, str):
        raise UsageError(
            msg("This is no reference to an object: {ref!r:.60}.", ref=ref),
            why=msg("an object is named by its kind and its name, as text"),
            next_step=msg('Write it like "pod/web".'),
        )
    word = ref.replace("/", " ").split()[0] if ref.strip() else ""
    if "/" in ref or " " in ref.strip():
        client.kind(word)  # a custom kind is looked up on the server before the words are judged
    parsed = parse_ref(ref.strip(), client.kinds)
    kind = parsed.kind or client.kind(default)
    if not parsed.name:
        raise UsageError(
            msg("{ref!r} is a kind of object, not one object.", ref=ref),
            next_step=msg('Add its name: "{kind}/NAME".', kind=kind.singular),
        )
    return Target(kind, parsed.name, namespace if kind.namespaced else "")


def require_object(client: Client, wanted: Target) -> Obj:
    """The object.

    Raises:
        UsageError: there is none; the message names the nearest, or what there is.
    """
    found = wanted.find(client)
    if found is not None:
        return found
    names = [item["metadata"]["name"] for item in client.list(wanted.kind, wanted.namespace)]
    near = nearest(wanted.name, names)
    kind, where = wanted.kind.singular, wanted.namespace
    listed = ", ".join(names[:8]) + (", …" if len(names) > 8 else "")
    raise UsageError(
        msg(
            "There is no {kind} called {name!r} in namespace {namespace}.", kind=kind, name=wanted.name, namespace=where
        )
        if where
        else msg("There is no {kind} called {name!r}.", kind=kind, name=wanted.name),
        why=msg("There is: {listed}.", listed=listed)
        if names
        else msg("There are no {plural} at all.", plural=wanted.kind.plural),
        next_step=_instead(wanted, names, near),
    )


def _instead(wanted: Target, names: list[str], near: str) -> Message:
    kind = wanted.kind
    if near:
        return msg('Did you mean "{kind}/{near}"?', kind=kind.singular, near=near)
    if names:
        return msg('Name one of these, such as "{kind}/{name}".', kind=kind.singular, name=names[0])
    return msg("Make one first, with t.apply(…); {command} lists them.", command=f't.kubectl("get {kind.plural}")')


# ---- Commands in containers, and which container is meant


def choose_container(pod: Obj, name: str) -> str:
    """The container meant: the one named, or the only one.

    Raises:
        UsageError: there are several and none is named, or there is none of that name.
    """
    names = container_names(pod)
    if pod.get("kind") != "Pod":
        raise UsageError(
            msg("This is a {kind}, and only Pods have containers that run.", kind=pod.get("kind")),
            next_step=msg('Name one of its Pods, "pod/NAME"; t.kubectl("get pods") lists them.'),
        )
    if (name and name in names) or (not name and len(names) == 1):
        return name or names[0]
    what = (
        msg("There is no container {name!r} in this pod.", name=name)
        if name
        else msg("Which container? This pod has several.")
    )
    raise UsageError(
        what,
        why=msg("Its containers: {names}.", names=", ".join(names)),
        next_step=msg('Say which: container="{name}".', name=names[0]),
    )


def _words(command: str | list[str]) -> list[str]:
    if not isinstance(command, str):
        return [str(word) for word in command]
    try:
        found = shlex.split(command)
    except ValueError as error:
        raise UsageError(
            msg("This command cannot be split into words: {error}.", error=error),
            why=msg("In: {command}", command=command),
            next_step=msg('Close the quote; or give a list of words: ["sh", "-c", "…"].'),
        ) from None
    if not found:
        raise UsageError(msg("There is no command to run."), next_step=msg('For example "ls /".'))
    return found


def run_command(client: Client, pod: Target, command: str | list[str], container: str, timeout: float) -> str:
    """What a command in a running container printed.

    Args:
        client: Talks to the cluster.
        pod: Which pod.
        command: A line, split at spaces as a shell would; or a list of words.
        container: Its name.
        timeout: Seconds of the cluster's time.

    Raises:
        TutorError: the command failed; with its exit code and what it said.
    """
    words = _words(command)
    path = pod.kind.path(pod.namespace, pod.name, "exec")
    try:
        result = client.api.run(exec_request(path, words, container), timeout=timeout)
    except KeyboardInterrupt:
        raise Cancelled(
            msg("Stopped waiting for `{words}` in {pod}.", words=" ".join(words), pod=pod),
            why=msg("You pressed stop (Ctrl-C). The command was left alone; it ends by itself, or with its container."),
        ) from None
    said = result.stdout + result.stderr
    if result.code:
        what = msg("exit code {code}", code=result.code) if result.code > 0 else str(result.status.get("message", ""))
        absent = "executable file not found" in str(result.status.get("message", ""))
        raise TutorError(
            msg("`{words}` in {pod} failed: {what}", words=" ".join(words), pod=pod, what=what),
            why=msg("The container's image has no program called {word}.", word=words[0]) if absent else said.strip(),
            next_step=msg("Run it in a container whose image has it.") if absent else "",
        )
    return said


# ---- What `apply` accepts: a manifest's text, a dict, a list of dicts, a file

ManifestSource: TypeAlias = str | Path | Obj | list[Obj]
KnowsKinds: TypeAlias = Callable[[], KindTable]

_SUFFIXES = (".yaml", ".yml", ".json")


def read_objects(source: ManifestSource, kinds: KnowsKinds = builtin_kinds) -> list[Obj]:
    """The objects of a source, checked as far as can be without a cluster.

    Args:
        source: YAML or JSON text with any number of documents; a path (a `Path`, or text that is a file's name);
            one object or several as dicts.
        kinds: Asked what kinds there are, where a manifest names one that is not built in.

    Raises:
        ManifestError: the text is no YAML, or no Kubernetes object: with line and column.
        UsageError: no such file, or something that is none of these.
    """
    if isinstance(source, dict):
        return [_checked(source)]
    if isinstance(source, Path):
        return read_manifest(str(source), is_file=True, kinds=kinds)
    if isinstance(source, str):
        return read_manifest(source, is_file=_is_file_name(source), kinds=kinds)
    if isinstance(source, list):
        return [_checked(obj) for obj in source]
    raise UsageError(
        msg("This cannot be applied: {name}.", name=type(source).__name__),
        why=msg("apply takes a manifest's text, a dict, or the path of a file."),
        next_step=msg('t.apply("""apiVersion: v1 …""")'),
    )


def read_manifest(source: str, *, is_file: bool, kinds: KnowsKinds = builtin_kinds) -> list[Obj]:
    """The objects in a manifest's text, or in a file of it.

    Raises:
        ManifestError: the text is no YAML, or no Kubernetes object: with line and column.
        UsageError: the file cannot be read.
    """
    from k8s_tutor.objects import manifests  # noqa: PLC0415  brings PyYAML

    text = _text_of(Path(source).expanduser()) if is_file else source
    if _is_address(text):
        raise UsageError(
            msg("This is an address, not a manifest: {address:.80}", address=text.strip()),
            why=msg("Nothing is loaded from the Internet here: what is applied stands in the notebook."),
            next_step=msg('Open it in a browser, and paste what it shows: t.apply("""…""").'),
        )
    objects = manifests.load(text, kinds)
    if not objects:
        raise ManifestError(
            msg("There is no object in this manifest."),
            why=msg("It is empty, or holds only comments."),
            next_step=msg("A manifest begins with apiVersion and kind."),
        )
    return objects


def _checked(obj: Obj) -> Obj:
    """A dict has no lines to point at, but its mistakes are the same."""
    from k8s_tutor.objects.schema import builtin_schema  # noqa: PLC0415  reads half a megabyte of facts
    from k8s_tutor.objects.validation import path_text, problems  # noqa: PLC0415

    if not isinstance(obj, dict):
        raise UsageError(
            msg("This cannot be applied: {name}.", name=type(obj).__name__),
            why=msg("A list to apply holds objects as dicts."),
            next_step=msg('t.apply("""apiVersion: v1 …""")'),
        )
    schema = builtin_schema().kind(str(obj.get("apiVersion", "")), str(obj.get("kind", "")))
    for problem in problems(obj, schema) if schema else ():
        where = path_text(problem.path)
        raise ManifestError(f"{where}: {problem.what}" if where else problem.what, next_step=problem.next_step)
    return obj


def _is_file_name(text: str) -> bool:
    return "\n" not in text.strip() and text.strip().endswith(_SUFFIXES) and ":" not in text[2:]


def _is_address(text: str) -> bool:
    return text.strip().startswith(("http://", "https://")) and len(text.split()) == 1


def _text_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise UsageError(
            msg("There is no file {path}.", path=path),
            why=msg("You are in {name}/.", name=Path.cwd().name),
            next_step=msg(
                "Type `!ls` to see what is here (`!dir` on Windows); or write the manifest in the cell: %%apply."
            ),
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(msg("The file {path} cannot be read.", path=path), why=str(error)) from error
