"""What can be switched on, by name: as `kube-apiserver --runtime-config=GROUP/VERSION=true` does it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from k8s_tutor.embedded.apiserver.ground import Ground
from k8s_tutor.embedded.apiserver.removed.definition import serve as serve_definitions
from k8s_tutor.embedded.core import ApiHandler
from k8s_tutor.errors import UsageError
from k8s_tutor.objects.spelling import nearest

__all__ = ["serve"]

_SERVE: dict[str, Callable[[Ground, ApiHandler], None]] = {"apiextensions.k8s.io/v1beta1": serve_definitions}


def serve(runtime_config: Mapping[str, bool], ground: Ground, api: ApiHandler) -> None:
    """Serves what is switched on, besides all that is served anyway.

    Args:
        runtime_config: Whether, by `GROUP/VERSION`.
        ground: Of the API server; gets more kinds.
        api: The API server.

    Raises:
        UsageError: there is no such switch, or it has no such position.
    """
    for name, on in runtime_config.items():
        if name not in _SERVE:
            raise _no_switch(name)
        if not isinstance(on, bool):
            raise UsageError(
                f'runtime_config["{name}"] is {on!r}',
                why="an API version is switched on with True, and off with False",
                next_step=f'runtime_config={{"{name}": True}}',
            )
    for name, add in _SERVE.items():
        if runtime_config.get(name):
            add(ground, api)


def _no_switch(name: str) -> UsageError:
    near = nearest(name, list(_SERVE)) or next(iter(_SERVE))
    return UsageError(
        f'runtime_config has "{name}", which cannot be switched',
        why=f"what can be switched on are API versions that Kubernetes has removed: {', '.join(_SERVE)}",
        next_step=f'did you mean runtime_config={{"{near}": True}}?',
    )
