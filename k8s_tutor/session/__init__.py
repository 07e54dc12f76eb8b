"""What a lesson's cells talk to: `connect()` and the `Session` it returns.

Law: thin. Everything here puts rooms above together and words it for a person; it knows no cluster by name, only
`cluster.features`. Errors are `TutorError`s, and nothing heavy is imported before it is needed.
"""

from __future__ import annotations

from k8s_tutor.session.connecting import connect, current
from k8s_tutor.session.session import Session

__all__ = ["Session", "connect", "current"]
