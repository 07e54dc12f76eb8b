"""Names and uids the API server makes up, from seeded randomness."""

from __future__ import annotations

from random import Random
from uuid import UUID

__all__ = ["generated_name", "new_uid", "suffix"]

_ALPHABET = "bcdfghjklmnpqrstvwxz2456789"  # no vowels and no look-alikes: k8s.io/apimachinery/pkg/util/rand
_LONGEST_BASE = 58  # a generated name has at most 63 characters


def suffix(random: Random, length: int = 5) -> str:
    """Random letters as Kubernetes appends them to names."""
    return "".join(random.choices(_ALPHABET, k=length))


def generated_name(base: str, random: Random) -> str:
    """A name for `generateName`."""
    return base[:_LONGEST_BASE] + suffix(random)


def new_uid(random: Random) -> str:
    """A uid in the form of a UUID of version 4."""
    return str(UUID(int=random.getrandbits(128), version=4))
