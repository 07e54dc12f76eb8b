"""What it means to listen: a port of an address, and a function that answers requests to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from k8s_tutor.embedded.nodeservices import HttpAnswer, HttpRequest

__all__ = ["AddressInUse", "Handler", "Reply"]


@dataclass(frozen=True, slots=True)
class Reply:
    """What a listener does with a request: its answer (None: the connection breaks), after so many seconds."""

    answer: HttpAnswer | None
    seconds: float = 0.0


Handler: TypeAlias = Callable[[HttpRequest, str], Reply]
"""Answers a request; the second argument is the client's address."""


class AddressInUse(Exception):
    """Another process of the same pod listens on that port already."""
