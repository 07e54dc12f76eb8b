"""`ClusterSession`: what a notebook does with a cluster, in the words of a person."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property, partial
from typing import TYPE_CHECKING

from k8s_tutor.api.applying import apply
from k8s_tutor.language import Wording, msg
from k8s_tutor.session import targets
from k8s_tutor.session.belongings import OwnedClient
from k8s_tutor.session.calls import answer_politely
from k8s_tutor.session.display import EventTable, Text, YamlDict, tell_events
from k8s_tutor.session.pacing import TimedSession
from k8s_tutor.session.targets import ManifestSource, Target, find_target, require_object
from k8s_tutor.session.wait_conditions import What, format_seconds
from k8s_tutor.session.waiting import wait_for, wait_gone

if TYPE_CHECKING:  # brought in by the first call that needs them: connecting stays quick
    from k8s_tutor.api.cluster import Cluster
    from k8s_tutor.kubectl.builtin import Builtin, Real
    from k8s_tutor.objects.kinds import Kind
    from k8s_tutor.render.explanation import ExplanationCards
    from k8s_tutor.render.picture import Picture
    from k8s_tutor.render.placement_table import PlacementTable
    from k8s_tutor.session.pictures import Pictures, TimelineRecorder
    from k8s_tutor.session.steps import Steps
    from k8s_tutor.session.traffic_senders import Senders, TrafficResult

__all__ = ["ClusterSession"]

_GONE_WITHIN = 120.0  # seconds of the cluster's time; the longest usual grace period is 30


@answer_politely
class ClusterSession(TimedSession):
    """A cluster, a namespace, and what one does there: objects, pictures, containers, requests from outside.

    References are words: `pod/web`, `deploy/web`; a bare name is a pod's.

    Attributes:
        cluster: The cluster behind it.
        client: The verbs of the API, for programs.
        namespace: Where everything happens; a lesson has its own.
    """

    def __init__(self, cluster: Cluster, *, say: Callable[[str], None] = print) -> None:
        self.cluster = cluster
        self.client = OwnedClient(cluster.api, on_warning=lambda text: say(str(msg("Warning: {text}", text=text))))
        self.namespace = self.client.namespace = cluster.namespace
        self._tell = say
        self._clients: dict[str, Senders] = {}

    def __repr__(self) -> str:
        return str(
            msg("<Session on {title}, namespace {namespace}>", title=self.cluster.title, namespace=self.namespace)
        )

    def close(self) -> None:
        """Lets go of the cluster: live pictures, threads, sockets. A kind cluster stays for the next time."""
        while self._clients:
            self._clients.popitem()[1].remove()
        if "_pictures" in vars(self):
            self._pictures.close()
        self.cluster.close()

    @cached_property
    def _pictures(self) -> Pictures:
        from k8s_tutor.session.pictures import Pictures  # noqa: PLC0415

        return Pictures(self.client, self.cluster.clock)

    # ---- objects

    def apply(self, source: ManifestSource) -> None:
        """Makes the cluster hold what a manifest says, and prints what that did, as kubectl does.

        Args:
            source: YAML or JSON text, a dict, a list of dicts, or a file.

        Raises:
            ManifestError: the manifest is faulty; with line and column where they are known.
            CannotChange: the name is taken by something that cannot be changed into this.
            StatusError: the API server refused.
        """
        objects = targets.read_objects(source, self.client.refresh_kinds)
        self._about_to_act()
        for obj in objects:
            self._say(str(apply(self.client, obj, self.namespace)))

    def get(self, ref: str) -> YamlDict:
        """An object as the API server has it: a dict that a notebook shows as YAML.

        Raises:
            UsageError: there is none; the message names the nearest.
        """
        return YamlDict(require_object(self.client, self._target(ref)))

    def objects(self, kind: str, labels: str = "") -> list[YamlDict]:
        """The objects of a kind, the oldest first, as pictures show them.

        Args:
            kind: `pods`, `nodes`.
            labels: Only those with these: `app=web`.
        """
        from k8s_tutor.observe.snapshot import Snapshot  # noqa: PLC0415

        chosen = self.client.kind(kind)
        found = self.client.list(chosen, self.namespace if chosen.namespaced else "", labels=labels)
        return [YamlDict(obj) for obj in Snapshot(found).objects]

    def delete(self, ref: str, *, now: bool = False) -> None:
        """Deletes an object and waits until it is gone.

        Args:
            ref: `pod/web`.
            now: Do not give it time to end by itself.

        Raises:
            UsageError: there is none.
            WaitTimeout: it does not go: something holds it.
        """
        wanted = self._target(ref)
        require_object(self.client, wanted)
        self._about_to_act()
        self.client.delete(wanted.kind, wanted.name, wanted.namespace, grace_seconds=0 if now else None)
        took = self._wait_gone(wanted.kind, wanted.name, wanted.namespace)
        self._say(msg("{target} deleted after {seconds}", target=wanted, seconds=format_seconds(took)))

    def wait(self, ref: str, what: What | None = None, timeout: float = 60, *, timed: bool = True) -> None:
        """Waits, by watching, until an object is as wanted.

        Args:
            ref: `pod/web`.
            what: A condition (`Ready`, `Ready=False`), a phase (`Succeeded`), a reason (`CrashLoopBackOff`),
                `deleted`, `exists`, or a function from object to bool; of a Service also `3 ready pods` and `address`,
                of a Deployment `rolled out` and (as of a ReplicaSet) `3 of 5 pods ready`.
                None: what one usually waits for, a Pod to be `Ready`, a Deployment to be `Available`.
            timeout: Seconds of the cluster's time.
            timed: Say how long it took; where another program does the work that depends on this computer.

        Raises:
            WaitTimeout: it was not; says what was seen last.
            UsageError: no such object, or a misspelt goal.
            Cancelled: Ctrl-C.
        """
        wanted = self._target(ref)
        words, took = wait_for(self.client, self.cluster.clock, wanted, what, timeout)
        if timed:
            seconds = format_seconds(took)
            self._say(msg("{target} is {words} (after {seconds})", target=wanted, words=words, seconds=seconds))
        else:
            self._say(msg("{target} is {words}", target=wanted, words=words))

    def switch_node(self, ref: str, *, on: bool) -> None:
        """Switches a machine off, as if its plug were pulled, or on again: of the embedded cluster, or our kind one.

        Args:
            ref: `node/k8s-tutor-worker`.
            on: False makes it fall silent: nothing on it goes on. True also brings back one whose Node was deleted.

        Raises:
            UsageError: there is no such node, or this cluster's machines are not ours to switch.
        """
        from k8s_tutor.session.pictures import switch  # noqa: PLC0415

        wanted = self._target(ref)
        if not on:
            require_object(self.client, wanted)
        self._say(str(switch(self.cluster, wanted, on=on)))

    # ---- looking

    def graph(self, focus: str = "", lens: str = "default") -> Picture:
        """A picture of the namespace, or of one object and what belongs to it.

        Args:
            focus: `pod/web`; empty for the whole namespace.
            lens: What to look at: `traffic`, `ownership`, `rollout` …; see docs/lenses.md.
        """
        shown = self._focus(focus)  # first: it may be of a kind not met before
        return self._pictures.draw(self.namespace, shown, lens)

    def watch(self, focus: str = "", lens: str = "default") -> object:
        """The same picture, alive: it follows the cluster until the notebook is closed.

        Args:
            focus: `pod/web`; empty for the whole namespace.
            lens: What to look at.
        """
        return self._pictures.follow(self.namespace, self._focus(focus), lens)

    def traffic(
        self,
        ref: str,
        requests: int = 60,
        path: str = "/",
        *,
        port: int | str | None = None,
        via: str = "",
        clients: int = 1,
    ) -> TrafficResult:
        """Sends HTTP requests from a Pod inside the cluster, and shows who answered.

        Args:
            ref: `svc/web`, or `pod/web`.
            requests: How many, one after the other.
            path: What is asked for.
            port: The Service's port, by number or name; by default its first.
            via: The way in, `loadbalancer`, `service` or `nodeport`; by default the load balancer's address where
                there is one. `host`: to that address from this computer.
            clients: So many Pods share the requests.

        Raises:
            UsageError: there is no such Service, way or port.
            WaitTimeout: the client Pod does not start.
        """
        from k8s_tutor.session.traffic_routes import find_route  # noqa: PLC0415

        outside = self.cluster.load_balancers.url
        way = find_route(self.client, self._target(ref), path, port=port, via=via, outside=outside)
        self._about_to_act()
        return self._senders().send(way, requests, clients)

    def steps(self, ref: str, controller: str = "") -> Steps:
        """Records what a controller of yours observes, analyses and does; see `Steps` for how it says so.

        Args:
            ref: What it looks after: `etcdcluster/db`.
            controller: One of the cluster's own, `replicaset-controller`: what that did so far, where the cluster
                tells (the embedded one does).

        Raises:
            UsageError: this cluster does not tell.
        """
        from k8s_tutor.session.steps import Steps, read_runs  # noqa: PLC0415

        wanted = self._target(ref)
        runs = read_runs(self.cluster, controller, wanted) if controller else ()
        return Steps(f"{wanted.kind.kind} {wanted.name}", runs)

    def events(self, ref: str = "") -> EventTable:
        """What happened, oldest first: in the namespace, or to one object."""
        return tell_events(self.client, self.cluster.clock, self.namespace, self._target(ref) if ref else None)

    def explain(self, ref: str, other: str = "") -> ExplanationCards:
        """Why an object is as it is: the chain of evidence, field by field, and the command to type next.

        Args:
            ref: `pod/web`; what does not exist is explained, too.
            other: A second object: why there is a line between the two, or none.
        """
        from k8s_tutor.session.pictures import explained  # noqa: PLC0415

        asked = [str(self._target(name)) for name in (ref, other) if name]
        return explained(self.client, self.cluster.clock, self.namespace, *asked)

    def placement(self, ref: str, attempt: int = 0) -> PlacementTable:
        """Why a Pod is on its node: nodes, what each filter said of them, how they were scored.

        From the scheduler's own record, where the cluster keeps one (the embedded one does). A real scheduler keeps its
        scores to itself: there the filters are recomputed from what the API shows, and the table says so.

        Args:
            ref: `pod/web`.
            attempt: Which attempt to place it, from 1; by default the last.

        Raises:
            UsageError: it is no Pod, or there is none.
        """
        from k8s_tutor.session.pictures import placement_of  # noqa: PLC0415

        return placement_of(self.cluster, self.client, self._target(ref), attempt)

    def timeline(self, ref: str) -> TimelineRecorder:
        """Records what an object goes through; `with t.timeline("pod/web"):` shows it as a picture at the end."""
        from k8s_tutor.session.pictures import TimelineRecorder  # noqa: PLC0415

        return TimelineRecorder(self.client, self.cluster.clock, self._target(ref))

    # ---- containers

    def logs(self, ref: str, container: str = "", *, previous: bool = False, tail: int | None = None) -> Text:
        """What a container has printed.

        Args:
            ref: `pod/web`.
            container: Which one, where a pod has several.
            previous: Of the run before the last restart.
            tail: Only the last so many lines.

        Raises:
            UsageError: no such pod, or several containers and none named.
            StatusError: there is no log (yet).
        """
        pod = self._target(ref)
        chosen = targets.choose_container(require_object(self.client, pod), container)
        options = {"previous": previous or None, "tailLines": tail}
        return Text(self.client.logs(pod.name, pod.namespace, chosen, **options))

    def exec(self, ref: str, command: str | list[str], container: str = "", *, timeout: float = 30) -> Text:
        """Runs a command in a running container and returns what it printed.

        Args:
            ref: `pod/web`.
            command: A line, split at spaces as a shell would; or a list of words.
            container: Which one, where a pod has several.
            timeout: Seconds of the cluster's time.

        Raises:
            UsageError: no such pod, or several containers and none named.
            TutorError: the command failed; with its exit code and what it said.
        """
        pod = self._target(ref)
        chosen = targets.choose_container(require_object(self.client, pod), container)
        return Text(targets.run_command(self.client, pod, command, chosen, timeout))

    def kubectl(self, line: str, stdin: str = "") -> Text:
        """Runs a kubectl command: the real one if it is installed, else a built-in subset that prints the same.

        Args:
            line: Without the word kubectl: `get pods -o wide`.
            stdin: For `apply -f -`.

        Raises:
            KubectlError: it failed, with what kubectl said; or only the real kubectl can do it.
        """
        from k8s_tutor.kubectl.builtin import run_line  # noqa: PLC0415
        from k8s_tutor.session.belongings import is_elsewhere, mark_made, writes  # noqa: PLC0415

        if writes(line) and not is_elsewhere(line):
            self._about_to_act()
        output = run_line(self._kubectl(), line, stdin)
        if unmarked := mark_made(self.client, line, output.text):
            output.notes.append(str(unmarked))
        if not output.text:
            return Text("\n".join(output.notes))
        for note in output.notes:
            self._say(note)
        return Text(output.text)

    # ---- from outside

    def load_balancers(self, *, on: bool = True) -> None:
        """Sees to it that Services of type LoadBalancer get addresses, or that they stay `<pending>`.

        On kind this installs and removes MetalLB; on the embedded cluster it switches a simulated cloud; a cluster
        that is not ours stays as it is. Safe to run twice.

        Args:
            on: False takes all addresses back.

        Raises:
            ClusterUnavailable: it does not come about; says why.
        """
        self._say(self.cluster.load_balancers.switch(on=on))

    def url(self, ref: str, port: int | str | None = None) -> Text:
        """The URL at which a browser on this machine reaches a Service of type LoadBalancer.

        Args:
            ref: `svc/web`.
            port: One of its ports, by number or name; its first by default.

        Raises:
            UsageError: it has no address yet, or this machine cannot reach it.
        """
        from k8s_tutor.session.traffic_routes import find_url  # noqa: PLC0415

        return Text(find_url(self.client, self.cluster.load_balancers, self._target(ref), port))

    # ---- inside

    def _say(self, words: Wording) -> None:
        self._tell(str(words))

    def _about_to_act(self) -> None:
        """Before something is done to the cluster; a session of lessons says so where it is in none."""

    def _senders(self) -> Senders:
        from k8s_tutor.session.traffic_senders import Senders  # noqa: PLC0415

        return self._clients.setdefault(self.namespace, Senders(self.client, self.cluster.clock, self.namespace))

    def _target(self, ref: str) -> Target:
        return find_target(self.client, ref, self.namespace)

    def _focus(self, ref: str) -> str:  # what does not exist is drawn as missing
        return str(self._target(ref)) if ref else ""

    def _wait_gone(self, kind: Kind, name: str, namespace: str) -> float:
        return wait_gone(self.client, self.cluster.clock, Target(kind, name, namespace), _GONE_WITHIN)

    def _kubectl(self) -> Real | Builtin:
        from k8s_tutor.kubectl.builtin import Builtin, choose_kubectl  # noqa: PLC0415

        load = partial(targets.read_manifest, kinds=self.client.refresh_kinds)
        builtin = Builtin(self.client, self.namespace, load, self._wait_gone, self.cluster.clock)
        return choose_kubectl(builtin, self.cluster.kubeconfig, self.cluster.context)
