"""redis as a pod: what redis-cli prints, what the log says, and what is left after the container has ended."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from k8s_tutor.api.protocol import exec_request

if TYPE_CHECKING:
    from k8s_tutor.objects.types import Obj
    from tests.behaviour.conftest import Environment

TALK = r"""set name Ada
get name
get nothing
append name " Lovelace"
incr name
incr visits
incrby visits 41
exists name visits nothing
expire name 100
ttl name
ttl visits
ttl nothing
lpush list a b c
lrange list 0 -1
get list
hset user name Ada born 1815
hgetall user
sadd set x
zadd ranks 2 two 1 one
zrange ranks 0 -1 withscores
type ranks
del list nothing
dbsize
multi
set a 1
incr a
exec
set a
config get appendonly
config get save
config set maxmemory nonsense
auth secret
frobnicate now
save
ping"""


def pod(args: str = "", name: str = "p", volume: str = "emptyDir: {}") -> str:
    mounts = "{name: data, mountPath: /data}" if volume else ""
    return f"""
apiVersion: v1
kind: Pod
metadata: {{name: {name}}}
spec:
  terminationGracePeriodSeconds: 10
  volumes: [{f"{{name: data, {volume}}}" if volume else ""}]
  containers:
  - name: redis
    image: redis:7
    args: [{args}]
    volumeMounts: [{mounts}]
    readinessProbe: {{tcpSocket: {{port: 6379}}, periodSeconds: 1}}
---"""


def said(env: Environment, script: str, pod: str = "p") -> str:
    path = env.client.kind("pods").path(env.namespace, pod, "exec")
    return env.client.api.run(exec_request(path, ["sh", "-c", f"exec 2>&1\n{script}"], "redis"), timeout=30).stdout


def lines(text: str) -> list[str]:
    """A log without its times."""
    timeless = re.sub(r"\d\.\d{3} seconds", "0.000 seconds", text)
    return [re.sub(r"^\d+:([CM]) [\d:. A-Za-z]+ ([*#])", r"\1 \2", line) for line in timeless.splitlines()]


def ready_after(restarts: int):
    def is_ready(obj: Obj) -> bool:
        (status,) = obj["status"].get("containerStatuses") or [{}]
        return bool(status.get("ready")) and status["restartCount"] == restarts

    return is_ready


STARTED = """\
C # oO0OoO0OoO0Oo Redis is starting oO0OoO0OoO0Oo
C # Redis version=7.0.15, bits=64, commit=00000000, modified=0, pid=1, just started
C # Configuration loaded
M * monotonic clock: POSIX clock_gettime
M * Running mode=standalone, port=6379.
M # Server initialized
""".splitlines()


def test_a_talk_with_redis(env: Environment) -> None:
    env.apply(pod())
    env.wait("pods", "p", ready_after(0))
    seen = said(env, f"redis-cli --no-raw <<'EOF'\n{TALK}\nEOF")
    assert [line.rstrip() for line in seen.splitlines()] == REPLIES
    assert lines(env.client.logs("p", env.namespace)) == [
        *STARTED,
        "M * Ready to accept connections",
        "M * DB saved on disk",
    ]


def test_what_is_saved_at_the_end_comes_back_where_the_directory_does(env: Environment) -> None:
    env.apply(pod() + pod(name="forgetful", volume=""))
    for name in ("p", "forgetful"):
        env.wait("pods", name, ready_after(0))
        assert said(env, "redis-cli set kept yes; kill -TERM 1", name) == "OK\n"
        env.wait("pods", name, ready_after(1))
    assert (said(env, "redis-cli get kept"), said(env, "redis-cli get kept", "forgetful")) == ("yes\n", "\n")
    assert lines(env.client.logs("p", env.namespace, previous=True))[-4:] == [
        "M # User requested shutdown...",
        "M * Saving the final RDB snapshot before exiting.",
        "M * DB saved on disk",
        "M # Redis is now ready to exit, bye bye...",
    ]
    loaded = lines(env.client.logs("p", env.namespace))
    assert loaded[6:7] + loaded[-3:] == [
        "M * Loading RDB produced by version 7.0.15",
        "M * Done loading RDB, keys loaded: 1, keys expired: 0.",
        "M * DB loaded from disk: 0.000 seconds",
        "M * Ready to accept connections",
    ]


def test_an_append_only_file_needs_no_saving(env: Environment) -> None:
    env.apply(pod("--appendonly, 'yes', --save, '', --requirepass, secret"))
    env.wait("pods", "p", ready_after(0))
    assert said(env, "redis-cli set a 1; redis-cli auth wrong").splitlines() == [
        "NOAUTH Authentication required.",
        "",
        "WRONGPASS invalid username-password pair or user is disabled.",
        "",
    ]
    cli = "REDISCLI_AUTH=secret redis-cli"
    assert said(env, f"{cli} set a 1; {cli} incr a; {cli} shutdown nosave").startswith("OK\n2\n")
    env.wait("pods", "p", ready_after(1))
    assert said(env, f"{cli} get a; ls /data /data/appendonlydir; cat /data/appendonlydir/*.incr.aof | head -5") == (
        "2\n/data:\nappendonlydir\n\n/data/appendonlydir:\nappendonly.aof.1.base.rdb\nappendonly.aof.1.incr.aof\n"
        "appendonly.aof.manifest\n*2\r\n$6\r\nSELECT\r\n$1\r\n0\r\n"
    )
    assert lines(env.client.logs("p", env.namespace))[-3:] == [
        "M * DB loaded from append only file: 0.000 seconds",
        "M * Opening AOF incr file appendonly.aof.1.incr.aof on server start",
        "M * Ready to accept connections",
    ]


def test_an_option_that_there_is_not(env: Environment) -> None:
    env.apply(pod("--frobnicate, 'yes'"))
    env.wait("pods", "p", lambda obj: (obj["status"].get("containerStatuses") or [{}])[0].get("restartCount") == 1)
    assert env.client.logs("p", env.namespace, previous=True).splitlines() == [
        "",
        "*** FATAL CONFIG FILE ERROR (Redis 7.0.15) ***",
        "Reading the configuration file, at line 4",
        ">>> 'frobnicate \"yes\"'",
        "Bad directive or wrong number of arguments",
    ]


REPLIES = """\
OK
"Ada"
(nil)
(integer) 12
(error) ERR value is not an integer or out of range
(integer) 1
(integer) 42
(integer) 2
(integer) 1
(integer) 100
(integer) -1
(integer) -2
(integer) 3
1) "c"
2) "b"
3) "a"
(error) WRONGTYPE Operation against a key holding the wrong kind of value
(integer) 2
1) "name"
2) "Ada"
3) "born"
4) "1815"
(integer) 1
(integer) 2
1) "one"
2) "1"
3) "two"
4) "2"
zset
(integer) 1
(integer) 5
OK
QUEUED
QUEUED
1) OK
2) (integer) 2
(error) ERR wrong number of arguments for 'set' command
1) "appendonly"
2) "no"
1) "save"
2) "3600 1 300 100 60 10000"
(error) ERR CONFIG SET failed (possibly related to argument 'maxmemory') - argument must be a memory value
(error) ERR AUTH <password> called without any password configured for the default user. Are you sure your \
configuration is correct?
(error) ERR unknown command 'frobnicate', with args beginning with: 'now'
OK
PONG""".splitlines()
