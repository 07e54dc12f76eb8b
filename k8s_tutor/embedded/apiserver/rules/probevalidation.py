"""What is wrong with probes and lifecycle hooks."""

from __future__ import annotations

from k8s_tutor.embedded.apiserver.fielderrors import FieldError, forbidden, invalid, required, unsupported
from k8s_tutor.embedded.apiserver.rules.checks import nonnegative, port_name_or_number
from k8s_tutor.objects.types import Obj

__all__ = ["validate_lifecycle", "validate_probes"]

_COUNTS = ("initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold")


def validate_probes(container: Obj, path: str) -> list[FieldError]:
    """The three probes of a container."""
    found: list[FieldError] = []
    for name in ("livenessProbe", "readinessProbe", "startupProbe"):
        probe = container.get(name)
        if probe is None:
            continue
        place = f"{path}.{name}"
        found += _validate_probe(probe, place)
        if name == "readinessProbe":
            if "terminationGracePeriodSeconds" in probe:
                seconds = probe["terminationGracePeriodSeconds"]
                found.append(
                    invalid(f"{place}.terminationGracePeriodSeconds", seconds, "must not be set for readinessProbes")
                )
        elif probe["successThreshold"] != 1:
            found.append(invalid(f"{place}.successThreshold", probe["successThreshold"], "must be 1"))
    return found


def validate_lifecycle(lifecycle: Obj, grace: int, path: str) -> list[FieldError]:
    """The hooks after start and before stop."""
    found: list[FieldError] = []
    for name in ("postStart", "preStop"):
        if name in lifecycle:
            found += _validate_handler(lifecycle[name], f"{path}.{name}", grace)
    return found


def _validate_probe(probe: Obj, path: str) -> list[FieldError]:
    found = _validate_handler(probe, path, None)
    for name in _COUNTS:
        found += nonnegative(probe.get(name), f"{path}.{name}")
    grace = probe.get("terminationGracePeriodSeconds")
    if grace is not None and grace <= 0:
        found.append(invalid(f"{path}.terminationGracePeriodSeconds", grace, "must be greater than 0"))
    return found


def _validate_handler(handler: Obj, path: str, grace: int | None) -> list[FieldError]:
    kinds = [kind for kind in ("exec", "httpGet", "tcpSocket", "grpc", "sleep") if kind in handler]
    if not kinds:
        return [required(path, "must specify a handler type")]
    found = _validate_action(kinds[0], handler[kinds[0]], f"{path}.{kinds[0]}", grace)
    return found + [forbidden(f"{path}.{kind}", "may not specify more than 1 handler type") for kind in kinds[1:]]


def _validate_action(kind: str, action: Obj, path: str, grace: int | None) -> list[FieldError]:
    if kind == "exec":
        return [] if action.get("command") else [required(f"{path}.command")]
    if kind == "sleep":
        seconds = action.get("seconds", 0)
        if grace is None or 0 <= seconds <= grace:
            return []
        words = f"must be non-negative and less than terminationGracePeriodSeconds ({grace})"
        return [invalid(path, seconds, words)]
    found = port_name_or_number(action.get("port"), f"{path}.port")
    if kind == "httpGet" and action["scheme"] not in ("HTTP", "HTTPS"):
        found.append(unsupported(f"{path}.scheme", action["scheme"], ("HTTP", "HTTPS")))
    return found
