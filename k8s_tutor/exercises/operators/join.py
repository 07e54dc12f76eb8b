"""The marked place in *act*: two systems, one order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from k8s_tutor.errors import TutorError
from k8s_tutor.exercises.exercise import Exercise, Mistake
from k8s_tutor.exercises.operators.places import broke_off, judged
from k8s_tutor.exercises.trial import Answer, trial
from k8s_tutor.exercises.verdict import Verdict, failed, passed

__all__ = ["EXERCISE"]

_MEMBER, _ADDRESS = "db-3", "http://db-3.db:2380"
_ADD = f"member add {_MEMBER} --peer-urls={_ADDRESS}"


class _Rehearsal:
    """Plays etcd and Kubernetes: writes down what they are asked, and refuses what etcd refuses, in its words."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.refusals: list[str] = []

    def etcd(self, command: object = "") -> str:
        """Stands for `etcdctl`."""
        words = str(command).split()
        if words[:1] == ["etcdctl"]:
            return self._refuse("etcdctl", 'unknown command "etcdctl" for "etcdctl"')
        if words[:2] != ["member", "add"]:
            return self._refuse(" ".join(words), f'unknown command "{" ".join(words)}" for "etcdctl"')
        flag = next((word for word in words if word.startswith("--peer-urls")), "")
        names = [word for word in words[2:] if not word.startswith("-") and word != _ADDRESS]
        if not names:
            return self._refuse("no name", "member name not provided")
        if not flag:
            return self._refuse("no address", "member peer urls not provided")
        if _ADDRESS not in words and flag != f"--peer-urls={_ADDRESS}":
            return self._refuse("another address", "")
        self.done.append("add" if names == [_MEMBER] else "another name")
        return ""

    def start(self, *_given: object) -> None:
        """Stands for the creation of the Pod."""
        self.done.append("start")

    def _refuse(self, what: str, words: str) -> str:
        self.done.append(what)
        if words:
            self.refusals.append(f"Error: {words}")
            raise TutorError(f"`etcdctl` failed: exit code 128: {words}")
        return ""


_HINTS: dict[str, tuple[str, str]] = {
    "etcdctl": (
        "the word etcdctl stands there twice.",
        "`etcd(…)` puts it in front by itself; begin with `member add`.",
    ),
    "no name": ("etcd was not told the member's name.", "The command: `member add NAME --peer-urls=ADDRESS`."),
    "no address": (
        "etcd was not told where to find the member.",
        "The others must know an address before the newcomer is there: `--peer-urls=` and `address`, without a blank.",
    ),
    "another address": (
        "etcd was told an address that is not the member's.",
        "The argument `address` holds it. In an f-string: `{address}`.",
    ),
    "another name": (
        "etcd was told a name that is not the member's.",
        "The argument `member` holds it. In an f-string: `{member}`; without the f in front Python takes it literally.",
    ),
}


def _look(function: Answer) -> Verdict:
    stage = _Rehearsal()
    tried = trial(function, _MEMBER, _ADDRESS, stage.etcd, stage.start)
    for step in stage.done:
        if step in _HINTS:
            summary, hint = _HINTS[step]
            return failed(summary, *stage.refusals, hint=hint)
        if step not in ("add", "start"):
            return failed(
                f"etcd does not know `{step}`.", *stage.refusals, hint="The command begins with `member add`."
            )
    if tried.trouble:
        return broke_off(tried)
    return _order(stage.done)


def _order(done: list[str]) -> Verdict:
    if done == ["add", "start"]:
        return passed("first etcd's list, then the Pod: the newcomer is let in.", f"etcdctl {_ADD}", "Pod db-3 created")
    if not done:
        return failed("the function did nothing.", hint="It should call `etcd(…)` and `start()`, in this order.")
    if done == ["start"]:
        return failed(
            "the Pod was started, and etcd does not know of it.",
            "its log would end: error validating peerURLs …: member count is unequal",
            hint="A member cannot let itself in. The others have to add it to their list first.",
        )
    if done == ["add"]:
        return failed(
            "etcd waits for a member that nobody starts.",
            "it counts from now on: 3 of 4, and one failure more ends the majority",
            hint="After `etcd(…)`, start its Pod: `start()`, with the brackets.",
        )
    if done == ["start", "add"]:
        return failed(
            "the Pod was started before etcd knew of it.",
            "it asks the others at once, is refused (member count is unequal), and ends",
            hint="Change the order: first the list, then the Pod.",
        )
    return failed(
        "something was done twice.", " · ".join(done), hint="One `etcd(…)`, one `start()`: one change at a time."
    )


def _join(member: str, address: str, etcd: Callable[[str], Any], start: Callable[[], Any]) -> None:
    etcd(f"member add {member} --peer-urls={address}")
    start()


EXERCISE = Exercise(
    id="operators-3",
    title="Letting somebody in",
    task='`join(member, address, etcd, start)` lets a new member in. `etcd("member list")` would run '
    "`etcdctl member list` in a member that is up; `start()` creates the new member's Pod. Add `member`, which the "
    "others will find at `address`, and start it, in the right order.",
    judge=judged("operators-3", _look, _MEMBER, _ADDRESS, lambda *_: "", lambda *_: None),
    hints=(
        "Two calls. Which of the two systems has to know of the newcomer first?",
        "etcd: `member add NAME --peer-urls=ADDRESS`. With an f-string the arguments get into it.",
        'etcd(f"member add {member} --peer-urls={address}"), and on the next line start()',
    ),
    solution='''@t.place("operators-3")
def join(member, address, etcd, start):
    """③ Let a new member in."""
    etcd(f"member add {member} --peer-urls={address}")
    start()''',
    alternative="""@t.place("operators-3")
def join(member, address, etcd, start):
    etcd(" ".join(["member", "add", member, "--peer-urls", address]))
    return start()""",
    mistakes=(
        Mistake(
            name="the Pod first",
            cell='@t.place("operators-3")\ndef join(member, address, etcd, start):\n    start()\n'
            '    etcd(f"member add {member} --peer-urls={address}")',
            says="Change the order",
        ),
        Mistake(
            name="only the Pod",
            cell='@t.place("operators-3")\ndef join(member, address, etcd, start):\n    start()',
            says="A member cannot let itself in",
        ),
        Mistake(
            name="no brackets",
            cell='@t.place("operators-3")\ndef join(member, address, etcd, start):\n'
            '    etcd(f"member add {member} --peer-urls={address}")\n    start',
            says="with the brackets",
        ),
        Mistake(
            name="no address",
            cell='@t.place("operators-3")\ndef join(member, address, etcd, start):\n'
            '    etcd(f"member add {member}")\n    start()',
            says="must know an address",
        ),
        Mistake(
            name="no f-string",
            cell='@t.place("operators-3")\ndef join(member, address, etcd, start):\n'
            '    etcd("member add {member} --peer-urls=" + address)\n    start()',
            says="takes it literally",
        ),
        Mistake(
            name="a misspelt name",
            cell='@t.place("operators-3")\ndef join(member, address, etcd, start):\n'
            '    etcd(f"member add {name} --peer-urls={address}")\n    start()',
            says="NameError",
        ),
    ),
    answer=_join,
)
