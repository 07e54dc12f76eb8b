"""A wish through the main door, a report through the side door."""

from __future__ import annotations

from k8s_tutor.exercises import Exercise, Mistake, Obj, Seen, State, Verdict, exists, failed, inspect, msg, see
from .definitions import FLEETS

__all__ = ["EXERCISE"]

WANTED, AT_SEA = 3, 2


def _says_both(_state: State, fleet: Obj) -> Seen | Verdict:
    wanted, at_sea = fleet["spec"].get("ships"), (fleet.get("status") or {}).get("ships")
    fact = msg("wanted: {wanted}, at sea: {ships}", wanted=wanted, ships="-" if at_sea is None else at_sea)
    if wanted != WANTED:
        return failed(msg("`red` was to want {number} ships.", number=WANTED), fact,
                      hint=msg("The wish is in `spec`, and the report is in `status`."))  # fmt: skip
    if at_sea is None:
        hint = msg("What comes through the main door has its `status` taken away. Where is the other door?")
        return failed(msg("the fleet's status says nothing about ships."), fact, hint=hint)
    if at_sea != AT_SEA:
        return failed(msg("the report was to speak of {number} ships.", number=AT_SEA), fact)
    return see(fact)


def _fleet(ships: int, more: str = "") -> str:
    return (
        't.apply("{apiVersion: tutor.example/v1, kind: Fleet, metadata: {name: red}, '
        f'spec: {{ships: {ships}}}{more}}}")'
    )


def _report(ships: int, where: str = ', subresource="status"') -> str:
    return f't.client.patch("fleets", "red", {{"status": {{"ships": {ships}}}}}, t.namespace{where})'


EXERCISE = Exercise(
    id="kinds-5",
    title=msg("Wanted and reported"),
    task=msg(
        "Play both sides. Order a fleet called `red` of 3 ships. Then report, as its controller would, that 2 of them "
        "are at sea so far: `status.ships` is 2."
    ),
    checks=(exists("fleet/red"), inspect("fleet/red", _says_both)),
    solved=msg("three are wanted, two are reported."),
    hints=(
        msg("The first half is a manifest like that of `blue`."),
        msg('The second half is a patch: `t.client.patch(…, subresource="status")` goes through the side door.'),
        msg(
            'It is a patch: `t.client.patch("fleets", "red", {{"status": {{"ships": 2}}}}, t.namespace, subresource="status")`'
        ),
    ),
    solution=f"{_fleet(3)}\n{_report(2)}",
    alternative=f"""{_fleet(1)}
t.kubectl("scale fleet red --replicas=3")
fleet = t.get("fleet/red")
t.client.replace({{**fleet, "status": {{"ships": 2}}}}, t.namespace, subresource="status")""",
    mistakes=(
        Mistake(
            name="the status in the manifest",
            cell=_fleet(3, ", status: {ships: 2}"),
            says="has its `status` taken away",
        ),
        Mistake(
            name="patched through the main door", cell=f"{_fleet(3)}\n{_report(2, '')}", says="Where is the other door"
        ),
        Mistake(name="the wish is lowered", cell=f"{_fleet(2)}\n{_report(2)}", says="was to want 3 ships"),
        Mistake(name="the report is the wish", cell=f"{_fleet(3)}\n{_report(3)}", says="to speak of 2 ships"),
    ),
    definitions=FLEETS,
    objects=("fleet/red",),
)
