"""Amounts by resource name: sums, differences, and how quotas print them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeAlias

from k8s_tutor.objects.quantity import ZERO, Quantity, parse
from k8s_tutor.objects.types import Obj

__all__ = ["Amounts", "add", "amounts", "larger", "only", "shown", "subtract", "texts"]

Amounts: TypeAlias = dict[str, Quantity]


def amounts(values: Mapping[str, str] | None) -> Amounts:
    """As a manifest gives them."""
    return {name: parse(text) for name, text in (values or {}).items()}


def add(one: Mapping[str, Quantity], two: Mapping[str, Quantity]) -> Amounts:
    """The sum."""
    return {**one, **{name: one[name] + amount if name in one else amount for name, amount in two.items()}}


def subtract(one: Mapping[str, Quantity], two: Mapping[str, Quantity]) -> Amounts:
    """The difference, never below zero."""
    return {name: max(amount - two.get(name, ZERO), ZERO) for name, amount in one.items()}


def larger(one: Mapping[str, Quantity], two: Mapping[str, Quantity]) -> Amounts:
    """Of each resource the larger amount."""
    return {**one, **{name: max(one[name], amount) if name in one else amount for name, amount in two.items()}}


def only(values: Mapping[str, Quantity], names: Iterable[str]) -> Amounts:
    """Those of the named resources, in the order of `names`."""
    return {name: values[name] for name in names if name in values}


def texts(values: Mapping[str, Quantity]) -> Obj:
    """As a status holds them."""
    return {name: str(values[name]) for name in sorted(values)}


def shown(values: Mapping[str, Quantity]) -> str:
    """As messages print them: `pods=1,requests.cpu=500m`."""
    return ",".join(f"{name}={values[name]}" for name in sorted(values))
