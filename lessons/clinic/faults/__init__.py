"""The clinic of the course: a shop, when it is well, and what it may suffer from."""

from __future__ import annotations

from k8s_tutor.exercises import Clinic

from . import keepers, places, programs, services, settings, shop, wellness

__all__ = ["CLINIC"]

# In the order in which they show: a Pod that nobody makes hides that no node would have it, and so on.
_ORDER = (
    # nobody makes Pods
    "paused", "replicas-zero", "quota", "limit-range", "no-account", "no-priority", "no-runtime",
    # no node takes them
    "gated", "no-scheduler", "claim-name", "claim-class", "node-selector", "tainted", "request-too-large",
    # they do not start
    "volume-source", "init-waits", "init-fails", "image-tag", "image-name", "never-pull", "configmap-name",
    "configmap-key", "value-misspelt", "secret-missing", "secret-key", "must-not-be-root", "command-not-found",
    # they do not stay
    "unknown-flag", "oom", "stock-mount", "other-port", "liveness-kills",
    # they are not ready
    "readiness-port", "readiness-path", "never-ready", "readiness-gate", "min-ready",
    # nobody reaches them
    "asleep", "only-localhost", "service-selector", "template-label", "stock-selector", "targetport-name",
    "service-port", "service-targetport", "headless", "service-elsewhere",
    # they say something else
    "env-name", "old-greeting", "mount-path", "volume-file",
    # nobody has noticed yet
    "budget", "scaler-target", "scaler-blind", "binding-subject", "role-resource", "finalizer",
)  # fmt: skip
_FAULTS = (*programs.FAULTS, *settings.FAULTS, *services.FAULTS, *places.FAULTS, *keepers.FAULTS)

CLINIC = (
    Clinic(
        app=shop.APP,
        faults=tuple(sorted(_FAULTS, key=lambda fault: _ORDER.index(fault.id))),
        checks=wellness.CHECKS,
        story=shop.STORY,
        pods="part-of=shop",
        furnish=shop.furnish,
        looks_at=("pods", "endpointslices"),
    ),
)
