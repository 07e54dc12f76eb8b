"""An expression made ready to be evaluated, many times."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from k8s_tutor.clock import from_rfc3339
from k8s_tutor.embedded.apiserver.cel.types import OPAQUE, CelType, Descriptors, spellings
from k8s_tutor.embedded.apiserver.cel.wording import CompileError, EvaluationError, compile_words, evaluation_words
from k8s_tutor.objects.types import Json, Obj

if TYPE_CHECKING:
    from cel_expr_python import cel

    from k8s_tutor.embedded.apiserver.cel.types import Function

__all__ = ["Environment", "Expression", "go_duration", "to_cel"]


# ---- Plain JSON as expressions see it: times are times, and fields have names that can be written

_UNITS = {"h": 3600 * 10**9, "m": 60 * 10**9, "s": 10**9, "ms": 10**6, "us": 10**3, "µs": 10**3, "ns": 1}
_DURATION = re.compile(r"([0-9]+(?:\.[0-9]*)?|\.[0-9]+)(ns|us|µs|ms|s|m|h)")


def to_cel(value: Json, schema: Obj | None) -> Any:
    """A value for the evaluator.

    Args:
        value: As objects have it.
        schema: What it follows; None for values without one, which stay as they are.
    """
    if schema is None or schema.get("x-kubernetes-int-or-string"):
        return value
    if isinstance(value, dict):
        return _object(value, schema)
    if isinstance(value, list):
        items = schema.get("items")
        return [to_cel(item, items if isinstance(items, dict) else None) for item in value]
    if isinstance(value, str):
        return _text(value, str(schema.get("format", "")))
    if schema.get("type") == "number" and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    return value


def _object(value: Obj, schema: Obj) -> dict[str, Any]:
    extra = schema.get("additionalProperties")
    if isinstance(extra, dict):
        return {key: to_cel(item, extra) for key, item in value.items()}
    properties = schema.get("properties") or {}
    found = {}
    for key, item in value.items():
        if item is not None:  # null means nothing
            found.update(dict.fromkeys(spellings(key), to_cel(item, properties.get(key))))
    return found


def _text(value: str, form: str) -> Any:
    if form not in ("date-time", "date", "duration", "byte"):
        return value
    try:
        if form == "byte":
            return base64.b64decode(value)
        nanos = go_duration(value) if form == "duration" else _nanoseconds(value, form)
    except ValueError:
        return value  # no valid value of its format: validation says so
    return _moment(nanos, length=form == "duration")


def _nanoseconds(value: str, form: str) -> int:
    whole = f"{value}T00:00:00Z" if form == "date" else value
    fraction = re.search(r"\.(\d+)", whole)
    seconds = int(from_rfc3339(re.sub(r"\.\d+", "", whole)))
    return seconds * 10**9 + (int(fraction[1].ljust(9, "0")[:9]) if fraction else 0)


def _moment(nanos: int, *, length: bool) -> Any:
    from google.protobuf.duration_pb2 import Duration  # noqa: PLC0415 — with the first expression
    from google.protobuf.timestamp_pb2 import Timestamp  # noqa: PLC0415

    if length:
        sign = -1 if nanos < 0 else 1
        seconds, rest = divmod(abs(nanos), 10**9)
        return Duration(seconds=sign * seconds, nanos=sign * rest)
    seconds, rest = divmod(nanos, 10**9)
    return Timestamp(seconds=seconds, nanos=rest)


def go_duration(text: str) -> int:
    """Nanoseconds of a duration as Go writes them.

    >>> go_duration("1h30m"), go_duration("-1.5s")
    (5400000000000, -1500000000)

    Raises:
        ValueError: it is none.
    """
    sign, rest = (-1, text[1:]) if text.startswith("-") else (1, text.removeprefix("+"))
    if rest == "0":
        return 0
    total, at = 0, 0
    while at < len(rest):
        match = _DURATION.match(rest, at)
        if match is None:
            raise ValueError(f'invalid duration "{text}"')
        whole, _, fraction = match[1].partition(".")
        unit = _UNITS[match[2]]
        total += int(whole or 0) * unit + (int(fraction) * unit // 10 ** len(fraction) if fraction else 0)
        at = match.end()
    if not rest:
        raise ValueError(f'invalid duration "{text}"')
    return sign * total


# ---- An expression made ready to be evaluated, many times


class Expression:
    """A compiled expression.

    Attributes:
        source: Its text.
    """

    def __init__(
        self,
        source: str,
        program: cel.Expression,
        variables: Mapping[str, CelType],
        absent: cel.Expression | None = None,
    ) -> None:
        self.source = source
        self._program = program
        self._absent = absent  # how it goes when the optional variable has no value
        self._variables = variables

    def evaluate(self, values: Mapping[str, Json]) -> Any:
        """What it comes to for these values: plain JSON, with datetime and timedelta for times.

        Args:
            values: By the names of the variables; typed ones are read by their schema. An optional one may be None.

        Raises:
            EvaluationError: It came to no result.
        """
        given = {name: to_cel(value, self._variables[name].schema) for name, value in values.items()}
        try:
            found = self._chosen(values).eval(data=given)
            kind, value = found.type().name(), found.plain_value()
        except (RuntimeError, ValueError, TypeError, OverflowError) as error:
            raise EvaluationError(evaluation_words(str(error))) from None
        if kind.upper() == "ERROR":
            raise EvaluationError(evaluation_words(str(value)))
        return value

    def _chosen(self, values: Mapping[str, Json]) -> cel.Expression:
        if self._absent is not None and any(
            one.optional and values.get(name) is None for name, one in self._variables.items()
        ):
            return self._absent
        return self._program


# ---- What expressions may speak of: variables with types, and the functions of CEL and of Kubernetes

_FUNCTIONS = "name: kubernetes\nextensions:\n" + "".join(
    f"- {{name: {name}}}\n" for name in ("sets", "lists", "strings, version: 2", "optional")
)
_MACROS = f"{_FUNCTIONS}- {{name: two-var-comprehensions}}\n"


class Environment:
    """Compiles expressions over the same variables.

    Args:
        variables: The type of each, by name.
        functions: More functions than Kubernetes' rules have (those of admission).
    """

    def __init__(self, variables: Mapping[str, CelType], functions: tuple[Function, ...] = ()) -> None:
        self._variables = dict(variables)
        self._functions = functions
        self._checker: cel.Env | None = None
        self._labels = {name: label for one in variables.values() for name, label in one.labels.items()}

    def compile(self, source: str, *, returns: str = "") -> Expression:
        """An expression made ready, its types checked.

        Args:
            source: The expression.
            returns: The type it must come to (`bool`, `string`); any when empty.

        Raises:
            CompileError: It is no expression, or none over these variables. Of a wrong result, the message is only the
                type it has: who asks knows better what to say.
        """
        checker = self._checker = self._checker or self._made_checker()
        try:
            found = checker.compile(source).return_type().name().lower()
        except RuntimeError as error:
            raise CompileError(compile_words(str(error), self._labels)) from None
        if returns and found not in (returns, "dyn"):
            raise CompileError(found)
        optional = next((key for key, one in self._variables.items() if one.optional), "")
        if not optional:
            return Expression(source, self._program(checker, source), self._variables)
        program, absent = (
            self._program(checker, f"[{given}].map({optional}, ({source}\n))[0]")
            for given in (f"optional.of({optional})", "optional.none()")
        )
        return Expression(source, program, self._variables, absent)

    def _program(self, checker: cel.Env, source: str) -> cel.Expression:
        parsed = checker.compile(source, disable_check=True).serialize()
        return _runtime(tuple(self._variables), self._functions).deserialize(parsed)

    def has(self, name: str, source: str) -> bool:
        """Whether an expression speaks of a variable: without it, it no longer compiles."""
        rest = {key: value for key, value in self._variables.items() if key != name}
        try:
            Environment(rest, self._functions).compile(source)
        except CompileError as error:
            return f"undeclared reference to '{name}'" in str(error)
        return False

    def _made_checker(self) -> cel.Env:
        try:
            from cel_expr_python import cel  # noqa: PLC0415 — with the first expression
        except ImportError as error:
            raise CompileError(f"ERROR: the embedded cluster has no CEL compiler on this computer ({error})") from None

        from k8s_tutor.embedded.apiserver.cel.libraries import FUNCTIONS  # noqa: PLC0415

        types = {name: cel.Type(one.signature) for name, one in self._variables.items() if not one.optional}
        declared = [one for one in (*FUNCTIONS, *self._functions) if not one.inner]
        return cel.NewEnv(
            descriptor_pool=Descriptors(self._variables.values()),
            config=cel.NewEnvConfigFromYaml(_MACROS + self._optional_variables()),
            variables=types,
            extensions=[cel.CelExtension("kubernetes", list(_declarations(declared, exact=True)))],
        )

    def _optional_variables(self) -> str:
        """Variables of optional types, which only a configuration can declare; JSON is YAML, too."""
        rows = [
            {
                "name": name,
                "type_name": "optional_type",
                "params": [_type_row(one.signature[len("optional_type<") : -1])],
            }
            for name, one in self._variables.items()
            if one.optional
        ]
        return f"variables: {json.dumps(rows)}\n" if rows else ""


def _type_row(signature: str) -> dict[str, Any]:
    if signature.startswith("list<"):
        return {"type_name": "list", "params": [_type_row(signature[5:-1])]}
    if signature.startswith("map<string, "):
        return {"type_name": "map", "params": [{"type_name": "string"}, _type_row(signature[12:-1])]}
    return {"type_name": signature}


@cache
def _runtime(variables: tuple[str, ...], functions: tuple[Function, ...]) -> cel.Env:
    """Where expressions are evaluated: values bring their own types."""
    from cel_expr_python import cel  # noqa: PLC0415 — with the first expression

    from k8s_tutor.embedded.apiserver.cel.libraries import FUNCTIONS  # noqa: PLC0415

    return cel.NewEnv(
        config=cel.NewEnvConfigFromYaml(_FUNCTIONS),
        variables=dict.fromkeys(variables, cel.Type.DYN),
        extensions=[cel.CelExtension("kubernetes", list(_declarations((*FUNCTIONS, *functions), exact=False)))],
    )


def _declarations(functions: Any, *, exact: bool) -> Iterator[Any]:
    from cel_expr_python import cel  # noqa: PLC0415 — with the first expression

    grouped: dict[str, list[Any]] = {}
    seen: set[tuple[str, bool, tuple[str, ...]]] = set()
    for one in functions:
        parameters = one.parameters if exact else tuple(_kind(text) for text in one.parameters)
        if (one.name, one.method, parameters) in seen:
            continue
        seen.add((one.name, one.method, parameters))
        overload = cel.Overload(
            one.overload,
            return_type=cel.Type(one.returns) if exact else cel.Type.DYN,
            parameters=[cel.Type(text) for text in parameters],
            is_member=one.method,
            impl=one.does,
        )
        grouped.setdefault(one.name, []).append(overload)
    for name, overloads in grouped.items():
        yield cel.FunctionDecl(name, overloads)


def _kind(signature: str) -> str:
    """What a value of a type is when evaluated."""
    if signature in OPAQUE or signature.startswith("map<") or signature == "=map":
        return "map"
    if signature.startswith("list<") or signature == "=list":
        return "list"
    return "dyn" if signature.startswith("~") else signature
