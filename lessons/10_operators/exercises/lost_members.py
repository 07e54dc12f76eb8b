"""The marked place in *analyse*: who is in etcd's list and has no living Pod."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from k8s_tutor.exercises import Call, Exercise, Mistake, Seen, Verdict, explain_trouble, failed, msg, see, try_function

__all__ = ["EXERCISE"]

_IDS = {"db-0": "578f70951128881d", "db-1": "7c63a9205335dcc9", "db-2": "b34b306b2a739559"}
_BACKWARDS = msg("That is the difference the other way round: a Pod that is not in the list yet is a newcomer.")
# What it is, members, living Pods, who is lost, and what to say to who thinks otherwise.
_CASES = (
    (
        msg("db-1 has no Pod any more"),
        _IDS,
        ("db-0", "db-2"),
        ("db-1",),
        msg("The list of etcd has three names, two have living Pods. Which name is left over?"),
    ),
    (msg("all members have their Pods"), _IDS, ("db-0", "db-1", "db-2"), (), msg("Nobody is lost here.")),
    (
        msg("the Pod db-3 is there and etcd does not know it yet"),
        _IDS,
        ("db-0", "db-1", "db-2", "db-3"),
        (),
        _BACKWARDS,
    ),
    (
        msg("db-1 is gone and db-3 is a newcomer"),
        _IDS,
        ("db-0", "db-2", "db-3"),
        ("db-1",),
        msg("There are as many Pods as members, and yet one is lost: compare names, not numbers."),
    ),
    (
        msg("only db-2 has its Pod"),
        _IDS,
        ("db-2",),
        ("db-0", "db-1"),
        msg("All the lost belong in the list; the operator takes the first and comes back for the others."),
    ),
)


def _look(call: Call) -> Seen | Verdict:
    for what, members, alive, expected, hint in _CASES:
        called = call(dict(members), list(alive))
        if called.trouble:
            return explain_trouble(called, msg("when {situation}", situation=what))
        seen = (
            msg("members: {names}", names=", ".join(members)),
            msg("alive: {names}", names=", ".join(alive)),
            msg("returned: {value}", value=called.shown),
        )
        if not isinstance(called.value, (list, tuple, set)):
            hint = msg("A list stands in square brackets, even one with a single name or none.")
            return failed(msg("the function did not return a list of names."), *seen, hint=hint)
        names = sorted(str(one) for one in called.value)
        if names == sorted(_IDS[name] for name in expected) and expected:
            return failed(msg("those are ids, not names."), *seen, hint=msg("Which half of the dict holds the names?"))
        newcomers = [name for name in alive if name not in members]
        if set(names) & set(newcomers):
            return failed(msg("{name} is a newcomer, not lost.", name=newcomers[0]), *seen, hint=_BACKWARDS)
        if names != sorted(expected):
            return failed(msg("wrong when {situation}.", situation=what), *seen, hint=hint)
    return see(msg("tried on {count} situations: each time the right names", count=len(_CASES)))


def _lost(members: Mapping[str, str], alive: Sequence[str]) -> list[str]:
    return [name for name in members if name not in alive]


EXERCISE = Exercise(
    id="operators-2",
    title=msg("Who is lost?"),
    task=msg(
        "`lost(members, alive)` is given etcd's members, a dict of names to ids, and the names of the living Pods. "
        "It returns a list: the names of the members without a living Pod."
    ),
    checks=(try_function("operators-2", _look, dict(_IDS), ["db-0", "db-2"]),),
    solved=msg("the operator sees who is lost."),
    hints=(
        msg("Going through a dict, `for name in members`, gives its keys: the names."),
        msg("Of those names keep the ones that are not among the living."),
        msg("return [name for name in members if name not in alive]"),
    ),
    solution='''@t.place("operators-2")
def lost(members, alive):
    """② Members without a living Pod."""
    return [name for name in members if name not in alive]''',
    alternative="""@t.place("operators-2")
def lost(members, alive):
    return sorted(set(members) - set(alive))""",
    mistakes=(
        Mistake(
            name="the other way round",
            cell='@t.place("operators-2")\ndef lost(members, alive):\n'
            "    return [name for name in alive if name not in members] or list(set(members) - set(alive))",
            says="the other way round",
        ),
        Mistake(
            name="numbers instead of names",
            cell='@t.place("operators-2")\ndef lost(members, alive):\n'
            "    return [name for name in members if name not in alive] if len(members) > len(alive) else []",
            says="compare names, not numbers",
        ),
        Mistake(
            name="only one of them",
            cell='@t.place("operators-2")\ndef lost(members, alive):\n'
            "    return [name for name in members if name not in alive][:1]",
            says="All the lost belong in the list",
        ),
        Mistake(
            name="ids instead of names",
            cell='@t.place("operators-2")\ndef lost(members, alive):\n'
            "    return [members[name] for name in members if name not in alive]",
            says="ids, not names",
        ),
        Mistake(
            name="a number",
            cell='@t.place("operators-2")\ndef lost(members, alive):\n    return len(members) - len(alive)',
            says="did not return a list of names",
        ),
        Mistake(
            name="a dict and a list do not subtract",
            cell='@t.place("operators-2")\ndef lost(members, alive):\n    return members - alive',
            says="of another type than the line expects",
        ),
    ),
    function=_lost,
)
