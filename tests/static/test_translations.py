"""The library's own catalogue is in step with the code, and everything in it is translated as it should be.

Those of lessons are checked with the lessons (`k8s-tutor lesson check`).
"""

from __future__ import annotations

from babel.messages.pofile import read_po

from k8s_tutor.authoring.catalogues import list_catalogues
from k8s_tutor.course.finding import find_own_course
from k8s_tutor.course.record import read_course


def test_the_library_s_catalogue_is_complete_and_in_step() -> None:
    file = next(one for one in list_catalogues(read_course(find_own_course())) if one.name == "k8s_tutor")
    complaints = file.complaints()
    assert not complaints, "\n".join(complaints)


def test_what_two_catalogues_say_in_the_same_english_they_say_in_the_same_chinese() -> None:
    """They are one pool to a reader: a short sentence of one lesson would come out in another's words."""
    said: dict[object, set[str]] = {}
    for file in list_catalogues(read_course(find_own_course())):
        with file.path.open("rb") as source:
            for message in read_po(source, locale="zh_CN"):
                if message.id:
                    said.setdefault(str(message.id), set()).add(str(message.string))
    assert {english: chinese for english, chinese in said.items() if len(chinese) > 1} == {}
