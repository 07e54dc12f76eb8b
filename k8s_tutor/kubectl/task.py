"""One command line being run: what it was given, what it writes in kubectl's name, and what it has said."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any, Protocol

from k8s_tutor.api.client import Client
from k8s_tutor.api.protocol import CommandResult, KubeAPI, Request, Response, StatusError, TextStream, Watch, query
from k8s_tutor.clock import Clock
from k8s_tutor.errors import UsageError
from k8s_tutor.kubectl.arguments import Command, KubectlError, Options, server_said
from k8s_tutor.language import Wording, msg
from k8s_tutor.objects import metadata
from k8s_tutor.objects.jsonpatch import json_patch, merge_patch
from k8s_tutor.objects.kinds import Kind
from k8s_tutor.objects.schema import builtin_schema
from k8s_tutor.objects.strategic import strategic_merge
from k8s_tutor.objects.types import Json, Obj

__all__ = ["Listening", "Load", "Output", "Task", "create", "patch", "replace", "send_deletion"]


class Load(Protocol):
    """Turns a manifest's text, or a file that holds it, into objects; a faulty one raises `ManifestError`."""

    def __call__(self, source: str, *, is_file: bool) -> list[Obj]: ...  # noqa: D102


@dataclass
class Output:
    """What a command printed.

    Attributes:
        text: To standard output.
        notes: To standard error, without having failed.
    """

    text: str = ""
    notes: list[str] = field(default_factory=list)


@dataclass
class Task:
    """One command line being run.

    Attributes:
        client: Talks to the cluster.
        namespace: Where, unless the line says so.
        command: The line.
        stdin: What it reads.
        load: Turns a manifest's text or file into objects.
        wait_gone: Waits until an object (kind, name, namespace) is gone.
        clock: The cluster's time: ages are counted from it, deadlines by it.
        out: Pieces of standard output.
        notes: Lines of standard error.
        errors: What failed while the rest went on.
    """

    client: Client
    namespace: str
    command: Command
    stdin: str
    load: Load
    wait_gone: Callable[[Kind, str, str], object]
    clock: Clock
    out: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    @property
    def verb(self) -> str:
        """`get`, `create deployment`, …"""
        return self.command.verb

    @property
    def options(self) -> Options:
        """The line's flags."""
        return self.command.options

    @property
    def words(self) -> list[str]:
        """The line's words behind the verb."""
        return self.command.rest

    @property
    def place(self) -> str:
        """The namespace the line is about."""
        return self.options.text("namespace") or self.namespace

    @property
    def dry(self) -> str:
        """`client`, `server`, or nothing where the line is meant.

        Raises:
            KubectlError: another word.
        """
        given = self.options.text("dry-run", "none")
        if given == "unchanged":
            self.note("W: --dry-run is deprecated and can be replaced with --dry-run=client.")
            return "client"
        if given not in ("none", "client", "server"):
            raise KubectlError(f'error: Invalid dry-run value ({given}). Must be "none", "server", or "client".')
        return "" if given == "none" else given

    def kind(self, word: str) -> Kind:
        """The kind a word means.

        Raises:
            KubectlError: the server does not serve it.
        """
        try:
            return self.client.kind(word)
        except UsageError as error:
            raise KubectlError(
                f'error: the server doesn\'t have a resource type "{word}"', next_step=error.next_step
            ) from error

    def load_files(self) -> list[Obj]:
        """The objects of the line's `-f`."""
        found: list[Obj] = []
        for name in self.options.all("filename"):
            if name.startswith(("http://", "https://")):
                raise KubectlError(
                    msg("`-f {address}` is an address, and nothing is loaded from the Internet here.", address=name),
                    why=msg("No kubectl is installed: the built-in one talks to the cluster alone."),
                    next_step=msg('Open it in a browser, and paste what it shows: t.apply("""…""").'),
                )
            found += self.load(self.stdin if name == "-" else name, is_file=name != "-")
        return found

    # ---- what it says

    def say(self, line: str) -> None:
        """A line of standard output."""
        self.out.append(f"{line}\n")

    def write(self, text: str) -> None:
        """Standard output as it stands."""
        self.out.append(text)

    def note(self, line: str) -> None:
        """A line of standard error."""
        self.notes.append(line)

    def refuse(self, error: StatusError) -> None:
        """Remembers a refusal; the rest of the line goes on, and the whole fails at its end."""
        self.errors.append(server_said(error))

    def finish(self) -> Output:
        """What it said.

        Raises:
            KubectlError: something failed.
        """
        text = "".join(self.out).removesuffix("\n")
        if self.errors:
            raise self.failed("\n".join(self.errors))
        return Output(text, self.notes)

    def failed(self, what: str, *, code: int = 1, next_step: Wording = "") -> KubectlError:
        """A failure after what was said so far."""
        text = "".join(self.out).strip()
        return KubectlError(
            "\n".join(part for part in (text, *self.notes, what) if part), code=code, next_step=next_step
        )


# ---- What an API server warns of, collected: kubectl prints each warning once, also those about what is only read


class Listening:
    """An API whose warnings are kept.

    Attributes:
        warnings: Lines as kubectl writes them to standard error.
    """

    def __init__(self, api: KubeAPI) -> None:
        self._api = api
        self.warnings: list[str] = []

    def send(self, request: Request) -> Response:
        """Sends one request."""
        response = self._api.send(request)
        for warning in response.warnings:
            line = f"Warning: {warning}"
            if line not in self.warnings:
                self.warnings.append(line)
        return response

    def watch(self, request: Request, *, passive: bool = False) -> Watch:
        """Opens a watch."""
        return self._api.watch(request, passive=passive)

    def follow(self, request: Request, *, passive: bool = False) -> TextStream:
        """Opens a text stream."""
        return self._api.follow(request, passive=passive)

    def run(self, request: Request, *, stdin: bytes = b"", timeout: float = 60) -> CommandResult:
        """Runs a command in a container."""
        return self._api.run(request, stdin=stdin, timeout=timeout)


# ---- Writing to the cluster as kubectl does: in its own name, and not at all where the line is a dry run

_MEDIA = {
    "merge": "application/merge-patch+json",
    "strategic": "application/strategic-merge-patch+json",
    "json": "application/json-patch+json",
}


def _options(task: Task, **more: str | None) -> tuple[tuple[str, str], ...]:
    """The query of a write."""
    manager = task.options.text("field-manager", f"kubectl-{task.verb.split()[0]}")
    return query(fieldManager=manager, dryRun="All" if task.dry == "server" else None, **more)


def _send(task: Task, request: Request) -> Obj:
    response = task.client.api.send(request)
    if response.code >= 400:
        raise StatusError.of(response)
    body: Any = response.body
    return body if isinstance(body, dict) else {}


def create(task: Task, kind: Kind, obj: Obj) -> Obj:
    """Creates the object; the object as it is then."""
    if task.dry == "client":
        return obj
    path = kind.path(metadata.namespace(obj) or task.place)
    kept = {key: value for key, value in obj["metadata"].items() if key != "resourceVersion"}  # of one that was read
    obj = {**obj, "metadata": kept}
    return _send(task, Request("POST", path, _options(task, fieldValidation="Strict"), body=obj))


def replace(task: Task, kind: Kind, obj: Obj) -> Obj:
    """Puts the object in the place of the one of its name."""
    if task.dry == "client":
        return obj
    path = kind.path(metadata.namespace(obj) or task.place, metadata.name(obj))
    return _send(task, Request("PUT", path, _options(task, fieldValidation="Strict"), body=obj))


def patch(task: Task, kind: Kind, obj: Obj, body: Json, how: str = "merge", subresource: str = "") -> Obj:
    """Changes an object that the cluster has; the object as it is then."""
    if task.dry == "client":
        return _locally(kind, obj, body, how)
    path = kind.path(metadata.namespace(obj), metadata.name(obj), subresource)
    return _send(task, Request("PATCH", path, _options(task), body=body, content_type=_MEDIA[how]))


def send_deletion(task: Task, kind: Kind, name: str, place: str, *, grace: int | None, propagation: str) -> None:
    """Deletes an object."""
    if task.dry == "client":
        return
    options: Obj = {"apiVersion": "v1", "kind": "DeleteOptions", "propagationPolicy": propagation}
    if grace is not None:
        options["gracePeriodSeconds"] = grace
    if task.dry == "server":
        options["dryRun"] = ["All"]
    _send(task, Request("DELETE", kind.path(place, name), body=options))


def _locally(kind: Kind, obj: Obj, body: Json, how: str) -> Obj:
    if how == "json":
        return json_patch(deepcopy(obj), body)
    schema = builtin_schema().kind(kind.api_version, kind.kind)
    if how == "strategic" and schema is not None:
        return strategic_merge(deepcopy(obj), body, schema)
    return merge_patch(deepcopy(obj), body)
