"""How to reach a webhook: by the URL of a server, or by a Service in the cluster."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from k8s_tutor.embedded.apiserver.fielderrors import FieldError, invalid, required
from k8s_tutor.objects.types import Obj

__all__ = ["check_client_config"]

_FORM = "desired format: https://host[/path]"


def check_client_config(config: Obj, path: str) -> Iterator[FieldError]:
    """What is wrong with a webhook's `clientConfig`."""
    url, service = config.get("url"), config.get("service")
    if (url is None) == (service is None):
        yield required(path, "exactly one of url or service is required")
    elif url is not None:
        yield from _check_url(url, f"{path}.url")
    elif service is not None:
        yield from _check_service(service, f"{path}.service")


def _check_url(url: str, path: str) -> Iterator[FieldError]:
    parts = urlsplit(url)
    user, _, host = parts.netloc.rpartition("@")
    if parts.scheme != "https":
        yield invalid(path, parts.scheme, f"'https' is the only allowed URL scheme; {_FORM}")
    if not host:
        yield invalid(path, host, f"host must be specified; {_FORM}")
    for value, words in (
        (user, "user information is"),
        (parts.fragment, "fragments are"),
        (parts.query, "query parameters are"),
    ):
        if value:
            yield invalid(path, value, f"{words} not permitted in the URL")


def _check_service(service: Obj, path: str) -> Iterator[FieldError]:
    for key in ("name", "namespace"):
        if not service.get(key):
            yield required(f"{path}.{key}")
    port, place = service.get("port", 443), service.get("path")
    if not 1 <= port <= 65535:
        yield invalid(f"{path}.port", port, "port is not valid: must be between 1 and 65535, inclusive")
    if place and not place.startswith("/"):
        yield invalid(f"{path}.path", place, "must start with a '/'")
    for index, step in enumerate((place or "/").split("/")[1:-1] if (place or "/").startswith("/") else [""]):
        if not step:
            yield invalid(f"{path}.path", place, f"segment[{index}] may not be empty")
