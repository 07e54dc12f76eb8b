"""An object that its schema is content with."""

from __future__ import annotations

from k8s_tutor.exercises import Exercise, Mistake, Obj, Seen, State, Verdict, exists, failed, inspect, msg, see
from .definitions import FERRIES

__all__ = ["EXERCISE"]

SEATS, HOME, COLOUR = 120, "south", "red"


def _is_as_ordered(_state: State, ferry: Obj) -> Seen | Verdict:
    spec = ferry["spec"]
    fact = msg("seats: {seats}, home: {home}, colour: {colour}", seats=spec["seats"], home=spec["home"],
               colour=spec.get("colour", "-"))  # fmt: skip
    if spec["seats"] != SEATS:
        return failed(msg("`marie` was to have {wanted} seats.", wanted=SEATS), fact)
    if spec["home"] != HOME:
        return failed(msg("`marie` was to be at home in the south."), fact,
                      hint=msg("Which words may stand there? The refusal names them."))  # fmt: skip
    if spec.get("colour") != COLOUR:
        hint = msg("White is what the schema fills in where nothing is said. Which field says otherwise?")
        return failed(msg("`marie` was to be red."), fact, hint=hint)
    return see(fact)


def _ferry(spec: str, name: str = "marie") -> str:
    return f't.apply("{{apiVersion: tutor.example/v1, kind: Ferry, metadata: {{name: {name}}}, spec: {{{spec}}}}}")'


EXERCISE = Exercise(
    id="kinds-1",
    title=msg("In the right form"),
    task=msg("Order a ferry called `marie`: 120 seats, at home in the south, red."),
    checks=(exists("ferry/marie"), inspect("ferry/marie", _is_as_ordered)),
    solved=msg("`marie` is as she was ordered."),
    hints=(
        msg("The API server names one field that it does not like. Mend that, and apply again."),
        msg("A number in quotation marks is a text. The fields are those that `kubectl explain ferry.spec` lists."),
        msg("The spec: `{{seats: 120, home: south, colour: red}}`"),
    ),
    solution=_ferry("seats: 120, home: south, colour: red"),
    alternative="""t.client.create({"apiVersion": "tutor.example/v1", "kind": "Ferry", "metadata": {"name": "marie"},
                 "spec": {"seats": 120, "home": "south", "colour": "red"}}, t.namespace)""",
    mistakes=(
        Mistake(
            name="another harbour", cell=_ferry("seats: 120, home: north, colour: red"), says="at home in the south"
        ),
        Mistake(name="no colour", cell=_ferry("seats: 120, home: south"), says="where nothing is said"),
        Mistake(name="too few seats", cell=_ferry("seats: 12, home: south, colour: red"), says="to have 120 seats"),
        Mistake(
            name="another name",
            cell=_ferry("seats: 120, home: south, colour: red", "maria"),
            says="but there is one called `maria`",
        ),
    ),
    definitions=FERRIES,
    objects=("ferry/marie", "ferry/maria"),
)
