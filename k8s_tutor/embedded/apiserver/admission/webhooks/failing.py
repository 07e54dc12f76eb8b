"""A call that failed."""

from __future__ import annotations

__all__ = ["CallFailed", "unreached"]


class CallFailed(Exception):
    """A webhook could not be asked, or gave no proper answer; the message is Kubernetes' own."""


def unreached(url: str, words: str) -> CallFailed:
    """A server that could not be reached."""
    return CallFailed(f'failed to call webhook: Post "{url}": {words}')
