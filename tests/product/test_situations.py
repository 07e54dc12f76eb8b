"""Whatever is typed wrong, the answer says what, why and what to type next, in both languages; see `situations`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

import pytest
from babel.messages.pofile import read_po

from tests.product.situations import CHAPTERS, LANGUAGES, Situation, begin, read_chapter

if TYPE_CHECKING:
    from tests.product.conftest import Kernel

NAMES = sorted(path.stem for path in CHAPTERS.glob("*.txt"))
OF_OURS = re.compile(r'Traceback|File "|\w\.py\b|site-packages|<locals>')
KUBERNETES_TOO = ("waiting for", "nodes are available")
"""Sentences of ours that Kubernetes says in the same words."""


@pytest.fixture(scope="module", params=LANGUAGES)
def learner(request: pytest.FixtureRequest, start: Callable[..., Kernel]) -> tuple[str, Kernel]:
    """Somebody who reads one language, with a cluster of their own."""
    return request.param, begin(start, request.param)


def situations(name: str) -> list[Situation]:
    return list(read_chapter(CHAPTERS / f"{name}.txt"))


@cache
def english_sentences() -> list[re.Pattern[str]]:
    """Every sentence of ours of three words or more, with anything in its gaps."""
    file = resources.files("k8s_tutor") / "locale/zh_CN/LC_MESSAGES/k8s_tutor.po"
    with file.open("rb") as text:
        return [re.compile(pattern) for message in read_po(text) for pattern in _patterns(message.id, message.string)]


def _patterns(english: str | tuple[str, ...], chinese: str | tuple[str, ...]) -> Iterator[str]:
    for sentence in (english,) if isinstance(english, str) else english:
        parts = [part.strip() for part in re.split(r"\{[^}]*\}|%\([^)]*\)s", sentence)]
        plain = re.sub(r"`[^`]*`|t\.\w+\(.*\)", "", " ".join(parts))
        told = sentence in chinese or any(words in sentence for words in KUBERNETES_TOO)
        if len(re.findall(r"\b[a-z]{2,}\b", plain)) > 3 and not told:
            yield ".{1,80}?".join(re.escape(part) for part in parts if part)


@pytest.mark.parametrize("name", NAMES)
def test_it_is_answered_as_it_stands_in_the_chapter(learner: tuple[str, Kernel], name: str) -> None:
    language, kernel = learner
    kernel.run('t.lesson("pods")')
    shown = {one.name: (one, one.play(kernel)) for one in situations(name)}

    other = {said: text for said, (one, text) in shown.items() if not one.answers_as_told(language, text)}

    assert other == {}


@pytest.mark.parametrize("name", NAMES)
def test_no_answer_shows_a_traceback_or_a_file_of_ours(name: str) -> None:
    answers = {(one.name, said): text for one in situations(name) for said, text in one.answers.items()}

    assert [key for key, text in answers.items() if OF_OURS.search(text)] == []


@pytest.mark.parametrize("name", NAMES)
def test_no_chinese_answer_has_an_english_sentence_of_ours(name: str) -> None:
    found = [
        (one.name, pattern.pattern)
        for one in situations(name)
        for pattern in english_sentences()
        if pattern.search(one.answers["zh"])
    ]

    assert found == []


def test_the_table_is_long_and_each_situation_has_its_name() -> None:
    names = [(chapter, one.name) for chapter in NAMES for one in situations(chapter)]

    assert len(names) > 200
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("name", NAMES)
def test_whoever_is_told_that_something_is_wrong_is_told_what_is_next(name: str) -> None:
    """Where the words are kubectl's or a program's own, they stand alone."""
    mute = [
        one.name
        for one in situations(name)
        if one.answers["en"].startswith("✗")
        and "Next: " not in one.answers["en"]
        and not re.match(r"✗ (error|Error|`cat|Pod .* is invalid)|✗ .*There is no field", one.answers["en"])
    ]

    assert mute == []
