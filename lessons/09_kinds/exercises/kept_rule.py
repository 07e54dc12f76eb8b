"""Rules that look at two fields, and at what was there before."""

from __future__ import annotations

from k8s_tutor.exercises import Exercise, Mistake, Obj, Seen, State, Verdict, exists, failed, inspect, msg, see
from .definitions import VOYAGES

__all__ = ["EXERCISE"]

PASSENGERS, CREW = 40, 1
START = """
apiVersion: tutor.example/v1
kind: Voyage
metadata: {name: late}
spec: {from: north, to: south, passengers: 80, crew: 2}
"""


def _is_as_wanted(_state: State, voyage: Obj) -> Seen | Verdict:
    spec = voyage["spec"]
    fact = msg(
        "from {start} to {end}, {passengers} passengers, a crew of {crew}",
        start=spec["from"], end=spec["to"], passengers=spec["passengers"], crew=spec["crew"],
    )  # fmt: skip
    if (spec["from"], spec["to"]) != ("north", "south"):
        return failed(msg("the voyage leads somewhere else now."), fact)
    if spec["passengers"] != PASSENGERS:
        hint = msg("Which of the three rules stands in the way, and for which objects does it hold?")
        return failed(msg("the voyage has not {wanted} passengers.", wanted=PASSENGERS), fact, hint=hint)
    if spec["crew"] != CREW:
        return failed(msg("the voyage was to have a crew of {wanted}.", wanted=CREW), fact,
                      hint=msg("A crew that is larger than it must be is allowed, but not what was asked for."))  # fmt: skip
    return see(fact)


def _voyage(passengers: int, crew: int, to: str = "south") -> str:
    spec = f"{{from: north, to: {to}, passengers: {passengers}, crew: {crew}}}"
    return f't.apply("{{apiVersion: tutor.example/v1, kind: Voyage, metadata: {{name: late}}, spec: {spec}}}")'


EXERCISE = Exercise(
    id="kinds-3",
    title=msg("Fewer than before"),
    task=msg(
        "The voyage `late` goes from north to south, and was planned for 80 passengers with a crew of 2. It is to have "
        "40 passengers and a crew of 1. The definition, with its rules, stays as it is."
    ),
    checks=(
        exists("voyage/late", gone_hint=msg("A voyage of that name is still wanted.")),
        inspect("voyage/late", _is_as_wanted),
    ),
    solved=msg("40 passengers, and no rule was broken."),
    hints=(
        msg("Try it first: the refusal says in its own words which rule it is."),
        msg("That rule speaks of `oldSelf`: the object as it was before the change. Which objects have no before?"),
        msg("Delete the voyage, and apply it anew."),
    ),
    solution=f't.delete("voyage/late")\n{_voyage(PASSENGERS, CREW)}',
    alternative="""t.kubectl("delete voyage late")
t.client.create({"apiVersion": "tutor.example/v1", "kind": "Voyage", "metadata": {"name": "late"},
                 "spec": {"from": "north", "to": "south", "passengers": 40, "crew": 1}}, t.namespace)""",
    mistakes=(
        Mistake(name="more passengers", cell=_voyage(100, 2), says="stands in the way"),
        Mistake(name="deleted and not made again", cell='t.delete("voyage/late")', says="is still wanted"),
        Mistake(
            name="too large a crew", cell=f't.delete("voyage/late")\n{_voyage(40, 3)}', says="larger than it must be"
        ),
        Mistake(
            name="another goal", cell=f't.delete("voyage/late")\n{_voyage(40, 1, "west")}', says="leads somewhere else"
        ),
    ),
    definitions=VOYAGES,
    start=START,
    first_step=msg("Try to change it, and read what the API server says."),
    objects=("voyage/late",),
)
