"""What the lessons run is what the course says they run: nodes that we make get those images, and no others."""

from __future__ import annotations

import re
from pathlib import Path

from k8s_tutor.course.finding import find_own_course
from k8s_tutor.course.record import read_course
from k8s_tutor.embedded.images.catalogue import all_images

COURSE = read_course(find_own_course())
ON_EVERY_NODE = ("registry.k8s.io/etcd:", "registry.k8s.io/pause:")  # of the node image itself
_NAMED = re.compile(r"""(?:image: *|image=)["']?([\w./-]+:[\w.-]+)""")


def _written(folder: Path) -> set[str]:
    """What the lessons' sources name as an image, those that do not exist among them."""
    return {name for path in folder.glob("*/**/*.py") for name in _NAMED.findall(path.read_text(encoding="utf-8"))}


def test_every_image_that_a_lesson_names_is_in_the_record() -> None:
    there = {image.name.removeprefix("docker.io/library/") for image in all_images()}
    used = {name for name in _written(COURSE.folder) & there if not name.startswith(ON_EVERY_NODE)}
    assert "redis:7" in used
    assert used - set(COURSE.images) == set()


def test_every_image_of_the_record_is_named_by_a_lesson() -> None:
    assert set(COURSE.images) - _written(COURSE.folder) == set()
