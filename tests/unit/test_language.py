"""Sentences as data: said in English in place, in other languages by their catalogues, when somebody reads them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from k8s_tutor.errors import UsageError
from k8s_tutor.language import Message, choice, join_sentences, message, msg, msg_n

PO = """
msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"
"Language: zh_CN\\n"
"Plural-Forms: nplurals=1; plural=0;\\n"

msgid "no cake has {label}"
msgstr "没有蛋糕带着 {label}"

msgid "so"
msgstr "这样"

msgid "One."
msgstr "一。"

msgid "Two."
msgstr "二。"

msgid "{n} cake eaten"
msgid_plural "{n} cakes eaten"
msgstr[0] "吃掉了 {n} 个蛋糕"
"""


@pytest.fixture(autouse=True)
def _chinese_cakes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    (tmp_path / "zh_CN.po").write_text(PO, encoding="utf-8")
    monkeypatch.setattr(message, "_folders", [tmp_path])
    yield
    choice.use_language("")


def test_english_stands_in_place() -> None:
    choice.use_language("en")
    assert str(msg("no cake has {label}", label="`sweet`")) == "no cake has `sweet`"


def test_a_sentence_made_in_english_is_read_in_chinese_later() -> None:
    choice.use_language("en")
    sentence = msg("no cake has {label}", label="`sweet`")
    choice.use_language("zh")
    assert str(sentence) == "没有蛋糕带着 `sweet`"


def test_a_value_may_be_a_sentence_itself() -> None:
    assert msg("no cake has {label}", label=msg_n("{n} cake eaten", "{n} cakes eaten", 2)).render("zh") == (
        "没有蛋糕带着吃掉了 2 个蛋糕"
    )


@pytest.mark.parametrize(("n", "says"), [(1, "1 cake eaten"), (0, "0 cakes eaten"), (7, "7 cakes eaten")])
def test_english_knows_one_and_many(n: int, says: str) -> None:
    assert msg_n("{n} cake eaten", "{n} cakes eaten", n).render("en") == says


@pytest.mark.parametrize(
    ("label", "says"),
    [
        ("app", "没有蛋糕带着 app"),
        (msg("so"), "没有蛋糕带着这样"),
        ("`app`", "没有蛋糕带着 `app`"),
        ("“甜”", "没有蛋糕带着“甜”"),
    ],
)
def test_chinese_keeps_a_distance_to_latin_words_only(label: object, says: str) -> None:
    assert msg("no cake has {label}", label=label).render("zh") == says


def test_sentences_stand_side_by_side_as_a_language_sets_them() -> None:
    two = join_sentences(msg("One."), "", msg("Two."))
    assert isinstance(two, Message)
    assert (two.render("en"), two.render("zh")) == ("One. Two.", "一。二。")


def test_what_has_no_translation_stays_english() -> None:
    assert msg("nobody translated this: {it}", it=1).render("zh") == "nobody translated this: 1"


def test_braces_of_the_text_itself_are_doubled() -> None:
    assert msg("selector: {{app: web}}").render("en") == "selector: {app: web}"


def test_an_error_is_read_in_the_reader_s_language() -> None:
    error = UsageError(msg("no cake has {label}", label="x"))
    choice.use_language("zh")
    assert error.what == "没有蛋糕带着 x"


@pytest.mark.parametrize(
    ("word", "language"),
    [
        ("zh", "zh"),
        ("zh_CN.UTF-8", "zh"),
        ("zh-Hans", "zh"),
        ("Chinese (Simplified)_China", "zh"),
        ("de_DE", "en"),
        ("", "en"),
    ],
)
def test_a_language_is_known_by_many_names(
    word: str, language: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.setenv(name, "C")
    monkeypatch.setenv(choice.VARIABLE, word)
    assert choice.choose_language(lambda: "") == language


def test_the_notebook_s_folder_comes_before_the_variable_and_the_saved_choice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "en").mkdir()
    monkeypatch.chdir(tmp_path / "en")
    monkeypatch.setenv(choice.VARIABLE, "zh")
    assert choice.choose_language(lambda: "zh") == "en"
    assert choice.find_source() is choice.Source.FOLDER


def test_a_saved_choice_comes_before_the_system_s(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv(choice.VARIABLE, raising=False)
    monkeypatch.setenv("LANG", "en_GB.UTF-8")
    assert choice.choose_language(lambda: "zh") == "zh"
