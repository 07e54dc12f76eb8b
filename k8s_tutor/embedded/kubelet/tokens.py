"""The tokens that a kubelet puts into its pods: asked for when first needed, and again before they get old."""

from __future__ import annotations

from k8s_tutor.embedded.apiserver.local import Local
from k8s_tutor.objects.types import Obj

__all__ = ["PodTokens"]

_USED_UP = 0.8  # of its time: then a token is renewed, as pkg/kubelet/token of k8s.io/kubernetes does
_SECONDS = 3600


class PodTokens:
    """The tokens of one pod, by audience and duration."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, int], tuple[bytes, float]] = {}

    def get(self, api: Local, pod: Obj, projection: Obj, now: float) -> bytes:
        """A token for a `serviceAccountToken` of a projected volume.

        Raises:
            StatusError: the API server gave none.
        """
        key = (projection.get("audience", ""), projection.get("expirationSeconds", _SECONDS))
        token, renewal = self._known.get(key, (b"", 0.0))
        if now < renewal:
            return token
        metadata = pod["metadata"]
        bound = {"apiVersion": "v1", "kind": "Pod", "name": metadata["name"], "uid": metadata["uid"]}
        spec: Obj = {"expirationSeconds": key[1], "boundObjectRef": bound}
        if key[0]:
            spec["audiences"] = [key[0]]
        answer = api.token(metadata["namespace"], pod["spec"].get("serviceAccountName") or "default", spec)
        token = str(answer["status"]["token"]).encode()
        self._known[key] = (token, now + key[1] * _USED_UP)
        return token

    def renewal(self) -> float | None:
        """When the first of them is to be renewed, in seconds since the Unix epoch; None where there are none."""
        return min((when for _, when in self._known.values()), default=None)
