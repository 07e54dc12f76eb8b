"""Simulated etcd members form a cluster by their addresses; etcdctl prints what it printed on a real one (3.7.1)."""

from __future__ import annotations

import pytest

SERVICE = """
apiVersion: v1
kind: Service
metadata: {name: etcd}
spec:
  clusterIP: None
  publishNotReadyAddresses: true
  selector: {app: etcd}
  ports: [{name: client, port: 2379}, {name: peer, port: 2380}]
"""
THREE = "e0=http://e0.etcd:2380,e1=http://e1.etcd:2380,e2=http://e2.etcd:2380"
LIST = (
    "563630778172f0f1, started, e1, http://e1.etcd:2380, http://e1.etcd:2379, false\n"
    "7f0cc20db1e74984, started, e2, http://e2.etcd:2380, http://e2.etcd:2379, false\n"
    "dd70e99ad51ab9f2, started, e0, http://e0.etcd:2380, http://e0.etcd:2379, false\n"
)


def member(name: str, initial: str, state: str, restart: str = "Always") -> str:
    return f"""
apiVersion: v1
kind: Pod
metadata: {{name: {name}, labels: {{app: etcd}}}}
spec:
  hostname: {name}
  subdomain: etcd
  restartPolicy: {restart}
  containers:
  - name: etcd
    image: registry.k8s.io/etcd:3.7.0-0
    command:
    - etcd
    - --name={name}
    - --initial-advertise-peer-urls=http://{name}.etcd:2380
    - --listen-peer-urls=http://0.0.0.0:2380
    - --listen-client-urls=http://0.0.0.0:2379
    - --advertise-client-urls=http://{name}.etcd:2379
    - --initial-cluster={initial}
    - --initial-cluster-state={state}
    - --initial-cluster-token=tok
"""


class Etcd:
    """An etcd cluster in the embedded cluster."""

    def __init__(self, cluster) -> None:
        self.cluster = cluster
        cluster.create(SERVICE)
        for name in ("e0", "e1", "e2"):
            cluster.create(member(name, THREE, "new"))
        cluster.advance(8)

    def ctl(self, *words: str, pod: str = "e0") -> tuple[str, str, int]:
        out, err, ends = bytearray(), bytearray(), []
        command = ["etcdctl", *words]
        session = self.cluster.nodes.exec(self.cluster.pod(pod), "etcd", command, stdin=False, tty=False)
        session.attach(out.extend, err.extend, ends.append)
        while not ends:
            self.cluster.loop.step()
        code = 0 if ends[0]["status"] == "Success" else int(ends[0]["details"]["causes"][0]["message"])
        return out.decode(), err.decode(), code


@pytest.fixture
def etcd(cluster):
    return Etcd(cluster)


def test_three_members_find_each_other(etcd):
    assert etcd.ctl("member", "list") == (LIST, "", 0)
    assert etcd.ctl("member", "list", pod="e2")[0] == LIST


def test_members_as_a_table(etcd):
    assert etcd.ctl("member", "list", "-w", "table")[0] == (
        "┌──────────────────┬─────────┬──────┬─────────────────────┬─────────────────────┬────────────┐\n"
        "│        ID        │ STATUS  │ NAME │     PEER ADDRS      │    CLIENT ADDRS     │ IS LEARNER │\n"
        "├──────────────────┼─────────┼──────┼─────────────────────┼─────────────────────┼────────────┤\n"
        "│ 563630778172f0f1 │ started │   e1 │ http://e1.etcd:2380 │ http://e1.etcd:2379 │      false │\n"
        "│ 7f0cc20db1e74984 │ started │   e2 │ http://e2.etcd:2380 │ http://e2.etcd:2379 │      false │\n"
        "│ dd70e99ad51ab9f2 │ started │   e0 │ http://e0.etcd:2380 │ http://e0.etcd:2379 │      false │\n"
        "└──────────────────┴─────────┴──────┴─────────────────────┴─────────────────────┴────────────┘\n"
    )


def test_members_as_json(etcd):
    assert etcd.ctl("member", "list", "-w", "json")[0].startswith(
        '{"header":{"cluster_id":14763080642865376827,"member_id":15956510330983201266,"raft_term":2},'
        '"members":[{"ID":6212206025835213041,"name":"e1",'
    )


@pytest.mark.parametrize(
    ("words", "out", "err", "code"),
    [
        (["get", "nope"], "", "", 0),
        (["del", "nope"], "0\n", "", 0),
        (["put", "a"], "", "Error: put command needs 1 argument and input from stdin or 2 arguments\n", 128),
        (["version"], "etcdctl version: 3.7.1\nAPI version: 3.7\n", "", 0),
        (["nosuch"], "", 'Error: unknown command "nosuch" for "etcdctl"\nRun \'etcdctl --help\' for usage.\n', 1),
    ],
)
def test_small_commands(etcd, words, out, err, code):
    assert etcd.ctl(*words) == (out, err, code)


def test_what_one_member_takes_another_gives(etcd):
    assert etcd.ctl("put", "foo", "bar") == ("OK\n", "", 0)

    assert etcd.ctl("get", "foo", pod="e1") == ("foo\nbar\n", "", 0)
    assert etcd.ctl("get", "foo", "--print-value-only", pod="e2")[0] == "bar\n"
    assert etcd.ctl("--endpoints=http://e1.etcd:2379", "get", "foo")[0] == "foo\nbar\n"
    assert etcd.ctl("get", "foo", "-w", "json")[0] == (
        '{"header":{"cluster_id":14763080642865376827,"member_id":15956510330983201266,"revision":2,"raft_term":2},'
        '"kvs":[{"key":"Zm9v","create_revision":2,"mod_revision":2,"version":1,"value":"YmFy"}],"count":1}\n'
    )
    assert etcd.ctl("del", "foo")[0] == "1\n"
    assert etcd.ctl("get", "foo", pod="e1")[0] == ""


def test_keys_by_prefix(etcd):
    for number in ("1", "2"):
        etcd.ctl("put", f"a/{number}", number)
    etcd.ctl("put", "b", "3")

    assert etcd.ctl("get", "a/", "--prefix")[0] == "a/1\n1\na/2\n2\n"
    assert etcd.ctl("del", "a/", "--prefix")[0] == "2\n"


def test_every_member_is_healthy(etcd):
    out, err, code = etcd.ctl("endpoint", "health", "--cluster")

    assert (err, code) == ("", 0)
    assert out.count("is healthy: successfully committed proposal: took = ") == 3


def test_a_member_is_added_and_joins(etcd):
    out, _, code = etcd.ctl("member", "add", "e3", "--peer-urls=http://e3.etcd:2380")

    assert code == 0
    assert "added to cluster cce0ffa0646fae3b\n" in out
    assert (
        out.endswith(
            'ETCD_INITIAL_CLUSTER="e3=http://e3.etcd:2380,e1=http://e1.etcd:2380,e2=http://e2.etcd:2380,'
            'e0=http://e0.etcd:2380"\n'
            'ETCD_INITIAL_ADVERTISE_PEER_URLS="http://e3.etcd:2380"\nETCD_INITIAL_CLUSTER_STATE="existing"\n'
        )
        or 'ETCD_NAME="e3"\n' in out
    )
    assert ", unstarted, , http://e3.etcd:2380, , false\n" in etcd.ctl("member", "list")[0]
    etcd.cluster.create(member("e3", f"{THREE},e3=http://e3.etcd:2380", "existing"))
    etcd.cluster.advance(5)
    assert ", started, e3, http://e3.etcd:2380, http://e3.etcd:2379, false\n" in etcd.ctl("member", "list")[0]
    assert etcd.ctl("member", "list", pod="e3")[0] == etcd.ctl("member", "list")[0]


def test_a_removed_member_stops(etcd):
    etcd.ctl("member", "add", "e3", "--peer-urls=http://e3.etcd:2380")
    etcd.cluster.create(member("e3", f"{THREE},e3=http://e3.etcd:2380", "existing", "Never"))
    etcd.cluster.advance(5)
    number = next(line for line in etcd.ctl("member", "list")[0].splitlines() if " e3," in line).partition(",")[0]

    out, _, _ = etcd.ctl("member", "remove", number)
    etcd.cluster.advance(3)

    assert out == f"Member {int(number, 16):16x} removed from cluster cce0ffa0646fae3b\n"
    assert etcd.ctl("member", "list")[0] == LIST
    assert etcd.cluster.pod("e3")["status"]["phase"] == "Succeeded"


def test_a_member_that_nobody_added_may_not_join(etcd):
    etcd.cluster.create(member("e4", f"{THREE},e4=http://e4.etcd:2380", "existing", "Never"))
    etcd.cluster.advance(5)

    assert etcd.cluster.pod("e4")["status"]["phase"] == "Failed"


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (["member", "remove", "deadbeef"], "etcdserver: member not found"),
        (["member", "add", "e0", "--peer-urls=http://e0.etcd:2380"], "etcdserver: Peer URLs already exists"),
        (["--endpoints=http://nosuch:2379", "--command-timeout=2s", "get", "x"], "context deadline exceeded"),
    ],
)
def test_refusals(etcd, words, error):
    _, err, code = etcd.ctl(*words)

    assert err.splitlines()[-1] == f"Error: {error}"
    assert code == 1


def test_without_a_majority_nothing_goes(etcd):
    etcd.ctl("put", "x", "1")
    for name in ("e1", "e2"):
        etcd.cluster.delete(name, gracePeriodSeconds="0")
    etcd.cluster.advance(2)

    before = etcd.cluster.loop.now()
    _, err, code = etcd.ctl("put", "x", "2")

    assert (err.splitlines()[-1], code) == ("Error: context deadline exceeded", 1)
    assert etcd.cluster.loop.now() - before == pytest.approx(5, abs=0.1)
    assert etcd.ctl("get", "x", "--consistency=s")[0] == "x\n1\n"
    assert "is unhealthy: failed to commit proposal: context deadline exceeded" in etcd.ctl("endpoint", "health")[1]


def test_one_of_three_may_be_lost(etcd):
    etcd.ctl("put", "x", "1")
    etcd.cluster.delete("e1", gracePeriodSeconds="0")
    etcd.cluster.advance(2)

    assert etcd.ctl("put", "x", "2")[0] == "OK\n"
    assert etcd.ctl("get", "x", pod="e2")[0] == "x\n2\n"


def test_an_idle_etcd_makes_no_work(etcd):
    ran = etcd.cluster.loop.run_until(etcd.cluster.loop.now() + 60)

    assert ran < 30
