"""A rule of one's own, in CEL, tried out on orders."""

from __future__ import annotations

import re
from typing import Any

from k8s_tutor.exercises import (
    Call,
    Exercise,
    Message,
    Mistake,
    Seen,
    Verdict,
    cannot_tell,
    explain_trouble,
    failed,
    msg,
    see,
    try_function,
)
from .cel import RuleError, SyntaxFault, UnknownWordError, evaluate

__all__ = ["EXERCISE"]

_LOAD = msg("The load has to be compared with the strength; as much as the strength is allowed.")
_STRONG = msg("A crane stronger than 20 needs a helper. A crane of exactly 20 does not.")
# A crane's spec, whether it should be accepted, and what to say to whose rule thinks otherwise.
_CASES: tuple[tuple[dict[str, Any], bool, Message], ...] = (
    ({"load": 5, "strength": 10}, True, msg("A small crane needs no helper, and `helper` is not even there.")),
    ({"load": 10, "strength": 10}, True, _LOAD),
    ({"load": 11, "strength": 10}, False, _LOAD),
    ({"load": 5, "strength": 30}, False, _STRONG),
    ({"load": 5, "strength": 30, "helper": "ann"}, True, _STRONG),
    ({"load": 20, "strength": 20}, True, _STRONG),
    ({"load": 31, "strength": 30, "helper": "ann"}, False, msg("The helper does not make the crane stronger.")),
    ({"load": 3, "strength": 10, "helper": "ben"}, True, msg("A helper is allowed with any crane.")),
)
_PYTHON = re.compile(r"\b(and|or|not)\b")


def _look(call: Call) -> Seen | Verdict:
    called = call()
    if called.trouble:
        return explain_trouble(called)
    rule = called.value
    if not isinstance(rule, str):
        hint = msg("A rule is a text: it stands in quotation marks.")
        return failed(
            msg("the function did not return a text."), msg("returned: {value}", value=called.shown), hint=hint
        )
    for spec, good, hint in _CASES:
        try:
            value = evaluate(rule, self=spec)
        except UnknownWordError as error:
            return cannot_tell(msg("this check does not know `{word}`.", word=str(error)),
                               hint=msg("The rule can be written with comparisons, `&&`, `||` and `has(…)`."))  # fmt: skip
        except SyntaxFault as error:
            return _explain_syntax(rule, str(error))
        except RuleError as error:
            if good:
                more = msg("`has(self.helper)` asks whether it is there.") if "helper" in str(error) else hint
                return failed(msg("it refuses {crane}.", crane=str(spec)), msg("the rule broke off: {words}",
                              words=str(error)), hint=more)  # fmt: skip
            continue
        if not isinstance(value, bool):
            return failed(msg("the rule comes to {value}, not to true or false.", value=str(value)),
                          hint=msg("A comparison comes to true or false."))  # fmt: skip
        if value and not good:
            return failed(msg("it accepts {crane}.", crane=str(spec)), hint=hint)
        if good and not value:
            return failed(msg("it refuses {crane}.", crane=str(spec)), hint=hint)
    return see(msg("tried on {count} cranes: each accepted or refused as it should be", count=len(_CASES)))


def _explain_syntax(rule: str, words: str) -> Verdict:
    if found := _PYTHON.search(rule):
        sign = {"and": "&&", "or": "||", "not": "!"}[found[0]]
        hint = msg("CEL says `{sign}` instead of `{word}`.", sign=sign, word=found[0])
    elif "undeclared" in words:
        hint = msg("The spec is called `self`, and its fields begin with it: `self.load`.")
    else:
        hint = msg("A rule looks like those of the voyage: `self.from != self.to`.")
    return failed(msg("that is no CEL; the API server would refuse the definition."), words, hint=hint)


def _crane_rule() -> str:
    return "self.load <= self.strength && (self.strength <= 20 || has(self.helper))"


def _cell(rule: str) -> str:
    return f'@t.place("kinds-4")\ndef crane_rule():\n    return "{rule}"'


EXERCISE = Exercise(
    id="kinds-4",
    title=msg("A rule of your own"),
    task=msg(
        "`crane_rule()` returns a rule in CEL, as a text. A crane's spec has a `load` and a `strength`, both whole "
        "numbers that are always given, and perhaps a `helper`. The load must not be more than the strength; and a crane "
        "whose strength is more than 20 must have a helper."
    ),
    checks=(try_function("kinds-4", _look),),
    solved=msg("your rule lets good cranes pass, and no others."),
    hints=(
        msg("Two conditions, and both must hold: `… && …`. The first is a comparison like those above."),
        msg("The second in other words: the crane is not that strong, or there is a helper. `||` is or."),
        msg("Whether an optional field is there: `has(self.helper)`."),
        msg("In CEL: `self.load <= self.strength && (self.strength <= 20 || has(self.helper))`"),
    ),
    solution='''@t.place("kinds-4")
def crane_rule():
    """② A rule for cranes."""
    return "self.load <= self.strength && (self.strength <= 20 || has(self.helper))"''',
    alternative=_cell("!(self.load > self.strength) && (self.strength > 20 ? has(self.helper) : true)"),
    mistakes=(
        Mistake(name="only the load", cell=_cell("self.load <= self.strength"), says="stronger than 20 needs a helper"),
        Mistake(
            name="less instead of at most",
            cell=_cell("self.load < self.strength && (self.strength <= 20 || has(self.helper))"),
            says="as much as the strength is allowed",
        ),
        Mistake(
            name="the helper is taken for granted",
            cell=_cell(
                "self.load <= self.strength && (self.strength <= 20 || self.helper != '') && self.helper != 'x'"
            ),
            says="asks whether it is there",
        ),
        Mistake(
            name="Python's words",
            cell=_cell("self.load <= self.strength and (self.strength <= 20 or has(self.helper))"),
            says="CEL says `&&` instead of `and`",
        ),
        Mistake(
            name="without self",
            cell=_cell("load <= strength && (strength <= 20 || has(self.helper))"),
            says="fields begin with it",
        ),
        Mistake(
            name="always a helper",
            cell=_cell("self.load <= self.strength && has(self.helper)"),
            says="needs no helper",
        ),
        Mistake(
            name="no text",
            cell='@t.place("kinds-4")\ndef crane_rule():\n    return True',
            says="stands in quotation marks",
        ),
    ),
    function=_crane_rule,
)
