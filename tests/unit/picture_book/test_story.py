"""What the picture book says: fourteen pages, each in two sentences, in every language."""

from __future__ import annotations

import re
from types import ModuleType


def test_the_book_has_twelve_to_sixteen_pages(book: ModuleType) -> None:
    assert 12 <= len(book.PAGES) <= 16


def test_pages_are_numbered_in_order_and_have_keys_of_their_own(book: ModuleType) -> None:
    assert [page.number for page in book.PAGES] == list(range(1, len(book.PAGES) + 1))
    assert len({page.key for page in book.PAGES}) == len(book.PAGES)


def test_every_page_has_exactly_two_sentences_in_each_language(book: ModuleType) -> None:
    ends = {"en": ".", "zh": "。"}
    for page in book.PAGES:
        for language in book.LANGUAGES:
            sentences = page.sentences[language]
            assert len(sentences) == 2, page.key
            assert all(sentence.count(ends[language]) == 1 for sentence in sentences), sentences
            assert all(sentence.endswith(ends[language]) for sentence in sentences), sentences


def test_every_page_says_what_is_to_be_seen_and_what_it_is_in_kubernetes(book: ModuleType) -> None:
    for page in book.PAGES:
        for language in book.LANGUAGES:
            assert len(page.description[language]) > 40, page.key
            assert page.small[language].startswith(page.words[language].term), page.key
            assert page.title[language], page.key


def test_chinese_has_chinese_punctuation_and_a_space_beside_latin_words(book: ModuleType) -> None:
    for page in book.PAGES:
        words = page.words["zh"]
        for text in (words.title, *words.sentences, words.small, words.description):
            assert not re.search(r"[\u4e00-\u9fff][,;:!?()]|[,;!?()][\u4e00-\u9fff]", text), text
            assert not re.search(r"[\u4e00-\u9fff][A-Za-z0-9]|[A-Za-z0-9][\u4e00-\u9fff]", text), text
            assert "您" not in text


def test_the_whole_line_is_drawn_not_only_kept(book: ModuleType, drawings: dict[str, str]) -> None:
    for page in book.PAGES:
        assert page.words["zh"].term in drawings[f"{page.key}-zh"]
        assert f"{page.number} / {len(book.PAGES)}" in drawings[f"{page.key}-en"]
