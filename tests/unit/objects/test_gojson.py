"""Base64 in objects: line breaks are fine, and the first wrong byte is named as the real API server names it."""

from __future__ import annotations

import pytest

from k8s_tutor.objects.gojson import canonical


@pytest.mark.parametrize(
    ("given", "stored"),
    [("aGVs\nbG8=\n", "aGVsbG8="), ("aG\r\nVs", "aGVs"), ("aGVsbG9=", "aGVsbG8="), ("aG=\n=", "aA=="), ("", "")],
)
def test_it_is_stored_in_one_line(given: str, stored: str) -> None:
    assert canonical(given) == stored


@pytest.mark.parametrize(
    ("given", "byte"),
    [(" aGVs", 0), ("aGVs\nb G8=", 6), ("aGVs=\n=", 4), ("aG=\n==", 5), ("aGVsb\n", 5), ("aGVs\n\n*", 6)],
)
def test_the_first_wrong_byte_is_named(given: str, byte: int) -> None:
    with pytest.raises(ValueError, match=f"^illegal base64 data at input byte {byte}$"):
        canonical(given)
