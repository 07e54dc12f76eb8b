"""The marked place for the worst day: whether those who live can still decide anything."""

from __future__ import annotations

from collections.abc import Iterable

from k8s_tutor.exercises import Call, Exercise, Mistake, Seen, Verdict, explain_trouble, failed, msg, see, try_function

__all__ = ["EXERCISE"]

_THREE, _FOUR, _FIVE = (tuple(f"db-{number}" for number in range(size)) for size in (3, 4, 5))
_STRANGERS = msg("A Pod that is on no list has no vote. Which of the living are members?")
# What it is, the list, the living, whether that is a majority, and what to say to who thinks otherwise.
_CASES = (
    (msg("two of three live"), _THREE, ("db-0", "db-2"), True, msg("Two are more than half of three.")),
    (msg("one of three lives"), _THREE, ("db-0",), False, msg("It is alive, but one is less than half of three.")),
    (msg("all three live"), _THREE, _THREE, True, msg("All together are a majority, too.")),
    (
        msg("two of four live"),
        _FOUR,
        ("db-0", "db-1"),
        False,
        msg("Half is not more than half: the other two might be alive elsewhere, and decide the opposite."),
    ),
    (msg("three of five live"), _FIVE, ("db-0", "db-1", "db-4"), True, msg("Three are more than half of five.")),
    (msg("one of three lives, beside two newcomers"), _THREE, ("db-0", "db-7", "db-8"), False, _STRANGERS),
    (msg("the only member lives"), ("db-0",), ("db-0",), True, msg("One of one: more than half.")),
)


def _look(call: Call) -> Seen | Verdict:
    for what, members, alive, expected, hint in _CASES:
        called = call(dict.fromkeys(members, "578f70951128881d"), list(alive))
        if called.trouble:
            return explain_trouble(called, msg("when {situation}", situation=what))
        seen = (
            msg("members: {names}", names=", ".join(members)),
            msg("alive: {names}", names=", ".join(alive)),
            msg("returned: {value}", value=called.shown),
        )
        if not isinstance(called.value, bool):
            hint = msg("A comparison gives True or False; does `return` stand before it?")
            return failed(msg("the function returned neither True nor False."), *seen, hint=hint)
        if called.value is not expected:
            return failed(msg("wrong when {situation}.", situation=what), *seen, hint=hint)
    return see(msg("tried on {count} situations: each time the right answer", count=len(_CASES)))


def _has_majority(members: Iterable[str], alive: Iterable[str]) -> bool:
    return 2 * len(set(members) & set(alive)) > len(set(members))


def _cell(*lines: str) -> str:
    return "\n    ".join(['@t.place("operators-4")\ndef has_majority(members, alive):', *lines])


EXERCISE = Exercise(
    id="operators-4",
    title=msg("A majority"),
    task=msg(
        "`has_majority(members, alive)` is given etcd's members, a dict of names to ids, and the names of the living "
        "Pods. It says with True or False whether the members that live are more than half of the list."
    ),
    checks=(try_function("operators-4", _look, dict.fromkeys(_THREE, ""), ["db-0", "db-2"]),),
    solved=msg("the operator knows when it must not go on alone."),
    hints=(
        msg("Count two things: the members, and those of them that are among the living."),
        msg("`[name for name in members if name in alive]` are the members that live."),
        msg("More than half: twice their number is more than `len(members)`."),
    ),
    solution='''@t.place("operators-4")
def has_majority(members, alive):
    """④ Can those who live decide?"""
    return 2 * len([name for name in members if name in alive]) > len(members)''',
    alternative="""@t.place("operators-4")
def has_majority(members, alive):
    there = set(members) & set(alive)
    return len(there) >= len(members) // 2 + 1""",
    mistakes=(
        Mistake(
            name="half is enough",
            cell=_cell("return 2 * len([name for name in members if name in alive]) >= len(members)"),
            says="Half is not more than half",
        ),
        Mistake(
            name="Pods are counted, not members",
            cell=_cell("return 2 * len(alive) > len(members)"),
            says="has no vote",
        ),
        Mistake(
            name="anybody alive will do",
            cell=_cell("return any(name in alive for name in members)"),
            says="less than half of three",
        ),
        Mistake(
            name="nobody may be lost",
            cell=_cell("return all(name in alive for name in members)"),
            says="Two are more than half of three",
        ),
        Mistake(
            name="a number",
            cell=_cell("return len(members) // 2 + 1"),
            says="neither True nor False",
        ),
    ),
    function=_has_majority,
)
