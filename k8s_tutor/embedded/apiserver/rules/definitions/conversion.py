"""How a definition's objects turn from one version into another, and the webhook that may do it."""

from __future__ import annotations

from collections.abc import Iterator

from k8s_tutor.embedded.apiserver.fielderrors import FieldError, forbidden, invalid, required, unsupported
from k8s_tutor.embedded.apiserver.rules.definitions.clientconfig import check_client_config
from k8s_tutor.objects import names
from k8s_tutor.objects.types import Obj

__all__ = ["check_conversion"]

_KNOWN = ("v1", "v1beta1")
_PATH = "spec.conversion"


def check_conversion(spec: Obj) -> Iterator[FieldError]:
    """What is wrong with `spec.conversion`."""
    conversion: Obj = spec.get("conversion") or {}
    strategy, hook = conversion.get("strategy", ""), conversion.get("webhook") or {}
    config, reviews = hook.get("clientConfig"), hook.get("conversionReviewVersions") or []
    if not strategy:
        yield required(f"{_PATH}.strategy")
    elif strategy not in ("None", "Webhook"):
        yield unsupported(f"{_PATH}.strategy", strategy, ("None", "Webhook"))
    elif strategy == "None":
        words = "should not be set when strategy is not set to Webhook"
        if config is not None:
            yield forbidden(f"{_PATH}.webhookClientConfig", words)
        if reviews:
            yield forbidden(f"{_PATH}.conversionReviewVersions", words)
    else:
        if spec.get("preserveUnknownFields"):
            yield invalid(f"{_PATH}.strategy", strategy, "must be None if spec.preserveUnknownFields is true")
        if config is None:
            yield required(f"{_PATH}.webhookClientConfig", "required when strategy is set to Webhook")
        else:
            yield from check_client_config(config, f"{_PATH}.webhookClientConfig")
        yield from _check_reviews(reviews)


def _check_reviews(reviews: list[str]) -> Iterator[FieldError]:
    path = f"{_PATH}.conversionReviewVersions"
    if not reviews:
        yield required(path)
        return
    for index, name in enumerate(reviews):
        if name in reviews[:index]:
            yield invalid(f"{path}[{index}]", name, "duplicate version")
        for words in names.dns1035_label(name):
            yield invalid(f"{path}[{index}]", name, words)
    if not any(name in _KNOWN for name in reviews):
        yield invalid(path, reviews, f"must include at least one of {', '.join(_KNOWN)}")
