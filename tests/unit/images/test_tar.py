"""`tar` in simulated containers: real archives, whoever made them."""

from __future__ import annotations

import io
import tarfile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

names = st.text("abc-.", min_size=1, max_size=4).filter(lambda name: name not in (".", ".."))
trees = st.dictionaries(st.lists(names, min_size=1, max_size=3).map("/".join), st.binary(max_size=700), max_size=5)


def archive(tree: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as made:
        for path, data in tree.items():
            member = tarfile.TarInfo(path)
            member.size = len(data)
            made.addfile(member, io.BytesIO(data))
    return buffer.getvalue()


def files_of(data: bytes) -> dict[str, bytes]:
    with tarfile.open(fileobj=io.BytesIO(data)) as opened:
        return {member.name: opened.extractfile(member).read() for member in opened if member.isfile()}


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])  # `box` is a class
@given(tree=trees, options=st.sampled_from(["cf", "czf", "-c -f"]))
def test_what_goes_in_comes_out(box, tree, options):
    tree = {path: data for path, data in tree.items() if not any(other.startswith(f"{path}/") for other in tree)}
    made = box("busybox:1.35")
    made.machine.files.write("/tmp/in.tar", archive(tree))

    assert made.run("sh", "-c", "mkdir /tmp/t; tar -xmf /tmp/in.tar -C /tmp/t").code == 0
    assert made.run("sh", "-c", f"cd /tmp; tar {options} out.tar t").code == 0

    out = files_of(made.machine.files.read("/tmp/out.tar"))
    assert out == {f"t/{path}": data for path, data in tree.items()}


@pytest.mark.parametrize("image", ["busybox:1.35", "nginx:1.22", "ghcr.io/stefanprodan/podinfo:6.9.2"])
def test_images_with_a_shell_have_it(box, image):
    ran = box(image).run("sh", "-c", "tar cf /tmp/x /etc/passwd; tar tvf /tmp/x")

    assert ran.err == "tar: removing leading '/' from member names\n"
    assert ran.out.startswith("-rw-r--r-- root/")
    assert ran.out.endswith(" 2026-01-01 00:00:00 etc/passwd\n")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ("xf /nope.tar", "tar: can't open '/nope.tar': No such file or directory\n"),
        ("xf /etc/passwd", "tar: short read\n"),
        ("xf /tmp/x -C /nope", "tar: can't change directory to '/nope': No such file or directory\n"),
        ("xf /tmp/x other", "tar: other: not found in archive\n"),
        ("cf /tmp/y nope", "tar: nope: No such file or directory\ntar: error exit delayed from previous errors\n"),
    ],
)
def test_what_goes_wrong_is_said_as_busybox_says_it(busybox, arguments, words):
    busybox.machine.files.write("/tmp/x", archive({"a": b"1"}))

    ran = busybox.run("sh", "-c", f"tar {arguments}")

    assert (ran.err, ran.code) == (words, 1)


def test_names_shown_and_parts_taken_out(busybox):
    busybox.machine.files.write("/tmp/x", archive({"t/a": b"1", "t/b/c": b"2"}))

    assert busybox.run("tar", "tf", "/tmp/x").out == "t/a\nt/b/c\n"
    assert busybox.run("tar", "xOf", "/tmp/x", "t/b").out == "2"
    assert busybox.run("tar", "xvf", "/tmp/x", "-C", "/tmp", "--strip-components", "1").out == "t/a\nt/b/c\n"
    assert busybox.machine.files.read("/tmp/b/c") == b"2"


def test_no_way_out_of_the_directory(busybox):
    busybox.machine.files.write("/tmp/x", archive({"../../etc/passwd": b"mine"}))

    busybox.run("tar", "xf", "/tmp/x", "-C", "/tmp")

    assert busybox.machine.files.read("/etc/passwd") != b"mine"
