"""Inputs of hostile kinds: deep, endless, broken, half a character, too much. The same seed, the same ones."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from random import Random
from typing import Any

__all__ = ["frames", "http_bytes", "json_body", "protobuf_body", "python_value", "script", "yaml_text"]

_TEXTS = (
    "",
    "a",
    "x" * 5000,
    "\x00",
    "\ud800",
    "\ufeff",
    "é😀",
    "{{",
    "%s%n",
    "../..",
    "\r\n",
    "<<",
    "9" * 400,
    "1e400",
)
_KEYS = (
    "metadata",
    "name",
    "data",
    "spec",
    "kind",
    "<<",
    "",
    "\x00",
    "containers",
    "labels",
    "annotations",
    "namespace",
)
_NUMBERS = ("0", "-0", "1e400", "-1e400", "9" * 5000, "1e-400", "0x" + "f" * 400, ".inf", ".nan", "1_000", "0o7", "NaN")
_ENVELOPE = (
    b'k8s\x00\n\x0f\n\x02v1\x12\tConfigMap\x12\x1f\n\x0b\n\x01a\x12\x00\x1a\x00"\x00*\x00\x12\x06\n\x01k\x12\x01v'
)
_HEAD = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"


def _several(random: Random, most: int) -> int:
    """Mostly few, sometimes far too many."""
    return random.choice((1, 2, 5, 50, most))


def yaml_text(random: Random) -> str:
    """YAML, or what pretends to be."""
    return random.choice(_YAML)(random)


def _deep_yaml(random: Random) -> str:
    depth = _several(random, 30_000)
    opened = random.choice(("[", "{a: ", "- ", "? ", "!!x ", "&a [", "{? ["))
    return _HEAD + random.choice(("data: ", "", "\n")) + opened * depth + random.choice(("", "]" * depth, "x"))


def _indented_yaml(random: Random) -> str:
    return _HEAD + "\n".join(" " * step + random.choice("ab") + ":" for step in range(_several(random, 400)))


def _aliases(random: Random) -> str:
    width, height = _several(random, 30), _several(random, 12)
    form = random.choice(("[{}]", "{{<<: [{}]}}", "{{k: [{}], <<: *n}}"))
    rows = ["n0: &n0 {x: y}" if "<<" in form else "n0: &n0 [x, x, x]"]
    for step in range(1, height):
        inner = ", ".join([f"*n{step - random.choice((1, 1, 1, 0))}"] * width)
        rows += [f"n{step}: &n{step} {form.format(inner)}"]
    return _HEAD + "\n".join(rows)


def _scalars(random: Random) -> str:
    tags = (
        "",
        "!!int ",
        "!!float ",
        "!!binary ",
        "!!bool ",
        "!!null ",
        "!!set ",
        "!foo ",
        "!!timestamp ",
        "!!python/none ",
    )
    values = [
        random.choice(tags) + random.choice((*_NUMBERS, *(json.dumps(text) for text in _TEXTS))) for _ in range(5)
    ]
    return (
        _HEAD + "data:\n" + "".join(f"  {random.choice((*_KEYS, '1', '~', 'true', '[a]'))}: {one}\n" for one in values)
    )


def _broken(random: Random) -> str:
    text = list(random.choice((_deep_yaml, _aliases, _scalars))(random)[:2000])
    for _ in range(random.randrange(1, 20)):
        text[random.randrange(len(text))] = random.choice("[]{}&*!|>'\"%@`:-?#,\t\n \x00\ud800é" + "a")
    return "".join(text)


_YAML: tuple[Callable[[Random], str], ...] = (_deep_yaml, _indented_yaml, _aliases, _scalars, _broken)


def json_body(random: Random) -> bytes:
    """JSON, or what pretends to be; sometimes a patch."""
    pick = random.randrange(6)
    if pick == 0:
        depth = _several(random, 30_000)
        opened = random.choice((b"[", b'{"a":'))
        closing = b"]" if opened == b"[" else b"}"
        return (
            b'{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"a"},"data":'
            + opened * depth
            + closing * depth
            + b"}"
        )
    if pick == 1:
        number = random.choice(_NUMBERS).encode()
        return b'{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","generation":%b},"x":[%b]}' % (
            number,
            number,
        )
    if pick == 2:
        rows = [
            {
                "op": random.choice(("copy", "move", "add", "test")),
                "from": "/data",
                "path": f"/data/{step}",
                "value": {},
            }
            for step in range(_several(random, 300))
        ]
        return json.dumps(rows).encode()
    body = json.dumps({key: _json(random, 4) for key in random.sample(_KEYS, 4)}).encode()
    if pick == 3:
        return body.replace(b"\\ud800", b"\xed\xa0\x80").replace(b"a", random.choice((b"\xff", b"a", b"\x80")))
    if pick == 4:
        at = random.randrange(len(body) + 1)
        return body[:at] + random.randbytes(random.randrange(4)) + body[at + random.randrange(3) :]
    return body


def _json(random: Random, depth: int) -> Any:
    pick = random.randrange(7 if depth else 4)
    if pick < 2:
        return random.choice(_TEXTS)
    if pick < 4:
        return random.choice((None, True, 0, -1, 2**63, 1.5, 1e300))
    if pick == 4:
        return [_json(random, depth - 1) for _ in range(random.randrange(4))]
    return {random.choice(_KEYS): _json(random, depth - 1) for _ in range(random.randrange(4))}


def protobuf_body(random: Random) -> bytes:
    """An envelope with bytes changed, lengths that lie, or messages that nest."""
    body = bytearray(_ENVELOPE)
    pick = random.randrange(4)
    if pick == 0:
        inner = b""
        for _ in range(_several(random, 2000)):
            inner = b"\x0a" + _varint(len(inner)) + inner
        return b"k8s\x00\n\x0f\n\x02v1\x12\tConfigMap\x12" + _varint(len(inner)) + inner
    if pick == 1:
        return b"k8s\x00" + random.randbytes(random.randrange(200))
    for _ in range(random.randrange(1, 8)):
        body[random.randrange(4, len(body))] = random.choice((0, 0x7F, 0x80, 0xFF, random.randrange(256)))
    return bytes(body[: random.choice((len(body), random.randrange(len(body))))])


def _varint(number: int) -> bytes:
    found = bytearray()
    while number > 127:
        found.append(number & 127 | 128)
        number >>= 7
    return bytes((*found, number))


def frames(random: Random) -> bytes:
    """SPDY frames whose lengths, types and packed headers cannot be trusted."""
    found = b""
    for _ in range(random.randrange(1, 6)):
        kind, payload = random.choice((1, 2, 3, 4, 6, 7, 8, 9, 99)), random.randbytes(random.choice((0, 4, 8, 10, 40)))
        size = random.choice((len(payload), len(payload), 0, 0xFFFFFF))
        found += (
            bytes((0x80, random.choice((3, 3, 2)), 0, kind, random.randrange(256))) + size.to_bytes(3, "big") + payload
        )
    return found


def http_bytes(random: Random) -> bytes:
    """What comes through a socket before anything is known of it, encrypted or not."""
    return random.choice(
        (
            random.randbytes(random.randrange(1, 400)),
            b"\x16\x03\x01" + random.randbytes(200),  # a greeting in TLS
            b"GET /" + b"a" * _several(random, 60_000) + b" HTTP/1.1\r\n\r\n",
            b"GET / HTTP/1.1\r\n" + b"".join(b"h%d: x\r\n" % step for step in range(_several(random, 3000))) + b"\r\n",
            b"POST /api HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n{}",
            b"GET /api HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"
            + random.randbytes(40),
        )
    )


_WORDS = (
    "a=x",
    "a=$a$a",
    "echo $a",
    'set -- "$@" "$@" y',
    "f() { f; }",
    "f",
    "(f)",
    "f | f &",
    "a=$(echo $a$a)",
    ":",
    "kill $$",
)
_LINES = (
    "while :; do {}; done",
    "{} | sort | {}",
    "({}) & {}",
    "for i in 1 2 3; do {}; done",
    "if {}; then {}; fi",
    "{}; {}",
    "$({})",
    "eval '{}'",
    "trap '{}' TERM; {}",
)
_ODD = (
    "((((((",
    "$((9*9*9",
    "${a##*",
    "<<EOF",
    "case x in",
    "`",
    "'",
    '"',
    "echo $((1<<99))",
    "printf '%99999999s'",
    "dd if=/dev/zero bs=1G count=9",
    "yes | head -n 3",
    "seq 1 99999999",
    "exec {}",
    "\x00",
    "cat /dev/zero",
)


def script(random: Random) -> str:
    """A shell script that somebody who does not mean well might write."""
    text = random.choice(_WORDS)
    for _ in range(random.randrange(1, 5)):
        pattern = random.choice(_LINES)
        while "{}" in pattern:
            pattern = pattern.replace("{}", random.choice((text, random.choice(_WORDS))), 1)
        text = pattern
    if random.random() < 0.3:
        text = f"{text}; {random.choice(_ODD)}"
    return text


def python_value(random: Random) -> Any:
    """What a program may hand to a client."""
    value: Any = random.choice((b"x", {1}, math.nan, 10**400, object(), "\ud800", {1: 2}, (1, 2), None, 3, [], {}))
    for _ in range(_several(random, 3000)):
        value = random.choice(([value], {"k": value}, (value,)))
    if random.random() < 0.1:
        ring: list[Any] = [value]
        ring.append(ring)
        return ring
    return value
