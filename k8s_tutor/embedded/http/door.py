"""What the HTTP server needs from whoever guards the core."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Protocol

from k8s_tutor.api.protocol import Request
from k8s_tutor.embedded.core import Answer, User

__all__ = ["Door"]


class Door(Protocol):
    """The core, as a thread outside it may touch it."""

    def authenticate(self, token: str) -> User | None:
        """Whose bearer token this is; None for nobody's."""
        ...

    def handle(self, request: Request, user: User, acting_as: User | None = None) -> Answer:
        """Answers one request with the core held; see `ApiHandler.handle`."""
        ...

    def patient(self) -> bool:
        """Whether `handle` may wait for servers outside, who may themselves ask here meanwhile."""
        ...

    def hold(self) -> AbstractContextManager[None]:
        """The core held: for everything done to a feed or a session. What they push arrives with the core held."""
        ...

    def outsider(self) -> AbstractContextManager[None]:
        """Entered while a stream to another program is open, so that its time can pass."""
        ...
