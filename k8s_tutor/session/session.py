"""`Session`: one object through which a notebook talks to a cluster."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any

from k8s_tutor.api.client import Client
from k8s_tutor.errors import UsageError
from k8s_tutor.session import goals
from k8s_tutor.session.catalog import Lesson
from k8s_tutor.session.catalog import lesson as lesson_named
from k8s_tutor.session.containers import chosen_container, run_command
from k8s_tutor.session.pictures import Pictures
from k8s_tutor.session.served import to_be_served, wait_served
from k8s_tutor.session.serving import ServingWaiter, wanted_pods
from k8s_tutor.session.shown import Shown, Text
from k8s_tutor.session.stopping import stoppable
from k8s_tutor.session.targets import Target, must_exist, target
from k8s_tutor.session.waiting import Waiter, must_be_seconds, seconds

if TYPE_CHECKING:  # brought in by the first call that needs them: connecting stays quick
    from k8s_tutor.cluster.protocol import Cluster
    from k8s_tutor.exercises.task import Task
    from k8s_tutor.exercises.trial import Answer
    from k8s_tutor.exercises.verdict import Verdict
    from k8s_tutor.kubectl.builtin import Builtin
    from k8s_tutor.kubectl.real import Real
    from k8s_tutor.objects.kinds import Kind
    from k8s_tutor.objects.types import Obj
    from k8s_tutor.render.picture import Picture
    from k8s_tutor.session.eventlist import EventTable
    from k8s_tutor.session.exercising import Exercises
    from k8s_tutor.session.ground import Ground
    from k8s_tutor.session.life import Life
    from k8s_tutor.session.places import Place, Places
    from k8s_tutor.session.sources import Source
    from k8s_tutor.session.steps import Steps
    from k8s_tutor.session.traffic import Senders, ShownTraffic

__all__ = ["Session"]

_GONE_WITHIN = 120.0  # seconds of the cluster's time; the longest usual grace period is 30


@stoppable
class Session:
    """A cluster, a namespace, and the things a lesson does with them.

    References are words: `pod/web`, `deploy/web`; a bare name is a pod's.

    Attributes:
        cluster: The cluster behind it.
        client: The verbs of the API, for programs.
        namespace: Where everything happens; a lesson has its own.
    """

    def __init__(self, cluster: Cluster, *, say: Callable[[str], None] = print) -> None:
        self.cluster = cluster
        self.client = Client(cluster.api, on_warning=lambda text: say(f"Warning: {text}"))
        self.namespace = "default"
        self._say = say
        self._lesson: Lesson | None = None
        self._clients: dict[str, Senders] = {}
        self._pictures = Pictures(self.client, cluster.clock)

    def __repr__(self) -> str:
        return f"<Session on {self.cluster.title}, namespace {self.namespace}>"

    # ---- where

    def lesson(self, name: str) -> None:
        """Brings the cluster to the state a lesson starts from: a namespace of its own, empty. Safe to run twice.

        Raises:
            UsageError: no such lesson, or somebody else's namespace has its name.
        """
        self._lesson = lesson_named(name)
        self._places.forget()
        self.namespace = self.client.namespace = self._lesson.namespace
        self._say(f"Lesson {self._lesson.title}: {_prepared(self.namespace, self._ground().prepare())}")

    def reset(self) -> None:
        """Empties the lesson's namespace again: back to its start.

        Raises:
            UsageError: no lesson has begun; other namespaces are not ours to empty.
        """
        self._say(_prepared(self.namespace, self._ground().prepare()).capitalize())

    def leave(self) -> None:
        """Ends the lesson: removes its namespace and everything in it."""
        ground = self._ground()
        ground.remove()
        self._say(f"Namespace {self.namespace} and everything in it is gone.")
        self._lesson = None
        self.namespace = self.client.namespace = "default"

    def close(self) -> None:
        """Lets go of the cluster: live pictures, threads, sockets. A kind cluster stays for the next time."""
        while self._clients:
            self._clients.popitem()[1].remove()
        self._pictures.close()
        self.cluster.close()

    # ---- objects

    def apply(self, source: Source) -> None:
        """Makes the cluster hold what a manifest says, and prints what that did, as kubectl does.

        Args:
            source: YAML or JSON text, a dict, a list of dicts, or a file.

        Raises:
            ManifestError: the manifest is faulty; with line and column where they are known.
            CannotChange: the name is taken by something that cannot be changed into this.
            StatusError: the API server refused.
        """
        from k8s_tutor.kubectl.applying import apply  # noqa: PLC0415
        from k8s_tutor.session.sources import objects_of  # noqa: PLC0415

        for obj in objects_of(source):
            self._say(str(apply(self.client, obj, self.namespace)))

    def get(self, ref: str) -> Shown:
        """An object as the API server has it: a dict that a notebook shows as YAML.

        Raises:
            UsageError: there is none; the message names the nearest.
        """
        return Shown(must_exist(self.client, self._target(ref)))

    def objects(self, kind: str, labels: str = "") -> list[Shown]:
        """The objects of a kind, the oldest first, as pictures show them.

        Args:
            kind: `pods`, `nodes`.
            labels: Only those with these: `app=web`.
        """
        from k8s_tutor.observe.snapshot import Snapshot  # noqa: PLC0415

        chosen = self.client.kind(kind)
        found = self.client.list(chosen, self.namespace if chosen.namespaced else "", labels=labels)
        return [Shown(obj) for obj in Snapshot(found).objects]

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
        must_exist(self.client, wanted)
        self.client.delete(wanted.kind, wanted.name, wanted.namespace, grace_seconds=0 if now else None)
        _, took = self._waiter(wanted, "deleted").wait(_GONE_WITHIN)
        self._say(f"{wanted} deleted after {seconds(took)}")

    def wait(self, ref: str, what: goals.What | None = None, timeout: float = 60, *, timed: bool = True) -> None:
        """Waits, by watching, until an object is as wanted.

        Args:
            ref: `pod/web`.
            what: A condition (`Ready`, `Ready=False`), a phase (`Succeeded`), a reason (`CrashLoopBackOff`),
                `deleted`, `exists`, or a function from object to bool; of a Service also `3 ready pods` and `address`.
                None: what one usually waits for, a Pod to be `Ready`, a Deployment to be `Available`.
            timeout: Seconds of the cluster's time.
            timed: Say how long it took; where another program does the work that depends on this computer.

        Raises:
            WaitTimeout: it was not; says what was seen last.
            UsageError: no such object, or a misspelt goal.
            Cancelled: Ctrl-C.
        """
        wanted = self._target(ref)
        must_be_seconds(timeout)
        what = goals.usual(wanted.kind.kind) if what is None else what
        if (pods := wanted_pods(wanted, what)) is not None:
            serving = ServingWaiter(self.client, self.cluster.clock, wanted, pods)
            words, took = serving.words, serving.wait(timeout)
        else:
            waiter = self._waiter(wanted, what)
            words, (found, took) = waiter.goal.words, waiter.wait(timeout)
            if found is not None and to_be_served(wanted, waiter.goal):
                took += wait_served(self.client, self.cluster.clock, found, timeout - took)
        self._say(f"{wanted} is {words}" + (f" (after {seconds(took)})" if timed else ""))

    # ---- looking

    def graph(self, focus: str = "", lens: str = "default") -> Picture:
        """A picture of the namespace, or of one object and what belongs to it.

        Args:
            focus: `pod/web`; empty for the whole namespace.
            lens: What to look at.
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
        self, ref: str, requests: int = 60, path: str = "/", *, port: int | str | None = None, **how: Any
    ) -> ShownTraffic:
        """Sends HTTP requests from a Pod inside the cluster, and shows who answered.

        Args:
            ref: `svc/web`, or `pod/web`.
            requests: How many, one after the other.
            path: What is asked for.
            port: The Service's port, by number or name; by default its first.
            **how: `via="loadbalancer"`, `"service"` or `"nodeport"`: the way in; by default the load balancer's
                address where there is one. `via="host"`: to that address from this computer. `clients=3`: so many
                Pods share the requests.

        Raises:
            UsageError: there is no such Service, way or port.
            WaitTimeout: the client Pod does not start.
        """
        from k8s_tutor.session.routes import route  # noqa: PLC0415

        via = str(how.pop("via", ""))
        way = route(self.client, self._target(ref), path, port=port, via=via, outside=self._outside)
        return self._senders().send(way, requests, **how)

    def steps(self, ref: str, controller: str = "") -> Steps:
        """Records what a controller of yours observes, analyses and does; see `Steps` for how it says so.

        Args:
            ref: What it looks after: `etcdcluster/db`.
            controller: One of the cluster's own, `replicaset-controller`: what that did so far, where the cluster
                tells (the embedded one does).

        Raises:
            UsageError: this cluster does not tell.
        """
        from k8s_tutor.session.steps import Steps, runs_of  # noqa: PLC0415

        wanted = self._target(ref)
        runs = runs_of(self.cluster, controller, wanted) if controller else ()
        return Steps(f"{wanted.kind.kind} {wanted.name}", runs)

    def events(self, ref: str = "") -> EventTable:
        """What happened, oldest first: in the namespace, or to one object."""
        from k8s_tutor.session.eventlist import EventTable, collect, rows  # noqa: PLC0415

        about = self._target(ref) if ref else None
        found = collect(self.client, self.cluster.clock, self.namespace, about)
        if about is not None and not found:
            must_exist(self.client, about)
        return EventTable(rows(found), about=str(about) if about else "")

    def life(self, ref: str) -> Life:
        """Records what an object goes through; `with t.life("pod/web"):` shows it as a picture at the end."""
        from k8s_tutor.session.life import Life  # noqa: PLC0415

        return Life(self.client, self.cluster.clock, self._target(ref))

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
        chosen = chosen_container(must_exist(self.client, pod), container)
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
        chosen = chosen_container(must_exist(self.client, pod), container)
        return Text(run_command(self.client, pod, command, chosen, timeout))

    def kubectl(self, line: str, stdin: str = "") -> Text:
        """Runs a kubectl command: the real one if it is installed, else a built-in subset that prints the same.

        Args:
            line: Without the word kubectl: `get pods -o wide`.
            stdin: For `apply -f -`.

        Raises:
            KubectlError: it failed, with what kubectl said; or only the real kubectl can do it.
        """
        output = self._kubectl().run(line, stdin)
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
        from k8s_tutor.session.urls import url_of  # noqa: PLC0415

        return Text(url_of(self.client, self.cluster.load_balancers, self._target(ref), port))

    # ---- exercises

    def exercise(self, name: str) -> Task:
        """Brings about the state an exercise starts from, and says its task. Run it again to start over.

        Raises:
            UsageError: no such exercise.
        """
        from k8s_tutor.exercises.catalog import exercise  # noqa: PLC0415
        from k8s_tutor.exercises.task import Task  # noqa: PLC0415
        from k8s_tutor.session.starting import Beginner  # noqa: PLC0415

        chosen = exercise(name)
        self._places.forget(name)
        if chosen.load_balancers:
            self.cluster.load_balancers.switch(on=True)
        Beginner(self.client, self.cluster.clock, self.namespace).begin(chosen)
        return Task(chosen.id, chosen.title, chosen.task)

    def check(self, name: str) -> Verdict:
        """The verdict on an exercise: solved, not yet, not attempted yet, or cannot tell.

        Raises:
            UsageError: no such exercise.
        """
        return self._exercises.check(name, self.namespace, self._places.functions)

    def place(self, name: str) -> Callable[[Answer], Place]:
        """Marks a function as the answer to an exercise; `t.check` tries it out, the lesson's own code calls it.

            @t.place("operators-1")
            def is_alive(pod):
                return ...

        As long as it returns the three dots it came with, the course's own answer stands in for it.

        Raises:
            UsageError: no such exercise, or one that does not ask for a function.
        """
        return self._places.mark(name)

    def hint(self, name: str) -> Text:
        """The next hint of an exercise.

        Raises:
            UsageError: no such exercise.
        """
        return self._exercises.hint(name)

    def solution(self, name: str) -> Text:
        """A solution, once the exercise was tried.

        Raises:
            UsageError: no such exercise.
        """
        return self._exercises.solution(name)

    # ---- inside

    @cached_property
    def _places(self) -> Places:
        from k8s_tutor.exercises.scene import Scene  # noqa: PLC0415
        from k8s_tutor.session.places import Places  # noqa: PLC0415

        return Places(lambda chosen, functions: chosen.judge(Scene(self.client, self.namespace, functions)), self._say)

    @cached_property
    def _exercises(self) -> Exercises:
        from k8s_tutor.cluster.state import state_dir  # noqa: PLC0415
        from k8s_tutor.exercises.progress import Progress  # noqa: PLC0415
        from k8s_tutor.session.exercising import Exercises  # noqa: PLC0415

        return Exercises(self.client, self.cluster.clock, Progress(state_dir() / "progress.json"))

    def _outside(self, service: Obj, port: int) -> str:
        return self.cluster.load_balancers.url(service, port)

    def _senders(self) -> Senders:
        from k8s_tutor.session.traffic import Senders  # noqa: PLC0415

        return self._clients.setdefault(self.namespace, Senders(self.client, self.cluster.clock, self.namespace))

    def _ground(self) -> Ground:
        from k8s_tutor.session.ground import Ground  # noqa: PLC0415

        if self._lesson is None:
            raise UsageError(
                "No lesson has begun.",
                why="Only a lesson's own namespace is ours to empty.",
                next_step='Begin one: t.lesson("pods").',
            )
        return Ground(self.client, self.cluster.clock, self.namespace, self._lesson.definitions)

    def _target(self, ref: str) -> Target:
        return target(self.client, ref, self.namespace)

    def _focus(self, ref: str) -> str:
        """The reference as pictures take it; what does not exist is drawn as missing."""
        return str(self._target(ref)) if ref else ""

    def _waiter(self, wanted: Target, what: goals.What) -> Waiter:
        return Waiter(self.client, self.cluster.clock, wanted, goals.goal(what))

    def _wait_gone(self, kind: Kind, name: str, namespace: str) -> None:
        self._waiter(Target(kind, name, namespace), "deleted").wait(_GONE_WITHIN)

    def _kubectl(self) -> Real | Builtin:
        from k8s_tutor.kubectl.real import Real, find_kubectl  # noqa: PLC0415

        program = find_kubectl()
        if program:
            from k8s_tutor.cluster.kubeconfig import cache_for  # noqa: PLC0415

            config = self.cluster.kubeconfig
            return Real(program, config, self.cluster.context, self.namespace, cache_for(config))
        from k8s_tutor.kubectl.builtin import Builtin  # noqa: PLC0415
        from k8s_tutor.session.sources import read  # noqa: PLC0415

        return Builtin(self.client, self.namespace, read, self._wait_gone)


def _prepared(namespace: str, removed: int) -> str:
    if not removed:
        return f"namespace {namespace} is ready and empty."
    things = "object" if removed == 1 else "objects"
    return f"namespace {namespace} is ready and empty again ({removed} {things} removed)."
