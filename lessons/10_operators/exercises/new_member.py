"""The marked place in *act*: two systems, one order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from k8s_tutor.exercises import Call, Exercise, Mistake, Seen, Verdict, explain_trouble, failed, msg, see, try_function

__all__ = ["EXERCISE"]

_MEMBER, _ADDRESS = "db-3", "http://db-3.db:2380"
_ADD = f"member add {_MEMBER} --peer-urls={_ADDRESS}"


class _RefusedError(Exception):
    """What etcd refuses; the text is its own."""


class _FakeSystems:
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
            raise _RefusedError(f"`etcdctl` failed: exit code 128: {words}")
        return ""


_WRONG = {
    "etcdctl": (
        msg("the word etcdctl stands there twice."),
        msg("`etcd(…)` puts it in front by itself."),
    ),
    "no name": (msg("etcd was not told the member's name."), msg("Its words say what the command still lacks.")),
    "no address": (
        msg("etcd was not told where to find the member."),
        msg("The others must know an address before the newcomer is there."),
    ),
    "another address": (
        msg("etcd was told an address that is not the member's."),
        msg("One of the function's arguments holds it. How does an argument get into a text?"),
    ),
    "another name": (
        msg("etcd was told a name that is not the member's."),
        msg("One of the arguments holds it. A text without the f in front is taken literally."),
    ),
}


def _look(call: Call) -> Seen | Verdict:
    systems = _FakeSystems()
    called = call(_MEMBER, _ADDRESS, systems.etcd, systems.start)
    for step in systems.done:
        if step in _WRONG:
            summary, hint = _WRONG[step]
            return failed(summary, *systems.refusals, hint=hint)
        if step not in ("add", "start"):
            summary = msg("etcd does not know the command `{command}`.", command=step)
            return failed(summary, *systems.refusals, hint=msg("Which command adds a member?"))
    if called.trouble:
        return explain_trouble(called)
    return _judge_order(systems.done)


def _judge_order(done: list[str]) -> Seen | Verdict:
    words = {"add": msg("etcdctl {command}", command=_ADD), "start": msg("Pod {name} created", name=_MEMBER)}
    facts = [msg("{number}. {step}", number=number, step=words[step]) for number, step in enumerate(done, 1)]
    if done == ["add", "start"]:
        return see(*facts)
    if not done:
        return failed(msg("the function did nothing."), hint=msg("It is given two functions to call."))
    if done == ["start"]:
        hint = msg("A member cannot let itself in: its etcd would end with `member count is unequal`.")
        return failed(msg("the Pod was started, and etcd does not know of it."), *facts, hint=hint)
    if done == ["add"]:
        hint = msg("From now on etcd counts it, and one failure more ends the majority. A function is called with ().")
        return failed(msg("etcd waits for a member that nobody starts."), *facts, hint=hint)
    if done == ["start", "add"]:
        hint = msg("It asks the others at once, is refused (`member count is unequal`), and ends.")
        return failed(msg("the Pod was started before etcd knew of it."), *facts, hint=hint)
    return failed(msg("something was done twice."), *facts, hint=msg("One change at a time, and each once."))


def _join(member: str, address: str, etcd: Callable[[str], Any], start: Callable[[], Any]) -> None:
    etcd(f"member add {member} --peer-urls={address}")
    start()


EXERCISE = Exercise(
    id="operators-3",
    title=msg("Letting somebody in"),
    task=msg(
        '`join(member, address, etcd, start)` lets a new member in. `etcd("member list")` would run '
        "`etcdctl member list` in a member that is up; `start()` creates the new member's Pod. Add `member`, which the "
        "others will find at `address`, and start it, in the right order."
    ),
    checks=(try_function("operators-3", _look, _MEMBER, _ADDRESS, lambda *_: "", lambda *_: None),),
    solved=msg("first etcd's list, then the Pod: the newcomer is let in."),
    hints=(
        msg("Two calls. Which of the two systems has to know of the newcomer first?"),
        msg("etcd: `member add NAME --peer-urls=ADDRESS`. With an f-string the arguments get into it."),
        msg('etcd(f"member add {{member}} --peer-urls={{address}}"), and on the next line start()'),
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
            says="started before etcd knew of it",
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
            says="that nobody starts",
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
            says="is taken literally",
        ),
        Mistake(
            name="a misspelt name",
            cell='@t.place("operators-3")\ndef join(member, address, etcd, start):\n'
            '    etcd(f"member add {name} --peer-urls={address}")\n    start()',
            says="NameError",
        ),
    ),
    function=_join,
)
