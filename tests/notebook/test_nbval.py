"""Every lesson in every language, from a fresh kernel, compared with its committed outputs by nbval: strictly, twice.

One nbval plays all lessons of a language: to start it takes as long as two lessons.
"""

from __future__ import annotations

import pytest

from k8s_tutor.authoring.proving import play
from k8s_tutor.course.finding import find_own_course
from k8s_tutor.course.record import read_course

COURSE = read_course(find_own_course())

pytestmark = pytest.mark.lesson


@pytest.mark.timeout(600)
@pytest.mark.parametrize("run", ["first run", "second run"])
@pytest.mark.parametrize("language", COURSE.languages)
def test_the_outputs_are_those_committed(language: str, run: str) -> None:
    notebooks = sorted(COURSE.notebooks(language).glob("*.ipynb"))
    assert len(notebooks) == len(COURSE.lessons) + 2  # and the front page, and the playground
    played = play(notebooks)
    assert not played.complaint, f"{run} in {language}:\n{played.complaint[-8000:]}"
    assert played.ran == played.passed > 0
