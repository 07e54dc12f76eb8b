"""RESP2, the protocol of Redis: what a client sends, what a server answers, and how it goes through the network."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeAlias

from k8s_tutor.embedded.nodeservices import HttpAnswer, HttpRequest

__all__ = [
    "METHOD",
    "Failure",
    "Incomplete",
    "NotResp",
    "Reply",
    "Status",
    "encode",
    "encode_command",
    "read_commands",
    "read_reply",
    "replies",
    "request",
    "split_words",
]

METHOD = "RESP"
_CONNECTION = "Connection"
_INLINE = 64 << 10  # bytes


class Status(str):
    """A simple string: `OK`."""

    __slots__ = ()


class Failure(Exception):
    """An error reply: `ERR syntax error`."""

    @property
    def text(self) -> str:
        """Its words."""
        return str(self.args[0])


Reply: TypeAlias = "Status | Failure | int | bytes | Sequence[Reply] | None"
"""What a command answers; None is the nil reply."""


class Incomplete(Exception):
    """More bytes are needed."""


class NotResp(Exception):
    """These bytes are something else."""


def request(connection: str, commands: Sequence[Sequence[bytes]]) -> HttpRequest:
    """Commands on their way through the simulated network; none close the connection."""
    body = b"".join(encode_command(words) for words in commands)
    return HttpRequest(METHOD, "", {_CONNECTION: connection}, body)


def encode_command(words: Sequence[bytes]) -> bytes:
    """A command as clients send it."""
    return b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%b\r\n" % (len(word), word) for word in words)


def encode(reply: Reply) -> bytes:
    """A reply as servers send it."""
    if reply is None:
        return b"$-1\r\n"
    if isinstance(reply, bytes):
        return b"$%d\r\n%b\r\n" % (len(reply), reply)
    if isinstance(reply, int):
        return b":%d\r\n" % reply
    if isinstance(reply, Failure):
        return b"-%b\r\n" % reply.text.encode()
    if isinstance(reply, str):
        return b"+%b\r\n" % reply.encode()
    return b"*%d\r\n" % len(reply) + b"".join(encode(one) for one in reply)


def read_commands(data: bytes) -> Iterator[tuple[list[bytes], int]]:
    """The commands in `data`, each with the place of its end.

    Raises:
        Incomplete: the last one has no end.
        NotResp: what follows is no command; the message is that of the protocol error.
    """
    place = 0
    while place < len(data):
        if data[place : place + 1] == b"*":
            words, place = _words(data, place)
        else:
            words, place = _inline(data, place)
        if words:
            yield words, place


def _inline(data: bytes, place: int) -> tuple[list[bytes], int]:
    """A command as people type it."""
    line, place = _line(data, place)
    words = split_words(line)
    if words is None:
        raise NotResp("unbalanced quotes in request")
    return words, place


def _words(data: bytes, place: int) -> tuple[list[bytes], int]:
    count, place = _number(data, place, "invalid multibulk length")
    words = []
    for _ in range(count):
        if data[place : place + 1] not in (b"$", b""):
            raise NotResp(f"expected '$', got '{data[place : place + 1].decode(errors='replace')}'")
        size, place = _number(data, place, "invalid bulk length")
        if size < 0:
            raise NotResp("invalid bulk length")
        word, place = _exactly(data, place, size)
        words.append(word)
    return words, place


def read_reply(data: bytes, place: int = 0) -> tuple[Reply, int]:
    """A reply and the place of its end.

    Raises:
        Incomplete: it has no end.
        NotResp: it is none.
    """
    kind = data[place : place + 1]
    if kind == b"+":
        line, place = _line(data, place + 1)
        return Status(line.decode(errors="replace")), place
    if kind == b"-":
        line, place = _line(data, place + 1)
        return Failure(line.decode(errors="replace")), place
    if kind not in (b":", b"$", b"*"):
        raise NotResp(f'Protocol error, got "{kind.decode(errors="replace")}" as reply type byte')
    number, place = _number(data, place, "Bad integer value")
    if kind == b":":
        return number, place
    if number < 0:
        return None, place
    if kind == b"$":
        return _exactly(data, place, number)
    found: list[Reply] = []
    for _ in range(number):
        one, place = read_reply(data, place)
        found.append(one)
    return found, place


def replies(answer: HttpAnswer) -> list[Reply]:
    """All replies of an answer.

    Raises:
        NotResp: whoever answered speaks something else.
    """
    if METHOD not in answer.headers:
        raise NotResp('Protocol error, got "H" as reply type byte')
    found: list[Reply] = []
    place = 0
    while place < len(answer.body):
        one, place = read_reply(answer.body, place)
        found.append(one)
    return found


def _line(data: bytes, place: int) -> tuple[bytes, int]:
    end = data.find(b"\n", place)
    if end < 0:
        if len(data) - place > _INLINE:
            raise NotResp("too big inline request")
        raise Incomplete
    return data[place:end].removesuffix(b"\r"), end + 1


def _number(data: bytes, place: int, why: str) -> tuple[int, int]:
    line, place = _line(data, place + 1)
    try:
        return int(line), place
    except ValueError:
        raise NotResp(why) from None


def _exactly(data: bytes, place: int, size: int) -> tuple[bytes, int]:
    if len(data) < place + size + 2:
        raise Incomplete
    return data[place : place + size], place + size + 2


_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "a": "\a"}
_HEX = frozenset("0123456789abcdefABCDEF")


def split_words(line: bytes) -> list[bytes] | None:
    """A line's words, by Redis' rules of quoting; None where a quote has no end or a word follows one at once."""
    text, place = line.decode("latin-1"), 0
    words: list[bytes] = []
    while True:
        while place < len(text) and text[place].isspace():
            place += 1
        if place >= len(text):
            return words
        word, place = _word(text, place)
        if word is None:
            return None
        words.append(word.encode("latin-1"))


def _word(text: str, place: int) -> tuple[str | None, int]:
    found: list[str] = []
    while place < len(text) and not text[place].isspace():
        if text[place] in "'\"":
            inside, place = _quoted(text, place)
            if inside is None or (place < len(text) and not text[place].isspace()):
                return None, place
            found.append(inside)
        else:
            found.append(text[place])
            place += 1
    return "".join(found), place


def _quoted(text: str, place: int) -> tuple[str | None, int]:
    quote = text[place]
    found: list[str] = []
    place += 1
    while place < len(text):
        if text[place] == quote:
            return "".join(found), place + 1
        escaped = text[place + 1 : place + 2] if text[place] == "\\" else ""
        if quote == '"' and escaped == "x" and set(text[place + 2 : place + 4]) <= _HEX and place + 4 <= len(text):
            found.append(chr(int(text[place + 2 : place + 4], 16)))
            place += 4
        elif escaped and (quote == '"' or escaped == "'"):
            found.append(_ESCAPES.get(escaped, escaped) if quote == '"' else "'")
            place += 2
        else:
            found.append(text[place])
            place += 1
    return None, place
