"""What expressions may speak of: variables with types, and the functions of CEL and of Kubernetes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from k8s_tutor.embedded.apiserver.cel.descriptors import Descriptors
from k8s_tutor.embedded.apiserver.cel.expression import Expression
from k8s_tutor.embedded.apiserver.cel.libraries import FUNCTIONS, Function
from k8s_tutor.embedded.apiserver.cel.types import OPAQUE, CelType
from k8s_tutor.embedded.apiserver.cel.wording import CompileError, compile_words

if TYPE_CHECKING:
    from cel_expr_python import cel

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
        parsed = checker.compile(source, disable_check=True).serialize()
        program = _runtime(tuple(self._variables), self._functions).deserialize(parsed)
        return Expression(source, program, self._variables)

    def has(self, name: str, source: str) -> bool:
        """Whether an expression speaks of a variable: without it, it no longer compiles."""
        rest = {key: value for key, value in self._variables.items() if key != name}
        try:
            Environment(rest, self._functions).compile(source)
        except CompileError as error:
            return f"undeclared reference to '{name}'" in str(error)
        return False

    def _made_checker(self) -> cel.Env:
        from cel_expr_python import cel  # noqa: PLC0415 — with the first expression

        types = {name: cel.Type(one.signature) for name, one in self._variables.items()}
        declared = [one for one in (*FUNCTIONS, *self._functions) if not one.inner]
        return cel.NewEnv(
            descriptor_pool=Descriptors(self._variables.values()),
            config=cel.NewEnvConfigFromYaml(_MACROS),
            variables=types,
            extensions=[cel.CelExtension("kubernetes", list(_declarations(declared, exact=True)))],
        )


@cache
def _runtime(variables: tuple[str, ...], functions: tuple[Function, ...]) -> cel.Env:
    """Where expressions are evaluated: values bring their own types."""
    from cel_expr_python import cel  # noqa: PLC0415 — with the first expression

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
