"""INFO: what a server says of itself, section by section, with the names of redis 7.0.15.

Numbers that a simulation has no use for (buffers, fragmentation, replication) stand as on an idle server.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from k8s_tutor.embedded.images.redis.rdb import VERSION

__all__ = ["information"]

_SERVER = """\
redis_version:{version}
redis_git_sha1:00000000
redis_git_dirty:0
redis_build_id:e08dbad3e06f3fb
redis_mode:standalone
os:Linux 6.8.0 x86_64
arch_bits:64
monotonic_clock:POSIX clock_gettime
multiplexing_api:epoll
atomicvar_api:c11-builtin
gcc_version:12.2.0
process_id:{pid}
process_supervised:no
run_id:{run_id}
tcp_port:{port}
server_time_usec:{microseconds}
uptime_in_seconds:{uptime}
uptime_in_days:{days}
hz:10
configured_hz:10
lru_clock:{clock}
executable:{executable}
config_file:{file}
io_threads_active:0
"""
_CLIENTS = """\
connected_clients:{clients}
cluster_connections:0
maxclients:10000
client_recent_max_input_buffer:0
client_recent_max_output_buffer:0
blocked_clients:0
tracking_clients:0
clients_in_timeout_table:0
"""
_MEMORY = """\
used_memory:{memory}
used_memory_human:{memory_human}
used_memory_rss:{rss}
used_memory_rss_human:{rss_human}
used_memory_peak:{memory}
used_memory_peak_human:{memory_human}
used_memory_dataset:{data}
total_system_memory:8589934592
total_system_memory_human:8.00G
maxmemory:{maxmemory}
maxmemory_human:{maxmemory_human}
maxmemory_policy:{policy}
mem_allocator:jemalloc-5.3.0
"""
_PERSISTENCE = """\
loading:0
async_loading:0
current_cow_peak:0
current_cow_size:0
current_cow_size_age:0
current_fork_perc:0.00
current_save_keys_processed:0
current_save_keys_total:0
rdb_changes_since_last_save:{dirty}
rdb_bgsave_in_progress:{saving}
rdb_last_save_time:{last_save}
rdb_last_bgsave_status:{status}
rdb_last_bgsave_time_sec:{took}
rdb_current_bgsave_time_sec:-1
rdb_saves:{saves}
rdb_last_cow_size:0
rdb_last_load_keys_expired:0
rdb_last_load_keys_loaded:0
aof_enabled:{appending}
aof_rewrite_in_progress:0
aof_rewrite_scheduled:0
aof_last_rewrite_time_sec:-1
aof_current_rewrite_time_sec:-1
aof_last_bgrewrite_status:ok
aof_rewrites:{rewrites}
aof_rewrites_consecutive_failures:0
aof_last_write_status:ok
aof_last_cow_size:0
module_fork_in_progress:0
module_fork_last_cow_size:0
"""
_STATS = """\
total_connections_received:{connections}
total_commands_processed:{commands}
instantaneous_ops_per_sec:0
rejected_connections:0
expired_keys:{expired}
evicted_keys:{evicted}
keyspace_hits:0
keyspace_misses:0
pubsub_channels:0
pubsub_patterns:0
total_error_replies:{errors}
"""
_REPLICATION = """\
role:master
connected_slaves:0
master_failover_state:no-failover
master_replid:{run_id}
master_replid2:0000000000000000000000000000000000000000
master_repl_offset:0
second_repl_offset:-1
repl_backlog_active:0
repl_backlog_size:1048576
repl_backlog_first_byte_offset:0
repl_backlog_histlen:0
"""
_CPU = "used_cpu_sys:{cpu:.6f}\nused_cpu_user:{cpu:.6f}\n"
_SECTIONS = {
    "server": _SERVER,
    "clients": _CLIENTS,
    "memory": _MEMORY,
    "persistence": _PERSISTENCE,
    "stats": _STATS,
    "replication": _REPLICATION,
    "cpu": _CPU,
    "keyspace": "",
}
_ALL = ("all", "everything", "default")


def information(server: Any, sections: Sequence[str]) -> bytes:
    """The sections that are asked for, or all."""
    wanted = [name for name in _SECTIONS if not sections or name in sections or set(_ALL) & set(sections)]
    facts = _facts(server)
    texts = [f"# {name.capitalize() if name != 'cpu' else 'CPU'}\n" + _text(server, name, facts) for name in wanted]
    return "\n".join(texts).replace("\n", "\r\n").encode()


def _text(server: Any, name: str, facts: dict[str, object]) -> str:
    return _keyspace(server) if name == "keyspace" else _SECTIONS[name].format(**facts)


def _keyspace(server: Any) -> str:
    lines = []
    for number, database in server.keyspace.used():
        ends = [1000 * (end - server.system.now()) for end in database.ends.values()]
        average = int(sum(ends) / len(ends)) if ends else 0
        lines.append(f"db{number}:keys={len(database.values)},expires={len(ends)},avg_ttl={average}\n")
    return "".join(lines)


def _facts(server: Any) -> dict[str, object]:
    now, disk, memory = server.system.now(), server.disk, server.keyspace.memory
    uptime, most = int(now - server.started), server.config.number("maxmemory")
    resident = (12 << 20) + server.keyspace.counted
    human: Callable[[int], str] = _human
    return {
        "version": server.system.version or VERSION,
        "pid": server.system.pid,
        "run_id": server.run_id,
        "port": server.config.values["port"],
        "microseconds": int(now * 1e6),
        "uptime": uptime,
        "days": uptime // 86400,
        "clock": int(now) & 0xFFFFFF,
        "executable": f"{server.system.directory.rstrip('/')}/redis-server",
        "file": server.config.file,
        "clients": len(server.connections),
        "memory": memory,
        "memory_human": human(memory),
        "rss": resident,
        "rss_human": human(resident),
        "data": server.keyspace.counted,
        "maxmemory": most,
        "maxmemory_human": human(most),
        "policy": server.config.values["maxmemory-policy"],
        "dirty": disk.dirty,
        "saving": int(disk.saving),
        "last_save": int(disk.last_save),
        "status": "err" if disk.failed else "ok",
        "took": 0 if disk.saves else -1,
        "saves": disk.saves,
        "appending": int(disk.appending),
        "rewrites": disk.rewrites,
        "connections": server.received,
        "commands": server.processed,
        "expired": server.keyspace.expired,
        "evicted": server.evicted,
        "errors": server.errors,
        "cpu": 0.01 + uptime * 1e-3,
    }


def _human(size: int) -> str:
    for unit, border in (("G", 1 << 30), ("M", 1 << 20), ("K", 1 << 10)):
        if size >= border:
            return f"{size / border:.2f}{unit}"
    return f"{size}B"
