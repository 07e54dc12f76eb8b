"""`Session`: one object through which a notebook talks to a cluster."""

from __future__ import annotations

import copy
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING

from k8s_tutor.api.cluster import Feature
from k8s_tutor.course.catalog import find_lesson
from k8s_tutor.course.finding import list_images
from k8s_tutor.errors import UsageError
from k8s_tutor.language import msg
from k8s_tutor.language.choice import use_language
from k8s_tutor.session.calls import answer_politely, well_called
from k8s_tutor.session.cluster_session import ClusterSession
from k8s_tutor.session.display import Text, tell_images
from k8s_tutor.session.learner import NOBODY, Learner, introduce, who_learns
from k8s_tutor.session.pacing import offer_to_resume
from k8s_tutor.session.playground import PlayingSession
from k8s_tutor.session.whereabouts import Whereabouts
from k8s_tutor.state import require_language

if TYPE_CHECKING:  # brought in by the first call that needs them: connecting stays quick
    from k8s_tutor.api.cluster import Cluster
    from k8s_tutor.course.progress import Progress
    from k8s_tutor.course.way import Way
    from k8s_tutor.exercises.calling import LearnerFunction
    from k8s_tutor.exercises.exercise import Answer, Exercise
    from k8s_tutor.exercises.verdict import Task, Verdict
    from k8s_tutor.render.live import BetCard
    from k8s_tutor.session.answering import AnswerCell, AnswerCells, Guesses
    from k8s_tutor.session.clinic import Debrief, Desk
    from k8s_tutor.session.exercising import Exercises
    from k8s_tutor.session.guide import Guide
    from k8s_tutor.session.own_images import OwnImage
    from k8s_tutor.session.sheet import Sheet

__all__ = ["Session", "connect", "require_session"]

_CLINIC = "clinic"  # what its case is called where an exercise has its id


@answer_politely
class Session(PlayingSession):
    """A cluster, a namespace, and a lesson with its exercises: what a lesson's cells call `t`."""

    def __init__(self, cluster: Cluster, learner: Learner = NOBODY, *, say: Callable[[str], None] = print) -> None:
        super().__init__(cluster, say=say)
        self.learner = learner
        self._whereabouts = Whereabouts(self.client, cluster, learner, say)

    def close(self) -> None:
        """Lets go of the cluster: live pictures, threads, sockets. A kind cluster stays for the next time."""
        self._whereabouts.close()
        super().close()

    # ---- lesson

    def lesson(self, name: str) -> None:
        """Brings the cluster to the state a lesson starts from: a namespace of its own, empty. Safe to run twice.

        Its name carries the learner, where one is named or others use the cluster, too. Who may not create namespaces
        has it in the context's own, where only what the lesson has made is touched.

        Raises:
            UsageError: no such lesson, or somebody else's namespace has its name.
        """
        lesson = find_lesson(name)
        self._places.forget()
        self._whereabouts.begin(lesson)
        self.namespace = self.client.namespace
        self._guide.begin(lesson)

    def reset(self) -> None:
        """Empties the lesson's namespace again: back to its start.

        Raises:
            UsageError: no lesson has begun; other namespaces are not ours to empty.
        """
        (self._desk.restart if self._whereabouts.visiting == _CLINIC else self._whereabouts.reset)()

    def leave(self) -> None:
        """Ends the lesson: removes its namespace and everything in it; then the session is in no lesson.

        Where the namespace is not the lesson's own, only what it has made goes. From the clinic and the playground it
        leads back to the lesson one was in.

        Raises:
            UsageError: no lesson has begun.
        """
        if (visiting := self._whereabouts.visiting) == _CLINIC:
            self._desk.release()
        self._whereabouts.leave()
        self.namespace = self.client.namespace
        if not visiting:
            self._guide.leave()

    def sign_in(self, token: str) -> ClusterSession:
        """The same namespace as somebody else sees it, with that one's rights and no others.

            robot = t.sign_in(token)
            robot.objects("pods")       # 403, unless the account may list Pods

        Args:
            token: A service account's.
        """
        from k8s_tutor.cluster.context import sign_in  # noqa: PLC0415

        other = ClusterSession(self.cluster, say=self._tell)
        other.client, other.namespace = copy.copy(self.client), self.namespace
        other.client.api = sign_in(self.cluster, token)
        return other

    def picture(self, name: str) -> None:
        """Shows one of the drawings that the lesson brings along, in the reader's language.

        Raises:
            UsageError: no lesson has begun, or it has no such drawing.
        """
        from k8s_tutor.session.pictures import show_drawing  # noqa: PLC0415

        show_drawing(self._whereabouts.required_lesson(), name)

    # ---- exercises

    def exercise(self, name: str) -> Task:
        """Brings about the state an exercise starts from, and says its task. Run it again to start over.

        Raises:
            UsageError: no such exercise, no lesson has begun, or something not the lesson's has a name it needs.
        """
        from k8s_tutor.exercises.verdict import Task  # noqa: PLC0415
        from k8s_tutor.session.exercising import Beginner  # noqa: PLC0415

        if name == _CLINIC:
            return self._desk.restart()
        chosen = self._find_exercise(name)
        self._places.forget(name)
        if chosen.load_balancers:
            self.cluster.load_balancers.switch(on=True)
        Beginner(self.client, self.cluster.clock, self._whereabouts.required()).begin(chosen)
        self._exercises.record_start(name, self.namespace)
        return Task(chosen.id, chosen.title, chosen.task)

    def check(self, name: str) -> Verdict:
        """The verdict on an exercise: solved, not yet, not attempted yet, or cannot tell.

        Raises:
            UsageError: no such exercise.
        """
        self._about_to_act()
        if name == _CLINIC:
            return self._desk.check()
        return self._exercises.check(name, self.namespace, self._places.functions)

    def place(self, name: str) -> Callable[[LearnerFunction], AnswerCell]:
        """Marks a function as the answer to an exercise; `t.check` tries it out, the lesson's own code calls it.

            @t.place("operators-1")
            def is_alive(pod):
                return ...

        As long as it returns the three dots it came with, the course's own answer stands in for it.

        Raises:
            UsageError: no such exercise, or it asks for no function.
        """
        return self._places.mark(name)

    def image(self, name: str, *, port: int = 8080, elsewhere: str = "") -> Callable[[LearnerFunction], OwnImage]:
        """Makes an image of a function, and brings it onto the nodes, as `kind load docker-image` would.

            @t.image("shop:1")
            def shop(request):
                print(request.method, request.path)       # goes to the container's log
                return {"hostname": request.pod, "menu": "tea"}

        Each request to the container calls it, and may take two seconds. `request` has `method`, `path`, `query`,
        `headers`, `body`, `env`, `pod`, and `memory`, a dict that lives as long as the container. It returns a text or
        a dict, or `(404, "no such page")`; an exception is a line of the log and a 500, `exit(1)` ends the container.
        It is no place for `t` itself: the cluster waits for its answer.

        Args:
            name: With a tag.
            port: Where its containers listen.
            elsewhere: What stands in where containers are real (kind), and nodes have no image of this name.

        Raises:
            UsageError: the name, the port or the function cannot be.
        """
        from k8s_tutor.session.own_images import make_image  # noqa: PLC0415

        return make_image(self.cluster, self.client, name, port, elsewhere, self._say)

    def images(self) -> Text:
        """The images that run here: simulated ones, stand-ins that say so; on a real cluster what its nodes have."""
        return Text(tell_images(self.cluster, self.client))

    def hint(self, name: str) -> Text:
        """The next hint of an exercise.

        Raises:
            UsageError: no such exercise.
        """
        return self._desk.hint() if name == _CLINIC else self._exercises.hint(name, self.namespace)

    def solution(self, name: str) -> Text:
        """A solution, once the exercise was tried.

        Raises:
            UsageError: no such exercise.
        """
        return self._desk.solution() if name == _CLINIC else self._exercises.solution(name)

    def clinic(
        self, level: int | None = None, seed: int | None = None, *, course: str = "", give_up: bool = False
    ) -> Task | Debrief:
        """Breaks a healthy application for you to mend, in a namespace of its own; or shows the case that is open.

        `t.check("clinic")` says whether it is well, `t.hint("clinic")` helps; `t.leave()` tidies up.

        Args:
            level: 1 for one fault, 2 for two, 3 for three of which one hides; by default that of the case before.
            seed: The same seed breaks the same things; by default another each time, and what you have missed
                comes back.
            course: Whose clinic; by default the first that has one.
            give_up: Close the case that is open, and say what it was.

        Raises:
            UsageError: no such level; another case is open; or none, to be given up.
        """
        shown = self._desk.give_up() if give_up else self._desk.open(level, seed, course)
        self.namespace = self.client.namespace
        return shown

    def guess(self, name: str, bet: Answer | None = None) -> BetCard:
        """Asks a question before the cell that answers it; what you bet stands beside the truth afterwards.

        Args:
            name: `services-a`.
            bet: What you bet: a choice or a number. Left out, the card takes it; without any, nothing happens.

        Raises:
            UsageError: no such guess, or no such choice.
        """
        return self._guesses.ask(name, bet, self.namespace)

    # ---- the way through the course

    def progress(self) -> Way:
        """What you have solved of each lesson, on all clusters and in all languages, and where to go on."""
        return self._guide.way()

    def sheet(self, lesson: str = "") -> Sheet | Text:
        """One page with a lesson's commands and pictures, to print or to keep; a file beside the notebook.

        Args:
            lesson: Its name; empty for the one you are in, or were in last.

        Raises:
            UsageError: no such lesson, or none has begun.
        """
        from k8s_tutor.session.sheet import make_sheet  # noqa: PLC0415

        return make_sheet(find_lesson(lesson) if lesson else self._guide.required())

    # ---- inside

    def _before_cell(self, cell: str) -> None:
        """A notebook is about to run a cell."""
        self._before_any_cell()
        self._guide.before_cell(cell)

    def _after_cell(self, cell: str) -> None:
        """A notebook has run a cell."""
        self._guide.after_cell(cell)
        if "_guesses" in vars(self):
            self._guesses.settle(self.namespace)

    def _go_on(self, lesson: str) -> None:
        self._guide.go_on(self._whereabouts.go_on(find_lesson(lesson) if lesson else None))
        self.namespace = self.client.namespace

    def _progress(self, cluster: str = "") -> Progress:
        """The learner's: on one cluster, told by its context, or on all."""
        from k8s_tutor.course.progress import Progress  # noqa: PLC0415
        from k8s_tutor.state import state_dir  # noqa: PLC0415

        return Progress(state_dir() / "progress", self.learner.label, cluster, self._whereabouts.register)

    @cached_property
    def _guide(self) -> Guide:
        from k8s_tutor.session.guide import Guide  # noqa: PLC0415

        return Guide(self._progress(), self._say, self.learner.label, Feature.KERNELS_OWN in self.cluster.features)

    @cached_property
    def _guesses(self) -> Guesses:
        from k8s_tutor.session.answering import Guesses  # noqa: PLC0415

        return Guesses(self.client, self.cluster.clock)

    @cached_property
    def _places(self) -> AnswerCells:
        from k8s_tutor.exercises.state import State  # noqa: PLC0415
        from k8s_tutor.session.answering import AnswerCells  # noqa: PLC0415

        return AnswerCells(lambda chosen, functions: chosen.judge(State.of(functions=functions)), self._say)

    @cached_property
    def _desk(self) -> Desk:
        from k8s_tutor.session.clinic import Desk  # noqa: PLC0415

        whose = self.learner.label, self.cluster.context
        return Desk(self.client, self._exercises, self._whereabouts, self._progress(), *whose)

    def _find_exercise(self, name: str) -> Exercise:
        from k8s_tutor.course.catalog import find_exercise  # noqa: PLC0415

        return self._desk.exercise() if name == _CLINIC else find_exercise(name, self.learner.label)

    @cached_property
    def _exercises(self) -> Exercises:
        from k8s_tutor.session.exercising import Exercises  # noqa: PLC0415

        return Exercises(self.client, self.cluster.clock, self._progress(self.cluster.context), self._find_exercise)

    def _about_to_act(self) -> None:
        """See `ClusterSession._about_to_act`."""
        self._whereabouts.say_if_nowhere()


# ---- `connect()`: the way to a session; and which one was connected last


@well_called
def connect(choice: str | None = None, *, learner: str | None = None, language: str | None = None) -> Session:
    """Connects to a cluster and says in one line which, why, and how to choose another.

    Args:
        choice: `embedded`, `kind`, `context:NAME`; None chooses: `K8S_TUTOR_CLUSTER`, a saved setting, kind where a
            container engine answers, else embedded.
        learner: Who learns: lessons and progress are theirs. None takes `K8S_TUTOR_LEARNER`, else JupyterHub's user,
            else nobody in particular.
        language: In which everything is said, `en` or `zh`. None takes the language of the folder the notebook is
            in, else `K8S_TUTOR_LANG`, a saved setting, the system's.

    Returns:
        The session; in lessons it is called `t`.

    Raises:
        ClusterUnavailable: the cluster cannot be created or reached.
        UsageError: no such choice or language, or no name.
    """
    use_language(require_language(language) if language else "")
    from k8s_tutor.cluster.connect import connect_cluster  # noqa: PLC0415
    from k8s_tutor.session.guide import follow_cells  # noqa: PLC0415

    who = who_learns(learner)
    cluster = connect_cluster(choice, announce=print, images=list_images)
    personal = Feature.PERSONAL in cluster.features
    for words in filter(None, (introduce(who, personal=personal), offer_to_resume(cluster, who.label))):
        print(words)
    session = Session(cluster, who)
    _current[:] = [session]
    follow_cells(_before_cell, _after_cell)
    return session


def require_session() -> Session:
    """The session connected last, for magics.

    Raises:
        UsageError: there is none yet.
    """
    if not _current:
        raise UsageError(
            msg("There is no cluster yet."),
            next_step=msg("Run first: from k8s_tutor import connect; t = connect()"),
        )
    return _current[-1]


_current: list[Session] = []


def _before_cell(cell: str) -> None:
    for session in _current:
        session._before_cell(cell)


def _after_cell(cell: str) -> None:
    for session in _current:
        session._after_cell(cell)
