"""`connect()`: the way to a session; and which one was connected last."""

from __future__ import annotations

from k8s_tutor.errors import UsageError
from k8s_tutor.session.session import Session

__all__ = ["connect", "current"]


def connect(choice: str | None = None) -> Session:
    """Connects to a cluster and says in one line which, why, and how to choose another.

    Args:
        choice: `embedded`, `kind`, `context:NAME`; None chooses: `K8S_TUTOR_CLUSTER`, a saved setting, kind where a
            container engine answers, else embedded.

    Returns:
        The session; in lessons it is called `t`.

    Raises:
        ClusterUnavailable: the cluster cannot be created or reached.
        UsageError: no such choice.
    """
    from k8s_tutor.cluster.connect import connect_cluster  # noqa: PLC0415

    session = Session(connect_cluster(choice, announce=print))
    _current[:] = [session]
    return session


def current() -> Session:
    """The session connected last, for magics.

    Raises:
        UsageError: there is none yet.
    """
    if not _current:
        raise UsageError(
            "There is no cluster yet.",
            next_step="Run first: from k8s_tutor import connect; t = connect()",
        )
    return _current[-1]


_current: list[Session] = []
