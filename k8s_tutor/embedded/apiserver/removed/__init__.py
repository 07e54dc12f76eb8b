"""API versions that this release of Kubernetes has removed, served on request: for old clients and old manifests.

Law: nobody imports this room but the API server, and only when one of them is switched on. A real server of this
release does not have them; what they are like is what the last release said that had them. The objects are stored in
the version that stayed, and nothing else in the cluster knows of these.
"""

from k8s_tutor.embedded.apiserver.removed.switches import serve

__all__ = ["serve"]
