"""The marked place in *analyse*: who is in etcd's list and has no living Pod."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from k8s_tutor.exercises.exercise import Exercise, Mistake
from k8s_tutor.exercises.operators.places import broke_off, judged, shown
from k8s_tutor.exercises.trial import Answer, trial
from k8s_tutor.exercises.verdict import Verdict, failed, passed

__all__ = ["EXERCISE"]

_IDS = {"db-0": "578f70951128881d", "db-1": "7c63a9205335dcc9", "db-2": "b34b306b2a739559"}
_BACKWARDS = (
    "That is the difference the other way round: a Pod that is not in the list yet is a newcomer. "
    "Look for names that are in `members` and not in `alive`."
)
# What it is, members, living Pods, who is lost, and what to say to who thinks otherwise.
_CASES: tuple[tuple[str, Mapping[str, str], Sequence[str], Sequence[str], str], ...] = (
    (
        "db-1 has no Pod any more",
        _IDS,
        ("db-0", "db-2"),
        ("db-1",),
        "The list of etcd has three names, two have living Pods. Which name is left over?",
    ),
    ("all members have their Pods", _IDS, ("db-0", "db-1", "db-2"), (), "Nobody is lost here: an empty list."),
    (
        "the Pod db-3 is there and etcd does not know it yet",
        _IDS,
        ("db-0", "db-1", "db-2", "db-3"),
        (),
        _BACKWARDS,
    ),
    (
        "db-1 is gone and db-3 is a newcomer: three and three",
        _IDS,
        ("db-0", "db-2", "db-3"),
        ("db-1",),
        "There are as many Pods as members, and yet one is lost: compare names, not numbers.",
    ),
    (
        "only db-2 has its Pod",
        _IDS,
        ("db-2",),
        ("db-0", "db-1"),
        "All the lost belong into the list; the operator takes the first and comes back for the others.",
    ),
)


def _look(function: Answer) -> Verdict:
    for what, members, alive, expected, hint in _CASES:
        tried = trial(function, dict(members), list(alive))
        if tried.trouble:
            return broke_off(tried, f" when {what}")
        seen = (f"members: {', '.join(members)}", f"alive: {', '.join(alive)}", f"returned: {shown(tried.value)}")
        if not isinstance(tried.value, (list, tuple, set)):
            return failed(
                "the function did not return a list of names.", *seen, hint="`[name for name in … if …]` makes a list."
            )
        if sorted(map(str, tried.value)) == sorted(_IDS[name] for name in expected) and expected:
            return failed("those are ids, not names.", *seen, hint="`members` is a dict: its keys are the names.")
        newcomers = [name for name in alive if name not in members]
        if newcomers and set(map(str, tried.value)) & set(newcomers):
            return failed(f"{what}, and the function calls {newcomers[0]} lost.", *seen, hint=_BACKWARDS)
        if sorted(map(str, tried.value)) != sorted(expected):
            return failed(f"wrong when {what}.", *seen, hint=hint)
    return passed("the operator sees who is lost.", f"tried on {len(_CASES)} situations")


def _lost(members: Mapping[str, str], alive: Sequence[str]) -> list[str]:
    return [name for name in members if name not in alive]


EXERCISE = Exercise(
    id="operators-2",
    title="Who is lost?",
    task="`lost(members, alive)` is given etcd's members, a dict of names to ids, and the names of the living Pods. "
    "It returns a list: the names of the members without a living Pod.",
    judge=judged("operators-2", _look, dict(_IDS), ["db-0", "db-2"]),
    hints=(
        "Going through a dict, `for name in members`, gives its keys: the names.",
        "Of those names keep the ones that are not among the living.",
        "return [name for name in members if name not in alive]",
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
            says="All the lost belong into the list",
        ),
        Mistake(
            name="ids instead of names",
            cell='@t.place("operators-2")\ndef lost(members, alive):\n'
            "    return [members[name] for name in members if name not in alive]",
            says="its keys are the names",
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
    answer=_lost,
)
