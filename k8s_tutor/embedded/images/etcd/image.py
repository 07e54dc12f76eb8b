"""The image: `etcd` and `etcdctl`, no shell."""

from __future__ import annotations

from k8s_tutor.embedded.images.etcd.ctl import etcdctl
from k8s_tutor.embedded.images.etcd.server import etcd
from k8s_tutor.embedded.images.image import Contents

__all__ = ["contents"]


def contents() -> Contents:
    """What is inside the image."""
    return Contents({"/usr/local/bin/etcd": etcd, "/usr/local/bin/etcdctl": etcdctl})
