"""CEL in admission: what match conditions and admission policies may speak of, and how they fail.

Not there: `authorizer`, and the estimate of costs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache

from k8s_tutor.embedded.apiserver.cel import DYN, CompileError, Environment, EvaluationError, Expression
from k8s_tutor.embedded.apiserver.fielderrors import FieldError, duplicate, invalid, required
from k8s_tutor.objects import metadata
from k8s_tutor.objects.types import Json, Obj

__all__ = ["compiled", "condition_problems", "evaluated", "expression_problems", "unmet"]

_VARIABLES = ("object", "oldObject", "request", "namespaceObject", "params", "variables")


@lru_cache(maxsize=1)
def _environment() -> Environment:
    return Environment(dict.fromkeys(_VARIABLES, DYN))


@lru_cache(maxsize=1024)
def compiled(source: str, returns: str = "") -> Expression:
    """An expression of admission, ready to be evaluated.

    Raises:
        CompileError: it is none.
    """
    return _environment().compile(source, returns=returns)


def evaluated(source: str, values: Mapping[str, Json]) -> Json:
    """What an expression comes to.

    Raises:
        EvaluationError: to nothing; in the API server's words.
    """
    try:
        return compiled(source).evaluate({name: _plain(values.get(name)) for name in _VARIABLES})
    except (EvaluationError, CompileError) as error:
        raise EvaluationError(f"expression '{source}' resulted in error: {error}") from error


def _plain(value: Json) -> Json:
    """Stored objects are more than dicts; CEL knows dicts alone."""
    return dict(value) if isinstance(value, dict) else value


def unmet(conditions: Iterable[Obj], values: Mapping[str, Json]) -> tuple[bool, list[str]]:
    """Whether one of the conditions does not hold; and what kept others from being known.

    One that does not hold decides, whatever the others do.
    """
    problems: list[str] = []
    for condition in conditions:
        try:
            if not evaluated(condition["expression"], values):
                return True, []
        except EvaluationError as error:
            problems.append(str(error))
    return False, problems


def expression_problems(source: str, path: str, returns: str) -> list[FieldError]:
    """What is wrong with an expression that must come to a type."""
    if not source.strip():
        return [required(path)]
    try:
        compiled(source, returns)
    except CompileError as error:
        words = str(error)
        if "ERROR" in words:
            return [invalid(path, source, f"compilation failed: {words}")]
        return [invalid(path, source, f"must evaluate to {returns} but got {words}")]
    return []


def condition_problems(conditions: Iterable[Obj], path: str) -> list[FieldError]:
    """What is wrong with match conditions."""
    found: list[FieldError] = []
    seen: set[str] = set()
    for index, condition in enumerate(conditions):
        field_path, name = f"{path}[{index}]", condition.get("name", "")
        found += expression_problems(condition.get("expression", ""), f"{field_path}.expression", "bool")
        if not name:
            found.append(required(f"{field_path}.name"))
        elif name in seen:
            found.append(duplicate(f"{field_path}.name", name))
        else:
            found += [invalid(f"{field_path}.name", name, problem) for problem in metadata.qualified_name(name)]
        seen.add(name)
    return found
