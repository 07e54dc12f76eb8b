"""`ubuntu`: a place for a shell and the common commands. They are BusyBox's here, and so are their errors' words."""

from __future__ import annotations

from functools import cache

from k8s_tutor.embedded.images import busybox
from k8s_tutor.embedded.images.image import Contents

__all__ = ["contents"]

_RELEASE = b"""\
PRETTY_NAME="Ubuntu 24.04 LTS"
NAME="Ubuntu"
VERSION_ID="24.04"
VERSION="24.04 LTS (Noble Numbat)"
VERSION_CODENAME=noble
ID=ubuntu
ID_LIKE=debian
"""


@cache
def contents() -> Contents:
    """What is inside the image."""
    programs = {path: main for path, main in busybox.programs().items() if not path.endswith(("/busybox", "/ash"))}
    return Contents(
        {**programs, "/usr/bin/bash": busybox.shell, "/bin/bash": busybox.shell},
        {**busybox.FILES, "/etc/os-release": _RELEASE},
    )
