"""Catalogues follow the code, keep what is translated, and each fault of one draws its own complaint."""

from __future__ import annotations

from pathlib import Path

import pytest

from k8s_tutor.authoring.catalogues import CatalogueFile, extract_messages
from k8s_tutor.authoring.source import notebook, read_source, with_words

CODE = '''
from k8s_tutor.language import msg, msg_n, msg_template

def example(name, n):
    """No message."""
    # zh: of a Pod
    yield msg("{name} has no label", name=name)
    yield msg_n("{n} node", "{n} nodes", n)
    yield f"✗ {msg('wait for {name}', name=name)}"

TABLE = {"gone": msg_template("it is gone; see t.events(\\"{name}\\"), or `kubectl get pods`")}
'''
CHINESE = {
    "{name} has no label": "{name} 没有标签",
    "{n} node": "{n} 个节点",
    "wait for {name}": "等待 {name}",
    'it is gone; see t.events("{name}"), or `kubectl get pods`': (
        '它不见了；参见 t.events("{name}")，或 `kubectl get pods`'
    ),
}


@pytest.fixture
def file(tmp_path: Path) -> CatalogueFile:
    """A catalogue that is complete."""
    code = tmp_path / "code.py"
    code.write_text(CODE, encoding="utf-8")
    found = CatalogueFile(tmp_path / "zh_CN.po", "zh", "an example", (code,), tmp_path)
    found.update()
    for english, chinese in CHINESE.items():
        _translate(found, english, chinese)
    return found


def _again(file: CatalogueFile) -> CatalogueFile:
    """The same after its code has changed."""
    return CatalogueFile(file.path, file.language, file.name, file.sources, file.root)


def _translate(file: CatalogueFile, english: str, chinese: str) -> None:
    lines, found = file.path.read_text(encoding="utf-8").split("\n"), False
    quoted = english.replace('"', '\\"')
    for index, line in enumerate(lines):
        found = found or line == f'msgid "{quoted}"'
        if found and line.startswith("msgstr"):
            lines[index] = f'{line.partition(" ")[0]} "{chinese}"'.replace('"', '\\"').replace('\\"', '"', 1)
            lines[index] = lines[index][:-2] + '"'
            break
    file.path.write_text("\n".join(lines), encoding="utf-8")


def _change(file: CatalogueFile, before: str, after: str) -> CatalogueFile:
    (code,) = file.sources
    code.write_text(code.read_text(encoding="utf-8").replace(before, after), encoding="utf-8")
    return _again(file)


def test_every_message_is_found_also_in_an_f_string(file: CatalogueFile) -> None:
    found = {str(message.id) for message in extract_messages(file.sources, file.root) if message.id}
    assert found == {"{name} has no label", "('{n} node', '{n} nodes')", "wait for {name}", list(CHINESE)[3]}


def test_a_remark_for_translators_comes_along(file: CatalogueFile) -> None:
    assert "#. zh: of a Pod" in file.path.read_text(encoding="utf-8")


def test_a_complete_catalogue_has_no_complaints(file: CatalogueFile) -> None:
    assert file.complaints() == []


def test_bringing_it_in_step_twice_changes_nothing(file: CatalogueFile) -> None:
    assert not file.update()


def test_what_is_translated_stays_when_the_code_changes(file: CatalogueFile) -> None:
    changed = _change(file, "wait for {name}", "wait until {name} is there")
    assert changed.update()
    assert "{name} 没有标签" in file.path.read_text(encoding="utf-8")
    assert [said.partition(": ")[2] for said in changed.complaints()] == [
        "not translated: 'wait until {name} is there'"
    ]


def test_a_stale_catalogue_shows_what_changed(file: CatalogueFile) -> None:
    said = "\n".join(_change(file, "has no label", "has no labels").complaints())
    assert "lacks '{name} has no labels'; before, it was '{name} has no label'" in said
    assert "nothing says any more '{name} has no label'" in said


@pytest.mark.parametrize(
    ("english", "chinese", "says"),
    [
        ("{name} has no label", "", "not translated"),
        ("{name} has no label", "没有标签", "lacks {name}"),
        ("{name} has no label", "{nam} 没有标签", "has {nam}"),
        ("{name} has no label", "{name} 没有标记", "does not say 标签"),
        ("{name} has no label", "{name} 没有标签Pod", "(space)"),
        ("{name} has no label", "{name} 没有标签,或者", "(punctuation)"),
        ("{name} has no label", "您的 {name} 没有标签", "we say 你"),
        ("{n} node", "{n} 个结点", "does not say 节点"),
        (list(CHINESE)[3], '它不见了；参见 t.event("{name}")，或 `kubectl get pods`', "(code)"),
        (list(CHINESE)[3], '它不见了；参见 t.events("{name}")，或 `kubectl get pod`', "(code)"),
    ],
)
def test_each_fault_draws_its_own_complaint(file: CatalogueFile, english: str, chinese: str, says: str) -> None:
    _translate(file, english, chinese)
    complaints = file.complaints()
    assert complaints
    assert all(says in said for said in complaints)  # a span of code that was changed is lacking, and another there


def test_a_catalogue_that_is_not_there_says_how_to_get_it(file: CatalogueFile) -> None:
    file.path.unlink()
    (said,) = file.complaints()
    assert said.endswith("missing: run `make translations`")


LESSON = '''\
# %% tags=["keep", "words"]
# Look, think, mend.
# t.graph("web")
# kubectl get pods
def look(name):
    """What it says."""
    print(f"{name} is still at", t.log(name), "web")  # as it stands

# %% tags=["keep"]
print("it was at", look("web"))

# %% tags=["solution"]
t.apply("")  # the answer
'''
SAID = {
    "Look, think, mend.": "先看，再想，再修好它。",
    "What it says.": "它说了什么。",
    "{name} is still at": "{name} 还在",
    "as it stands": "原样",
}


@pytest.fixture
def lesson(tmp_path: Path) -> CatalogueFile:
    """The catalogue of a lesson whose code is translated."""
    source = tmp_path / "lesson.py"
    source.write_text(LESSON, encoding="utf-8")
    found = CatalogueFile(tmp_path / "zh_CN.po", "zh", "a lesson", (), tmp_path, source)
    found.update()
    for english, chinese in SAID.items():
        _translate(found, english, chinese)
    return found


def test_the_words_of_a_lessons_code_are_translated_and_no_code(lesson: CatalogueFile, tmp_path: Path) -> None:
    assert lesson.complaints() == []
    first, second = with_words(notebook(read_source(tmp_path / "lesson.py", "lesson")), "zh", tmp_path)["cells"]
    assert first["source"].splitlines() == [
        "# 先看，再想，再修好它。",
        '# t.graph("web")',
        "# kubectl get pods",
        "def look(name):",
        '    """它说了什么。"""',
        '    print(f"{name} 还在", t.log(name), "web")  # 原样',
    ]
    assert second["source"] == 'print("it was at", look("web"))'  # not tagged: its strings may be for programs


def test_words_in_code_that_are_not_translated_are_caught(lesson: CatalogueFile) -> None:
    _translate(lesson, "What it says.", "")
    assert [said.partition(": ")[2] for said in lesson.complaints()] == ["not translated: 'What it says.'"]


def test_a_placeholder_that_a_translation_lost_is_caught(lesson: CatalogueFile) -> None:
    _translate(lesson, "{name} is still at", "还在")
    assert any("lacks {name}" in said for said in lesson.complaints())


def test_what_is_no_python_has_no_words(tmp_path: Path) -> None:
    magic = {"cells": [{"cell_type": "code", "metadata": {}, "source": "%%apply\nkind: 'Pod  # what"}]}
    assert with_words(magic, "zh", tmp_path) == magic
