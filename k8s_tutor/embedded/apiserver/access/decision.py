"""The answer of an authorizer."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["NO_OPINION", "Decision"]


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether somebody may.

    Attributes:
        allowed: Nobody denies in so many words: what is not allowed is refused.
        reason: Why; often `""`.
    """

    allowed: bool
    reason: str = ""


NO_OPINION = Decision(allowed=False)
