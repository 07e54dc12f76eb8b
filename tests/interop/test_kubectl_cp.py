"""Real kubectl copies files into and out of containers of the embedded cluster."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.kubectl


@pytest.fixture
def box(k, shell):
    k("apply", "-f", "-", stdin=shell)
    k("wait", "pod/shell", "--for=condition=Ready", "--timeout=60s")
    return k


def test_a_folder_there_and_back(box, tmp_path):
    source = tmp_path / "source"
    (source / "sub").mkdir(parents=True)
    (source / "a.txt").write_bytes(b"hello\n")
    (source / "sub" / "b.bin").write_bytes(bytes(range(256)) * 4000)

    assert box("cp", str(source), "shell:/tmp/there") == ""
    assert box("exec", "shell", "--", "cat", "/tmp/there/a.txt") == "hello\n"
    said = box("cp", "shell:/tmp/there", str(tmp_path / "back"))

    assert said == "tar: removing leading '/' from member names\n"
    assert (tmp_path / "back" / "a.txt").read_bytes() == b"hello\n"
    assert (tmp_path / "back" / "sub" / "b.bin").read_bytes() == bytes(range(256)) * 4000


def test_a_file_into_a_folder(box, tmp_path):
    (tmp_path / "note.txt").write_bytes(b"a note")

    box("cp", str(tmp_path / "note.txt"), "shell:/tmp")

    assert box("exec", "shell", "--", "cat", "/tmp/note.txt") == "a note"


def test_what_is_not_there(box, tmp_path):
    (tmp_path / "note.txt").write_bytes(b"a note")

    assert "tar: /nope: No such file or directory\n" in box("cp", "shell:/nope", str(tmp_path / "x"), code=None)
    said = box("cp", str(tmp_path / "note.txt"), "shell:/nope/deep/note.txt", code=1)
    assert said.startswith("tar: can't change directory to '/nope/deep': No such file or directory\n")


def test_archives_through_exec(box):
    listed = box("exec", "shell", "--", "sh", "-c", "mkdir /tmp/d; echo x > /tmp/d/f; cd /tmp; tar cf - d | tar tf -")
    assert listed == "d/\nd/f\n"
