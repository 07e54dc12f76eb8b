"""The simulated redis: its protocol, its files, when it saves, what it may keep."""

from __future__ import annotations

from fnmatch import fnmatchcase
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from k8s_tutor.embedded.images.redis import rdb, resp
from k8s_tutor.embedded.images.redis.keyspace import Hash, Keyspace, List, Members, Ranking, Value, matches
from k8s_tutor.embedded.nodeservices import HttpRequest
from tests.unit.images.conftest import Box

words = st.binary(max_size=12)
values: st.SearchStrategy[Value] = st.one_of(
    words,
    st.lists(words, min_size=1).map(List),
    st.dictionaries(words, words, min_size=1).map(Hash),
    st.dictionaries(words, st.none(), min_size=1).map(Members),
    st.dictionaries(words, st.floats(allow_nan=False), min_size=1).map(Ranking),
)


@pytest.fixture
def redis(box: type[Box]) -> Box:
    made = box("redis:7")
    made.machine.files.make_directory("/data")
    made.start()
    return made


def cli(box: Box, *command: str) -> str:
    return box.run("redis-cli", *command).out


@settings(max_examples=40)
@given(st.lists(st.lists(words, min_size=1, max_size=4), max_size=3))
def test_commands_are_read_as_they_were_sent(commands: list[list[bytes]]) -> None:
    data = b"".join(resp.encode_command(command) for command in commands)
    assert [found for found, _ in resp.read_commands(data)] == commands


@given(st.recursive(st.integers(-(1 << 63), 1 << 62) | words | st.none(), lambda inner: st.lists(inner, max_size=4)))
def test_replies_are_read_as_they_were_sent(reply: resp.Reply) -> None:
    data = resp.encode(reply)
    assert resp.read_reply(data) == (reply, len(data))


@given(st.binary(max_size=40))
def test_whatever_comes_is_read_or_refused(data: bytes) -> None:
    try:
        for command, end in resp.read_commands(data):
            assert command
            assert 0 < end <= len(data)
    except (resp.Incomplete, resp.NotResp):
        pass


@settings(max_examples=25)
@given(st.dictionaries(words, values, max_size=3), st.dictionaries(words, values, max_size=3))
def test_what_is_dumped_is_loaded(first: dict[bytes, Value], second: dict[bytes, Value]) -> None:
    before, after = Keyspace(lambda: 100.0), Keyspace(lambda: 100.0)
    for number, content in ((0, first), (7, second)):
        for key, value in content.items():
            before.databases[number].put(key, value, 200.0 if len(key) % 2 else None)
    found = rdb.load(rdb.dump(before, 100.0), after, 100.0)
    assert (found.loaded, found.expired) == (len(first) + len(second), 0)
    assert [one.values for one in after.databases] == [one.values for one in before.databases]
    assert [one.ends for one in after.databases] == [one.ends for one in before.databases]


@given(st.text("ab*?", max_size=8), st.text("ab", max_size=8))
def test_patterns_match_as_everywhere(pattern: str, text: str) -> None:
    assert matches(pattern.encode(), text.encode()) is fnmatchcase(text, pattern)


def test_a_pattern_full_of_stars_takes_no_time() -> None:
    assert not matches(b"*a" * 40 + b"b", b"a" * 5000)


def test_it_saves_when_so_many_changes_are_so_old(box: type[Box]) -> None:
    one = box("redis:7")
    one.machine.files.make_directory("/data")
    one.start(["docker-entrypoint.sh", "--save", "60 2", "--save", "10 3"])
    cli(one, "set", "a", "1")
    one.loop.run_until(one.loop.now() + 100)
    assert not one.machine.files.is_file("/data/dump.rdb")
    cli(one, "set", "b", "1")
    one.loop.run_until(one.loop.now() + 1)
    assert "2 changes in 60 seconds. Saving..." in one.out.data.decode()
    for name in "cde":
        cli(one, "set", name, "1")
    one.loop.run_until(one.loop.now() + 11)
    assert "3 changes in 10 seconds. Saving..." in one.out.data.decode()
    assert one.loop.next_due() is None  # nothing has changed since: nothing is planned


def test_a_key_ends_when_its_time_is_over(redis: Box) -> None:
    assert cli(redis, "set", "a", "1", "ex", "10") == "OK\n"
    redis.loop.run_until(redis.loop.now() + 4)
    assert cli(redis, "ttl", "a") == "6\n"
    redis.loop.run_until(redis.loop.now() + 7)
    assert (cli(redis, "exists", "a"), cli(redis, "dbsize")) == ("0\n", "0\n")


def test_too_much_is_the_end_of_it(box: type[Box]) -> None:
    one = box("redis:7", memory_limit=1 << 20)
    one.start()
    one.run("sh", "-c", "redis-cli setrange a 30000000 x")
    assert one.main is not None
    assert one.main.exit_code == 137


def test_maxmemory_refuses_or_evicts(redis: Box) -> None:
    cli(redis, "config", "set", "maxmemory", "900kb")
    big = "x" * 60_000
    assert cli(redis, "set", "a", big) == "OK\n"
    assert cli(redis, "set", "b", big).startswith("OOM command not allowed when used memory > 'maxmemory'.")
    cli(redis, "config", "set", "maxmemory-policy", "allkeys-lru")
    assert cli(redis, "set", "b", big) == "OK\n"
    assert cli(redis, "keys", "*") == "b\n"


def test_a_web_client_is_taken_for_an_attacker(redis: Box) -> None:
    with pytest.raises(Exception, match="Broken"):
        redis.get("/", 6379)
    assert "Possible SECURITY ATTACK detected" in redis.out.data.decode()


def test_a_watched_key_that_changes_stops_the_transaction(redis: Box) -> None:
    talk = "set a 1\nwatch a\nset a 2\nmulti\nset a 3\nexec\nget a\n"
    assert redis.run("redis-cli", "--no-raw", stdin=talk).out.splitlines()[-2:] == ["(nil)", '"2"']
    talk = "watch a\nset b 2\nunwatch\nwatch a\nset b 3\nmulti\nset a 3\nexec\nget a\n"
    assert redis.run("redis-cli", "--no-raw", stdin=talk).out.splitlines()[-2:] == ["1) OK", '"3"']


def test_what_is_much_is_done_in_no_time(redis: Box) -> None:
    pairs = [word for number in range(20_000) for word in (b"%d" % number, b"x" * 200)]
    many = [[b"MSET", *pairs], [b"RPUSH", b"list", *[b"x"] * 20_000], [b"LREM", b"list", b"0", b"x"]]
    evict = [[b"CONFIG", b"SET", b"maxmemory", b"1mb", b"maxmemory-policy", b"allkeys-lru"], [b"SET", b"a", b"1"]]
    request = resp.request("1", [*many, *evict, [b"DBSIZE"]])
    answer = redis.network.request(redis.net, "127.0.0.1", 6379, request)[0]
    *_, left = resp.replies(answer)
    assert isinstance(left, int)
    assert 0 < left < 1000


def test_one_command_follows_another_in_one_request(redis: Box) -> None:
    body = b"PING\r\n*1\r\n$4\r\nPING\r\n*2\r\n$3\r\nGET\r\n$1\r\na\r\nQUIT\r\nPING\r\n"
    request = HttpRequest(resp.METHOD, "", {"Connection": "1"}, body)
    assert redis.network.request(redis.net, "127.0.0.1", 6379, request)[0].body == b"+PONG\r\n+PONG\r\n$-1\r\n+OK\r\n"


def test_nothing_that_a_client_sends_takes_it_down(redis: Box) -> None:
    random = Random(7)
    names = ("SET", "ZADD", "EXEC", "CONFIG", "OBJECT", "LPOP", "SCAN", "EXPIRE", "CLIENT", "SHUTDOWN", "HSET", "COPY")
    for _ in range(300):
        command = [random.choice(names).encode(), *(random.randbytes(random.randrange(4)) for _ in range(3))]
        request = resp.request("1", [command[: random.randrange(1, 5)]])
        if command[0] == b"SHUTDOWN":
            request = HttpRequest(resp.METHOD, "", {"Connection": "1"}, random.randbytes(30))
        redis.network.request(redis.net, "127.0.0.1", 6379, request)
    assert cli(redis, "ping") == "PONG\n"
