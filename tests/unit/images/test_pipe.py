"""Pipes: lines come as they were written, however they were cut into pieces."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from k8s_tutor.embedded.images.pipe import Pipe
from k8s_tutor.embedded.images.program import Read
from k8s_tutor.embedded.images.shell.streams import read_line

PIECES = st.lists(st.text(alphabet="ab\n", max_size=6).map(str.encode), max_size=8)


def next_line(pipe: Pipe) -> str | None:
    """What a program reads from a pipe whose writer has ended."""
    reading = read_line(pipe)
    effect: object = None
    try:
        while True:
            effect = reading.send(pipe.take() if isinstance(effect, Read) else None)
    except StopIteration as stop:
        return stop.value


def written(pieces: list[bytes]) -> Pipe:
    pipe = Pipe()
    for piece in pieces:
        pipe.write(piece)
    pipe.end()
    return pipe


@given(PIECES)
def test_lines_are_read_as_they_were_written(pieces: list[bytes]) -> None:
    pipe = written(pieces)
    assert list(iter(lambda: next_line(pipe), None)) == b"".join(pieces).decode().splitlines(keepends=True)


@given(PIECES, st.integers(0, 5), st.binary(max_size=3))
def test_what_is_left_after_some_lines_is_all_the_rest(pieces: list[bytes], lines: int, more: bytes) -> None:
    pipe = written(pieces)
    read = [next_line(pipe) or "" for _ in range(lines)]
    pipe.put_back(more)
    left = b""
    while data := pipe.take():
        left += data
    assert left == more + b"".join(pieces)[len("".join(read)) :]
