"""An expression made ready to be evaluated, many times."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from k8s_tutor.embedded.apiserver.cel.types import CelType
from k8s_tutor.embedded.apiserver.cel.values import to_cel
from k8s_tutor.embedded.apiserver.cel.wording import EvaluationError, evaluation_words
from k8s_tutor.objects.types import Json

if TYPE_CHECKING:
    from cel_expr_python import cel

__all__ = ["Expression"]


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
