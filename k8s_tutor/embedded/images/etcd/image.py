"""The image: `etcd` and `etcdctl`, no shell."""

from __future__ import annotations

from collections.abc import Iterator

from k8s_tutor.embedded.images.etcd.ctl import etcdctl
from k8s_tutor.embedded.images.etcd.server import etcd
from k8s_tutor.embedded.images.image import Image

__all__ = ["images"]


def images() -> Iterator[Image]:
    """The tag that kind's nodes hold."""
    yield Image(
        name="registry.k8s.io/etcd:3.7.0-0",
        size=26419303,
        digest="sha256:3a5d7cc776ac006c8a672c3dc109c6dfdd6ca0d92407d8310b50d9cee1d4d8c9",
        programs={"/usr/local/bin/etcd": etcd, "/usr/local/bin/etcdctl": etcdctl},
    )
