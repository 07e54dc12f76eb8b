"""Label selectors: which objects a Service, a ReplicaSet or `kubectl get -l` means.

>>> parse("app=web,tier in (front, back),!canary").matches({"app": "web", "tier": "front"})
True
>>> matches({"matchLabels": {"app": "web"}}, {"app": "db"})
False

Grammar, semantics and messages are the API server's (asked, see tests/unit/objects); the grammar is that of
kubernetes.io/docs/concepts/overview/working-with-objects/labels.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from k8s_tutor.objects import metadata
from k8s_tutor.objects.types import Obj

__all__ = [
    "NOTHING",
    "Requirement",
    "Selector",
    "SelectorError",
    "disruption_allowed",
    "from_labels",
    "matches",
    "of",
    "parse",
    "selects",
]


class SelectorError(ValueError):
    """A selector that cannot be understood; the message is Kubernetes' own."""


@dataclass(frozen=True, slots=True)
class Requirement:
    """One condition on one label.

    Attributes:
        key: The label's key.
        operator: `=`, `==`, `!=`, `in`, `notin`, `exists`, `!`, `gt` or `lt`.
        values: Sorted, without doubles; empty for `exists` and `!`.
    """

    key: str
    operator: str
    values: tuple[str, ...] = ()

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Whether labels meet it. A missing label meets `!=`, `notin` and `!`, and nothing else."""
        match self.operator:
            case "=" | "==" | "in":
                return self.key in labels and labels[self.key] in self.values
            case "!=" | "notin":
                return labels.get(self.key) not in self.values
            case "exists":
                return self.key in labels
            case "!":
                return self.key not in labels
            case _:
                return self._compares(labels.get(self.key))

    def _compares(self, value: str | None) -> bool:
        if value is None or not _INTEGER.fullmatch(value):
            return False
        limit = int(self.values[0])
        return int(value) > limit if self.operator == "gt" else int(value) < limit

    def __str__(self) -> str:
        match self.operator:
            case "exists":
                return self.key
            case "!":
                return f"!{self.key}"
            case "in" | "notin":
                return f"{self.key} {self.operator} ({','.join(self.values)})"
            case "gt" | "lt":
                return f"{self.key}{'>' if self.operator == 'gt' else '<'}{self.values[0]}"
            case _:
                return f"{self.key}{self.operator}{self.values[0]}"


@dataclass(frozen=True, slots=True)
class Selector:
    """Requirements that must all be met; without any, everything is selected (unless `nothing`)."""

    requirements: tuple[Requirement, ...] = ()
    nothing: bool = False

    def matches(self, labels: Mapping[str, str] | None) -> bool:
        """Whether an object with these labels is selected."""
        if self.nothing:
            return False
        present = labels or {}
        return all(requirement.matches(present) for requirement in self.requirements)

    def __str__(self) -> str:
        return ",".join(str(requirement) for requirement in self.requirements)


NOTHING = Selector(nothing=True)


def matches(label_selector: Obj | None, labels: Mapping[str, str] | None) -> bool:
    """Whether a `LabelSelector` (`matchLabels`, `matchExpressions`) selects these labels; none selects nothing."""
    return of(label_selector).matches(labels)


def of(label_selector: Obj | None) -> Selector:
    """The selector an object's `LabelSelector` means. None selects nothing, `{}` everything.

    Raises:
        SelectorError: an operator or a label is not valid.
    """
    if label_selector is None:
        return NOTHING
    found = list(from_labels(label_selector.get("matchLabels")).requirements)
    for row in label_selector.get("matchExpressions") or ():
        operator = _EXPRESSION_OPERATORS.get(str(row.get("operator", "")))
        if operator is None:
            raise SelectorError(f'"{row.get("operator", "")}" is not a valid label selector operator')
        found.append(_requirement(str(row.get("key", "")), operator, row.get("values") or ()))
    return Selector(tuple(sorted(found, key=lambda requirement: requirement.key)))


def from_labels(labels: Mapping[str, str] | None) -> Selector:
    """The selector of plain equality, as in a Service's `spec.selector`. No label selects everything."""
    return Selector(tuple(Requirement(key, "=", (value,)) for key, value in sorted((labels or {}).items())))


@lru_cache(maxsize=1024)
def parse(text: str) -> Selector:
    """A selector in the words of `kubectl get -l`.

    Raises:
        SelectorError: the text is no selector, in the API server's words.
    """
    return Selector(tuple(sorted(_Parser(text).requirements(), key=lambda requirement: requirement.key)))


_EXPRESSION_OPERATORS = {"In": "in", "NotIn": "notin", "Exists": "exists", "DoesNotExist": "!"}
_BINARY = {"in": "in", "notin": "notin", "=": "=", "==": "==", "!=": "!=", ">": "gt", "<": "lt"}
_INTEGER = re.compile(r"[+-]?[0-9]+")
_SYMBOLS = ("==", "!=", "=", "!", "(", ")", ">", "<", ",")


def _requirement(key: str, operator: str, values: Sequence[str]) -> Requirement:
    _check_key(key)
    if operator in ("in", "notin") and not values:
        raise SelectorError("values: Invalid value: []: for 'in', 'notin' operators, values set can't be empty")
    if operator in ("exists", "!") and values:
        shown = "[" + ",".join(f'"{value}"' for value in values) + "]"
        raise SelectorError(f"values: Invalid value: {shown}: values set must be empty for exists and does not exist")
    chosen = tuple(sorted(set(values)))
    problems = []
    for index, value in enumerate(chosen):
        if operator in ("gt", "lt") and not _INTEGER.fullmatch(value):
            words = "for 'Gt', 'Lt' operators, the value must be an integer"
            problems.append(f'values[{index}]: Invalid value: "{value}": {words}')
        elif found := metadata.label_value(value):
            problems.append(f'values[{index}][{key}]: Invalid value: "{value}": {"; ".join(found)}')
    if problems:
        raise SelectorError(problems[0] if len(problems) == 1 else f"[{', '.join(problems)}]")
    return Requirement(key, operator, chosen)


def _check_key(key: str) -> None:
    if problems := metadata.qualified_name(key):
        raise SelectorError(f'<nil>: Invalid value: "{key}": {"; ".join(problems)}')


class _Parser:
    """Recursive descent over the tokens; a token is its text, `""` the end."""

    def __init__(self, text: str) -> None:
        self._tokens = [*_tokens(text), ""]
        self._at = 0

    def requirements(self) -> list[Requirement]:
        found: list[Requirement] = []
        while (token := self._peek()) != "":
            if token in _SYMBOLS and token != "!":
                raise SelectorError(f"found '{token}', expected: !, identifier, or 'end of string'")
            try:
                found.append(self._requirement())
            except SelectorError as error:
                raise SelectorError(f"unable to parse requirement: {error}") from None
            token = self._take()
            if token == "":
                break
            if token != ",":
                raise SelectorError(f"found '{token}', expected: ',' or 'end of string'")
            if (after := self._peek()) == "" or (after in _SYMBOLS and after != "!"):
                raise SelectorError(f"found '{after}', expected: identifier after ','")
        return found

    def _requirement(self) -> Requirement:
        absent = self._peek() == "!"
        if absent:
            self._take()
        key = self._identifier()
        _check_key(key)
        if absent:
            return Requirement(key, "!")
        if self._peek() in ("", ","):
            return Requirement(key, "exists")
        word = self._take()
        operator = _BINARY.get(word)
        if operator is None:
            raise SelectorError(f"found '{word}', expected: in, notin, =, ==, !=, gt, lt")
        if operator in ("in", "notin"):
            return _requirement(key, operator, self._values())
        value = "" if self._peek() in ("", ",") else self._identifier()
        return _requirement(key, operator, [value])

    def _values(self) -> list[str]:
        token = self._take()
        if token != "(":
            raise SelectorError(f"found '{token}' expected: '('")
        if (token := self._peek()) == ")":
            self._take()
            return [""]
        if token == "" or (token in _SYMBOLS and token != ","):
            raise SelectorError(f"found '{token}', expected: ',', ')' or identifier")
        values, word = [], ""
        while (token := self._take()) != ")":
            if token == ",":  # an empty place between commas is the empty value
                values.append(word)
                word = ""
            elif word or token == "" or token in _SYMBOLS:
                raise SelectorError(f"found '{token}', expected: ',' or ')'")
            else:
                word = token
        return [*values, word]

    def _identifier(self) -> str:
        token = self._take()
        if token == "" or token in _SYMBOLS:
            raise SelectorError(f"found '{token}', expected: identifier")
        return token

    def _peek(self) -> str:
        return self._tokens[self._at]

    def _take(self) -> str:
        token = self._tokens[self._at]
        self._at = min(self._at + 1, len(self._tokens) - 1)
        return token


def _tokens(text: str) -> list[str]:
    return re.findall(r"==|!=|[=!()><,]|[^\s=!()><,]+", text)


# ---- PodDisruptionBudgets: which pods they are about, and the condition that says whether one of them may go
#
# Law: pure.


def selects(budget: Obj, pod: Obj) -> bool:
    """Whether the budget is about the pod; without a selector it is about none."""
    selector = budget["spec"].get("selector")
    return selector is not None and matches(selector, pod["metadata"].get("labels"))


def disruption_allowed(allowed: int, generation: int) -> Obj:
    """The condition DisruptionAllowed, where `allowed` pods may go."""
    return {
        "type": "DisruptionAllowed",
        "status": "True" if allowed else "False",
        "reason": "SufficientPods" if allowed else "InsufficientPods",
        "message": "",
        "observedGeneration": generation,
    }
