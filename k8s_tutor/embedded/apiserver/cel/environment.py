"""What expressions may speak of: variables with types, and the functions of CEL and of Kubernetes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from k8s_tutor.embedded.apiserver.cel.descriptors import Descriptors
from k8s_tutor.embedded.apiserver.cel.expression import Expression
from k8s_tutor.embedded.apiserver.cel.types import OPAQUE, CelType
from k8s_tutor.embedded.apiserver.cel.wording import CompileError, compile_words

if TYPE_CHECKING:
    from cel_expr_python import cel

    from k8s_tutor.embedded.apiserver.cel.libraries.function import Function

__all__ = ["Environment"]

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
