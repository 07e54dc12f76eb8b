"""Who each controller is to the API server: its ServiceAccount, as on a real cluster."""

from __future__ import annotations

from k8s_tutor.embedded.core import User

__all__ = ["program", "service_account"]

_OTHER_NAMES = {
    "daemonset-controller": "daemon-set-controller",
    "certificatesigningrequest-signing-controller": "certificate-controller",
    "taint-eviction-controller": "node-controller",
    "persistentvolume-controller": "persistent-volume-binder",
}
"""Controllers that use the account of another or of another name, as in the real controller manager."""
_GUESTS = {"rancher.io/local-path": ("local-path-storage", "local-path-provisioner")}
"""Controllers that run in pods of their own on a real cluster: namespace and program."""
_WITHOUT = ("serviceaccount-token-controller",)
"""Controllers that make the accounts of the others, and so have none."""


def service_account(name: str) -> User:
    """Who a controller is to the API server."""
    if name in _WITHOUT:
        return User("system:kube-controller-manager", ("system:authenticated",))
    namespace, account = "kube-system", _OTHER_NAMES.get(name, name)
    if name in _GUESTS:
        namespace, account = _GUESTS[name][0], f"{program(name)}-service-account"
    groups = ("system:serviceaccounts", f"system:serviceaccounts:{namespace}", "system:authenticated")
    return User(f"system:serviceaccount:{namespace}:{account}", groups)


def program(name: str) -> str:
    """What it runs in; it signs what it writes."""
    return _GUESTS[name][1] if name in _GUESTS else "kube-controller-manager"
