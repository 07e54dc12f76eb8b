"""Names and uids the API server makes up, from seeded randomness."""

from __future__ import annotations

from random import Random

__all__ = ["generated_name", "new_uid", "suffix"]

_ALPHABET = "bcdfghjklmnpqrstvwxz2456789"  # no vowels and no look-alikes: k8s.io/apimachinery/pkg/util/rand
_LONGEST_BASE = 58  # a generated name has at most 63 characters

_FIXED_BITS = (0xC000 << 48) | (0xF000 << 64)  # a UUID's variant and version
_VERSION_4 = (0x8000 << 48) | (4 << 76)


def suffix(random: Random, length: int = 5) -> str:
    """Random letters as Kubernetes appends them to names."""
    return "".join(random.choices(_ALPHABET, k=length))


def generated_name(base: str, random: Random) -> str:
    """A name for `generateName`."""
    return base[:_LONGEST_BASE] + suffix(random)


def new_uid(random: Random) -> str:
    """A uid in the form of a UUID of version 4."""
    bits = random.getrandbits(128) & ~_FIXED_BITS | _VERSION_4
    text = f"{bits:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
