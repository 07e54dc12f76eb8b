"""Image names are completed and refused as a container runtime does it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from k8s_tutor.embedded.images.image import InvalidReference, parse


@pytest.mark.parametrize(
    ("text", "full"),
    [
        ("nginx", "docker.io/library/nginx:latest"),
        ("nginx:1.22", "docker.io/library/nginx:1.22"),
        ("me/app", "docker.io/me/app:latest"),
        ("ghcr.io/stefanprodan/podinfo:6.9.2", "ghcr.io/stefanprodan/podinfo:6.9.2"),
        ("localhost/app", "localhost/app:latest"),
        ("localhost:5000/app:1", "localhost:5000/app:1"),
        ("registry.k8s.io/e2e-test-images/agnhost:2.66.1", "registry.k8s.io/e2e-test-images/agnhost:2.66.1"),
        ("nginx@sha256:" + "a" * 64, "docker.io/library/nginx@sha256:" + "a" * 64),
    ],
)
def test_a_short_name_means_a_long_one(text, full):
    assert str(parse(text)) == full


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Nginx:1.22", "invalid reference format: repository name (library/Nginx) must be lowercase"),
        ("nginx:", "invalid reference format"),
        ("nginx:a b", "invalid reference format"),
        ("-nginx", "invalid reference format"),
        ("nginx@sha256:short", "invalid reference format"),
    ],
)
def test_what_is_no_image_name(text, words):
    with pytest.raises(InvalidReference) as refused:
        parse(text)

    assert str(refused.value) == words


@given(st.from_regex(r"[a-z0-9]+(\.[a-z]+/)?[a-z0-9]+(:[a-z0-9]+)?", fullmatch=True))
def test_a_complete_name_means_itself(text):
    full = str(parse(text))

    assert str(parse(full)) == full
