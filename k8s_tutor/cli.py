"""`k8s-tutor`: the learner's commands. Thin: each imports what it needs when it runs, and prints what a person needs.

argparse, because it is there: the commands are few and flat, and a library for them would cost a third of the time
that `k8s-tutor --help` takes.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, TypeAlias

from k8s_tutor.errors import TutorError, UsageError
from k8s_tutor.language import Message, msg
from k8s_tutor.language.choice import LANGUAGES, VARIABLE, Source, current_language, find_source, use_language
from k8s_tutor.language.commandline import pad, translate_argparse
from k8s_tutor.version import __version__

if TYPE_CHECKING:
    from k8s_tutor.course.progress import Progress
    from k8s_tutor.exercises import Exercise

__all__ = ["main"]

EXIT_FAILED = 1
EXIT_WRONG_USAGE = 2
EXIT_INTERRUPTED = 130


_WHY = {
    Source.CALL: msg("you said so"),
    Source.FOLDER: msg("you are in a folder of that name"),
    Source.VARIABLE: msg("{variable} says so", variable=VARIABLE),
    Source.SAVED: msg("you saved that choice"),
    Source.SYSTEM: msg("your system's settings say so"),
    Source.NONE: msg("nobody said otherwise"),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; returns the exit code (0 done, 1 failed with a message, 2 wrong usage, 130 Ctrl-C)."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if words[:1] == ["lesson"]:
        return _lesson(words[1:])
    translate_argparse()
    options = _parser().parse_args(words)
    run: Callable[[argparse.Namespace], int] = options.run
    try:
        return run(options)
    except TutorError as error:
        print(f"✗ {error}", file=sys.stderr)
        return EXIT_FAILED
    except KeyboardInterrupt:
        print(f"\n✗ {msg('Stopped by Ctrl-C. The same command may be run again.')}", file=sys.stderr)
        return EXIT_INTERRUPTED


class _Parser(argparse.ArgumentParser):
    """Answers a wrong command line as everything here answers: what, and what to type next."""

    def error(self, message: str) -> NoReturn:
        """See `argparse`; the exit code stays the same."""
        from k8s_tutor.objects.reference import nearest  # noqa: PLC0415

        commands = [name for action in self._actions if isinstance(action.choices, dict) for name in action.choices]
        said = re.search(r"'([^']*)'", message)
        near = nearest(said[1], commands) if said else ""
        step = msg("{command} says what there is.", command=f"{self.prog} --help")
        if near:
            step = msg("Did you mean {near}?", near=f"{self.prog} {near}")
        self.exit(EXIT_WRONG_USAGE, f"✗ {UsageError(message, next_step=step)}\n")


def _parser() -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = _Parser(
        prog="k8s-tutor",
        description=str(msg("Learn Kubernetes in notebooks, on a cluster in this process or on kind.")),
        epilog=str(msg("Start with: k8s-tutor lab")),
    )
    version = str(msg("show program's version number and exit"))
    parser.add_argument("--version", action="version", version=f"k8s-tutor {__version__}", help=version)
    commands = parser.add_subparsers(title=str(msg("commands")), required=True, metavar="COMMAND")
    _add_lab(commands)
    _add(commands, "lessons", _lessons, str(msg("list the lessons and where they are")))
    _add(commands, "lesson", _lessons, str(msg("make, check and build lessons of your own")))  # its words: see main
    check = _add(
        commands, "check", _check, str(msg("say which exercises are solved, or check some on the running cluster"))
    )
    check.add_argument("exercise", nargs="*", help=str(msg("such as pods-1; none: what was solved so far")))
    _add_use(commands)
    up = _add(commands, "up", _up, str(msg("make the kind cluster, or find the one that is there")))
    up.add_argument(
        "--bundle", type=Path, metavar="FILE", help=str(msg("take its images from a file that prefetch made"))
    )
    prefetch = _add(commands, "prefetch", _prefetch, str(msg("pull now what kind and the lessons on it will need")))
    prefetch.add_argument(
        "--bundle", type=Path, metavar="FILE", help=str(msg("and put it into one file, to hand round"))
    )
    _add(commands, "down", _down, str(msg("remove the kind cluster that k8s-tutor made, and nothing else")))
    _add_serve(commands)
    _add_workshop(commands)
    _add(commands, "status", _status, str(msg("say which clusters there are, and which one connect() would take")))
    doctor = _add(commands, "doctor", _doctor, str(msg("say what keeps kind from running here, and what mends it")))
    doctor.add_argument("--json", action="store_true", help=str(msg("the same for programs")))
    return parser


_Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"


def _add(
    commands: _Commands, name: str, run: Callable[[argparse.Namespace], int], says: str
) -> argparse.ArgumentParser:
    description = msg("{what}.", what=f"{says[0].upper()}{says[1:]}")
    parser = commands.add_parser(name, help=says, description=str(description))
    parser.set_defaults(run=run)
    return parser


def _add_lab(commands: _Commands) -> None:
    lab = _add(commands, "lab", _lab, str(msg("open the course in JupyterLab, on your own copies of the lessons")))
    lab.add_argument(
        "--port", type=int, default=0, help=str(msg("port to listen on (default: 8888, or the next free one)"))
    )
    lab.add_argument("--host", default="127.0.0.1", help=str(msg("address to listen on (default: this machine only)")))
    lab.add_argument(
        "--browser",
        action=argparse.BooleanOptionalAction,
        default=None,
        help=str(msg("open a browser (default: if this machine has a screen)")),
    )
    lab.add_argument(
        "--course", help=str(msg("a course to open: its folder, or its name (default: the one of k8s-tutor)"))
    )
    lab.add_argument("--folder", type=Path, help=str(msg("where your copies are (default: k8s-tutor-lessons)")))


def _add_use(commands: _Commands) -> None:
    use = _add(commands, "use", _use, str(msg("choose the cluster that connect() takes from now on, or the language")))
    use.add_argument(
        "cluster",
        nargs="?",
        help=str(msg("embedded, kind or context:NAME; automatic: what is there, as at first")),
    )
    use.add_argument(
        "--language",
        metavar="LANGUAGE",
        help=str(msg("en or zh: what is said, and the lessons; automatic: what fits the place, as at first")),
    )


def _add_serve(commands: _Commands) -> None:
    from k8s_tutor.embedded.runner.serve import add_options  # noqa: PLC0415

    add_options(_add(commands, "serve", _serve, str(msg("keep an embedded cluster up for kubectl, until Ctrl-C"))))


def _add_workshop(commands: _Commands) -> None:
    from k8s_tutor.workshop.commands import add_options  # noqa: PLC0415

    says = str(msg("a class on one cluster: a namespace and a kubeconfig for each learner, and a board"))
    add_options(commands.add_parser("workshop", help=says, description=says))


def _serve(options: argparse.Namespace) -> int:
    from functools import partial  # noqa: PLC0415

    from k8s_tutor.embedded.runner.serve import serve  # noqa: PLC0415

    hint = msg("`k8s-tutor status` lists it; `k8s-tutor check EXERCISE` looks at what is on it")
    return serve(options, partial(print, flush=True), str(hint))


def _lab(options: argparse.Namespace) -> int:
    from k8s_tutor.lab import LabOptions, run_lab  # noqa: PLC0415

    run_lab(LabOptions(options.port, options.host, options.browser, options.folder, options.course))
    return 0


def _lesson(words: list[str]) -> int:
    """A learner's commands never import the room where lessons are made, not even to know its options."""
    from k8s_tutor.authoring.commands import main as make_lessons  # noqa: PLC0415

    return make_lessons(words, "k8s-tutor lesson")


def _lessons(_: argparse.Namespace) -> int:
    from k8s_tutor.course.finding import find_courses  # noqa: PLC0415

    courses = find_courses()
    for course in courses.found:
        print(f"{course.title} ({course.name})")
        for lesson in course.lessons:
            minutes = msg("{minutes:3} min", minutes=lesson.minutes)
            print(f"  {lesson.number:02} {lesson.name:16} {minutes}  {lesson.title}")
        own = "" if course == courses.found[0] else f" --course {course.name}"
        command = f"k8s-tutor lab{own}"
        print(f"  {msg('in {folder}; `{command}` opens your own copies', folder=course.folder, command=command)}\n")
    for error in courses.broken:
        print(f"✗ {error}\n", file=sys.stderr)
    return EXIT_FAILED if courses.broken else 0


def _check(options: argparse.Namespace) -> int:
    if not options.exercise:
        return _solved_so_far()
    from k8s_tutor.cluster.connect import find_running_cluster  # noqa: PLC0415
    from k8s_tutor.course.catalog import find_exercise, find_lesson  # noqa: PLC0415
    from k8s_tutor.session.belongings import OwnedClient  # noqa: PLC0415
    from k8s_tutor.session.exercising import Exercises  # noqa: PLC0415
    from k8s_tutor.session.learner import who_learns  # noqa: PLC0415
    from k8s_tutor.session.whereabouts import namespace_for  # noqa: PLC0415

    chosen = [find_exercise(name) for name in options.exercise]  # a misspelt one is told before a cluster is asked
    if inside := next((item.id for item in chosen if item.function is not None), None):
        raise UsageError(
            msg("{inside} is about a function in your notebook, which cannot be seen from here", inside=inside),
            next_step=msg('check it in the notebook: t.check("{inside}")', inside=inside),
        )
    cluster = find_running_cluster()
    print(msg("on {cluster}", cluster=cluster.title))
    client, learner = OwnedClient(cluster.api), who_learns()
    find = partial(find_exercise, learner=learner.label)
    exercises = Exercises(client, cluster.clock, _progress(cluster.context), find)
    places = [namespace_for(client, cluster, learner, find_lesson(item.lesson)).name for item in chosen]
    verdicts = [exercises.check(item.id, place, {}) for item, place in zip(chosen, places, strict=True)]
    cluster.close()
    print("\n".join(str(verdict) for verdict in verdicts))
    return 0 if all(verdict.passed for verdict in verdicts) else EXIT_FAILED


def _solved_so_far() -> int:
    from k8s_tutor.course.catalog import list_exercises, list_lessons  # noqa: PLC0415

    progress = _progress()
    known: list[Exercise] = []
    broken: list[TutorError] = []
    for lesson in list_lessons():
        try:
            known += list_exercises(lesson)
        except TutorError as error:  # a lesson that is broken leaves the others alone
            broken.append(error)
    solved = {item.id for item in known} & set(progress.solved())
    for item in known:
        tries = progress.entry(item.id).get("attempts", 0)
        print(f"{item.id:16} {pad(_state(solved=item.id in solved, tries=tries), 16)} {item.title}")
    print(f"\n{msg('{solved} of {count} solved', solved=len(solved), count=len(known))}")
    for trouble in broken:
        print(f"✗ {trouble}", file=sys.stderr)
    return EXIT_FAILED if broken else 0


def _state(*, solved: bool, tries: int) -> str:
    if solved:
        return f"✓ {msg('solved')}"
    if tries:
        return f"✗ {msg('tried {n} times', n=tries)}"
    return f"○ {msg('not tried yet')}"


def _progress(cluster: str = "") -> Progress:
    """The learner's on one cluster; on all of them by default."""
    from k8s_tutor.course.progress import Progress  # noqa: PLC0415
    from k8s_tutor.session.learner import who_learns  # noqa: PLC0415
    from k8s_tutor.state import state_dir  # noqa: PLC0415

    return Progress(state_dir() / "progress", who_learns().label, cluster)


def _use(options: argparse.Namespace) -> int:
    if not (options.cluster or options.language):
        raise UsageError(
            msg("There is nothing to choose."),
            next_step=msg("For example: k8s-tutor use embedded, or k8s-tutor use --language zh"),
        )
    if options.language:
        _use_language(options.language)
    if options.cluster:
        from k8s_tutor.cluster.connect import save_choice  # noqa: PLC0415

        save_choice(None if options.cluster == "automatic" else options.cluster)
        print(_connect_takes())
    return 0


def _use_language(word: str) -> None:
    from k8s_tutor.state import save_language  # noqa: PLC0415

    save_language("" if word == "automatic" else word)
    use_language("")  # found out anew
    print(_speaks())
    if word != "automatic":
        print(msg("To undo it: k8s-tutor use --language automatic"))


def _connect_takes() -> Message:
    from k8s_tutor.cluster.connect import choose  # noqa: PLC0415

    choice = choose()
    return msg("connect() takes: {cluster}, because {why}", cluster=choice.cluster, why=choice.why)


def _speaks() -> Message:
    language, why = LANGUAGES[current_language()], _WHY[find_source()]
    return msg("language: {language}, because {why}", language=language, why=why)


def _up(options: argparse.Namespace) -> int:
    from k8s_tutor.cluster.connect import take_in_bundle  # noqa: PLC0415
    from k8s_tutor.cluster.kind import KindCluster  # noqa: PLC0415
    from k8s_tutor.course.finding import list_images  # noqa: PLC0415

    if options.bundle:
        take_in_bundle(options.bundle)
    cluster = KindCluster(images=list_images())
    print(msg("Ready: {cluster}", cluster=cluster.title))
    print(msg("kubectl for it: {command}", command=f"kubectl --kubeconfig {cluster.kubeconfig}"))
    cluster.close()
    return 0


def _prefetch(options: argparse.Namespace) -> int:
    from k8s_tutor.cluster.connect import prefetch_images  # noqa: PLC0415
    from k8s_tutor.cluster.metallb_manifest import IMAGES  # noqa: PLC0415
    from k8s_tutor.course.finding import list_images  # noqa: PLC0415

    print(prefetch_images([*list_images(), *IMAGES], options.bundle))
    return 0


def _down(_: argparse.Namespace) -> int:
    from k8s_tutor.cluster.connect import remove_kind_cluster  # noqa: PLC0415

    gone, none = msg("The kind cluster is removed."), msg("There is no kind cluster of ours to remove.")
    print(gone if remove_kind_cluster() else none)
    return 0


def _status(_: argparse.Namespace) -> int:
    from k8s_tutor.cluster.connect import find_embedded_kubeconfigs, read_kind_status  # noqa: PLC0415
    from k8s_tutor.state import state_dir  # noqa: PLC0415

    print(_connect_takes())
    print(f"{'kind:':16} {read_kind_status()}")
    running = find_embedded_kubeconfigs()
    count = msg("{count} running, in notebooks' kernels and in `k8s-tutor serve`", count=len(running))
    print(f"{'embedded:':16} {count}")
    for path in running:
        print(f"{'':16} kubectl --kubeconfig {path}")
    print(f"{pad(msg('files of ours:'), 16)} {state_dir()}")
    return 0


def _doctor(options: argparse.Namespace) -> int:
    from k8s_tutor.cluster.doctor import doctor  # noqa: PLC0415

    report = doctor()
    print(report.to_json() if options.json else report)
    return 0 if report.can_run else EXIT_FAILED


if __name__ == "__main__":
    sys.exit(main())
