"""The built-in kubectl: nine verbs, printed as the real one prints them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Protocol

from k8s_tutor.api.client import Client
from k8s_tutor.api.command import exec_request
from k8s_tutor.api.status import StatusError
from k8s_tutor.errors import UsageError
from k8s_tutor.kubectl.applying import apply
from k8s_tutor.kubectl.arguments import Command, parse
from k8s_tutor.kubectl.errors import KubectlError, refused
from k8s_tutor.kubectl.printing import printed, title
from k8s_tutor.kubectl.table import Layout, render
from k8s_tutor.objects import metadata
from k8s_tutor.objects.kinds import Kind
from k8s_tutor.objects.types import Json, Obj

__all__ = ["Builtin", "Load", "Output"]

_ALL = ("pods", "replicationcontrollers", "services", "daemonsets", "deployments", "replicasets", "statefulsets",
        "horizontalpodautoscalers", "cronjobs", "jobs")  # fmt: skip  # the category `all`, in kubectl's order


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


@dataclass(frozen=True)
class Builtin:
    """Runs command lines against one cluster.

    Attributes:
        client: Talks to the cluster.
        namespace: Where, unless the line says so.
        load: Turns a manifest's text or file into objects.
        wait_gone: Waits until an object (kind, name, namespace) is gone.
    """

    client: Client
    namespace: str
    load: Load
    wait_gone: Callable[[Kind, str, str], None]

    def run(self, line: str, stdin: str = "") -> Output:
        """Runs one command line.

        Raises:
            KubectlError: it failed, in kubectl's words; or only the real kubectl can do it.
        """
        command = parse(line)
        verbs: dict[str, Callable[[Command, str], Output]] = {
            "get": self._get,
            "delete": self._delete,
            "logs": self._logs,
            "apply": self._apply,
            "scale": self._scale,
            "label": self._label,
            "annotate": self._label,
            "exec": self._exec,
        }
        try:
            return verbs[command.verb](command, stdin)
        except StatusError as error:
            raise refused(error) from error

    # ---- get

    def _get(self, command: Command, _stdin: str) -> Output:
        options = command.options
        place = "" if options.all_namespaces else self._place(command)
        chosen = list(self._chosen(command.rest))
        if options.output in ("", "wide"):
            return self._get_tables(command, chosen, place)
        found: list[tuple[Kind, Obj]] = []
        for kind, names in chosen:
            if names:
                found += [(kind, self.client.get(kind, name, place)) for name in names]
            else:
                items = self.client.list(kind, place, labels=options.selector, fields=options.field_selector)
                found += [(kind, item) for item in items]
        single = len(found) == 1 and bool(chosen[0][1])
        return Output(printed(found, options.output, single=single))

    def _get_tables(self, command: Command, chosen: list[tuple[Kind, list[str]]], place: str) -> Output:
        options = command.options
        blocks = []
        by_reference = any("/" in word for word in command.rest)
        for kind, names in chosen:
            table = self._table(kind, names, place, options.selector, options.field_selector)
            many = len(chosen) > 1
            layout = Layout(
                wide=options.output == "wide",
                namespaces=options.all_namespaces and kind.namespaced,
                labels=options.show_labels,
                headers=not options.no_headers,
                prefix=title(kind, "") if many and (not by_reference or many) else "",
            )
            if table.get("rows"):
                blocks.append(render(table, layout))
        if blocks:
            return Output("\n\n".join(blocks))
        where = (
            "" if options.all_namespaces or not any(kind.namespaced for kind, _ in chosen) else f" in {place} namespace"
        )
        return Output(notes=[f"No resources found{where}."] if where else ["No resources found"])

    def _table(self, kind: Kind, names: list[str], place: str, labels: str, fields: str) -> Obj:
        if not names:
            return self.client.table(kind, place, labels=labels, fields=fields)
        tables = [self.client.table(kind, place, name=name) for name in names]
        return {**tables[0], "rows": [row for table in tables for row in table.get("rows") or []]}

    def _chosen(self, rest: list[str]) -> Iterator[tuple[Kind, list[str]]]:
        """Kinds with names: from `pods`, `pods,svc`, `pod web db`, `pod/web svc/db`, `all`."""
        if not rest:
            raise KubectlError(
                "error: Required resource not specified.", next_step='For example t.kubectl("get pods").'
            )
        if any("/" in word for word in rest):
            grouped: dict[Kind, list[str]] = {}
            for word in rest:
                kind, slash, name = word.partition("/")
                if not slash:
                    raise KubectlError(
                        "error: there is no need to specify a resource type as a separate argument when passing "
                        "arguments in resource/name form"
                    )
                grouped.setdefault(self._kind(kind), []).append(name)
            yield from grouped.items()
            return
        words = [part for word in rest[0].split(",") for part in (_ALL if word == "all" else (word,))]
        for word in words:
            yield self._kind(word), rest[1:]

    def _kind(self, word: str) -> Kind:
        try:
            return self.client.kind(word)
        except UsageError as error:
            raise KubectlError(
                f'error: the server doesn\'t have a resource type "{word}"', next_step=error.next_step
            ) from error

    # ---- changes

    def _delete(self, command: Command, _stdin: str) -> Output:
        options = command.options
        place = self._place(command)
        grace = 0 if options.force else 1 if options.now else None
        if options.grace_period:
            grace = int(options.grace_period)
        lines: list[str] = []
        gone: list[tuple[Kind, str]] = []
        for kind, names in self._chosen(command.rest):
            if not names and not (options.all or options.selector):
                raise KubectlError("error: resource(s) were provided, but no name was specified")
            found = names or [metadata.name(item) for item in self.client.list(kind, place, labels=options.selector)]
            for name in found:
                if options.ignore_not_found and self.client.find(kind, name, place) is None:
                    continue
                self.client.delete(kind, name, place, grace_seconds=grace)
                where = f" from {place} namespace" if kind.namespaced else ""
                group = f".{kind.group}" if kind.group else ""
                lines.append(f'{kind.singular}{group} "{name}" deleted{where}')
                gone.append((kind, name))
        if options.wait != "false":
            for kind, name in gone:
                self.wait_gone(kind, name, place)
        return Output("\n".join(lines) or "No resources found")

    def _apply(self, command: Command, stdin: str) -> Output:
        source = command.options.filename
        if not source:
            raise KubectlError(
                "error: must specify one of -f and -k", next_step="t.apply(…) takes the manifest's text."
            )
        place = self._place(command)
        objects = self.load(stdin if source == "-" else source, is_file=source != "-")
        return Output("\n".join(str(apply(self.client, obj, place)) for obj in objects))

    def _scale(self, command: Command, _stdin: str) -> Output:
        replicas = command.options.replicas
        if not replicas.isdigit():
            raise KubectlError(
                "error: The --replicas=COUNT flag is required, and COUNT must be greater than or equal to 0"
            )
        lines = []
        for kind, names in self._chosen(command.rest):
            for name in names:
                body = {"spec": {"replicas": int(replicas)}}
                self.client.patch(kind, name, body, self._place(command), subresource="scale")
                lines.append(f"{title(kind, name)} scaled")
        return Output("\n".join(lines))

    def _label(self, command: Command, _stdin: str) -> Output:
        """Also `annotate`, which is the same with another field."""
        fields = "labels" if command.verb == "label" else "annotations"
        pairs = [word for word in command.rest if "=" in word or word.endswith("-")]
        rest = [word for word in command.rest if word not in pairs]
        if not pairs:
            raise KubectlError(f"error: at least one {fields[:-1]} update is required")
        lines: list[str] = []
        for kind, names in self._chosen(rest):
            for name in names:
                lines += self._label_one(kind, name, pairs, command, fields)
        return Output("\n".join(lines))

    def _label_one(self, kind: Kind, name: str, pairs: list[str], command: Command, fields: str) -> list[str]:
        place = self._place(command)
        before: dict[str, str] = self.client.get(kind, name, place)["metadata"].get(fields) or {}
        patch: dict[str, str | None] = {}
        lines: list[str] = []
        for pair in pairs:
            key, equals, value = pair.partition("=")
            if equals:
                if before.get(key, value) != value and not command.options.overwrite:
                    raise KubectlError(f"error: '{key}' already has a value ({before[key]}), and --overwrite is false")
                patch[key] = value
            else:
                patch[key[:-1]] = None
                if key[:-1] not in before and fields == "labels":
                    lines.append(f'label "{key[:-1]}" not found.')
        after = {key: value for key, value in (before | patch).items() if value is not None}
        if after != before:
            self.client.patch(kind, name, {"metadata": {fields: patch}}, place)
        return [*lines, f"{title(kind, name)} {_outcome(command.verb, before, after, patch)}"]

    # ---- containers

    def _logs(self, command: Command, _stdin: str) -> Output:
        options = command.options
        if not command.rest:
            raise KubectlError("error: expected 'logs [-f] [-p] (POD | TYPE/NAME) [-c CONTAINER]'.")
        pod = command.rest[0].removeprefix("pod/").removeprefix("pods/")
        container = options.container or (command.rest[1] if len(command.rest) > 1 else "")
        output = Output()
        container = self._default_container(pod, command, container, output)
        wanted: dict[str, Json] = {"previous": options.previous or None, "timestamps": options.timestamps or None}
        if options.tail and options.tail != "-1":
            wanted["tailLines"] = int(options.tail)
        output.text = self.client.logs(pod, self._place(command), container, **wanted).removesuffix("\n")
        return output

    def _exec(self, command: Command, stdin: str) -> Output:
        if not command.rest or not command.command:
            raise KubectlError("error: you must specify at least one command for the container")
        pod = command.rest[0].removeprefix("pod/").removeprefix("pods/")
        output = Output()
        container = self._default_container(pod, command, command.options.container, output)
        path = self.client.kind("pods").path(self._place(command), pod, "exec")
        text = stdin if command.options.stdin else ""
        request = exec_request(path, command.command, container, stdin=bool(text))
        result = self.client.api.run(request, stdin=text.encode())
        output.text = result.stdout.removesuffix("\n")
        output.notes += result.stderr.splitlines()
        if result.code:
            message = f"command terminated with exit code {result.code}"
            if result.code < 0:
                message = f"error: {result.status.get('message', '')}"
            raise KubectlError("\n".join(part for part in (*output.notes, output.text, message) if part))
        return output

    def _default_container(self, pod: str, command: Command, container: str, output: Output) -> str:
        """The container meant when none is named: the first, and kubectl says so."""
        place = self._place(command)
        found = self.client.find("pods", pod, place)
        if found is None and command.verb == "logs":  # kubectl words this one differently
            raise KubectlError(f'error: error from server (NotFound): pods "{pod}" not found in namespace "{place}"')
        spec = (found or self.client.get("pods", pod, place))["spec"]
        names = [str(item["name"]) for item in (*spec["containers"], *spec.get("initContainers", ()))]
        listed = ", ".join(names)
        if container and container not in names:
            raise KubectlError(f"error: container {container} is not valid for pod {pod} out of: {listed}")
        if container or len(names) < 2:
            return container
        output.notes.append(f'Defaulted container "{names[0]}" out of: {listed}')
        return names[0]

    def _place(self, command: Command) -> str:
        return str(command.options.namespace) or self.namespace


def _outcome(verb: str, before: dict[str, str], after: dict[str, str], patch: dict[str, str | None]) -> str:
    if verb == "annotate":
        return "annotated"
    if before == after:
        return "not labeled"
    return "unlabeled" if all(value is None for value in patch.values()) else "labeled"
