"""Learn Kubernetes in notebooks: `from k8s_tutor import connect; t = connect()`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s_tutor.version import __version__

if TYPE_CHECKING:
    from k8s_tutor.api.protocol import StatusError
    from k8s_tutor.cluster.doctor import doctor
    from k8s_tutor.errors import UsageError
    from k8s_tutor.session import Session, connect

__all__ = ["Session", "StatusError", "UsageError", "__version__", "connect", "doctor"]


def __getattr__(name: str) -> object:
    """Imports the session only when it is asked for: `import k8s_tutor` alone stays quick."""
    if name in ("StatusError", "UsageError"):  # what a lesson's own code may want to catch
        from k8s_tutor import errors  # noqa: PLC0415
        from k8s_tutor.api import protocol  # noqa: PLC0415

        return getattr(protocol if name == "StatusError" else errors, name)
    if name == "doctor":  # before there is a cluster, and without what a session needs
        from k8s_tutor.cluster.doctor import doctor  # noqa: PLC0415

        return doctor
    if name in ("connect", "Session"):
        import sys  # noqa: PLC0415

        from k8s_tutor import session  # noqa: PLC0415  late on purpose, see above

        if "IPython" in sys.modules:  # in a notebook, `%%apply` and its companions come with it
            from k8s_tutor.notebook import register_magics  # noqa: PLC0415

            register_magics()
        else:
            from k8s_tutor.errors import speak_plainly  # noqa: PLC0415

            speak_plainly()
        return getattr(session, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
