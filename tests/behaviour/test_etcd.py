"""etcd as a cluster of Pods: members join, leave, fail and are refused as real etcd (3.7.1) has it."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from k8s_tutor.api.protocol import exec_request

if TYPE_CHECKING:
    from k8s_tutor.objects.types import Obj

SERVICE = """
apiVersion: v1
kind: Service
metadata: {name: db}
spec:
  clusterIP: None
  publishNotReadyAddresses: true
  selector: {app: db}
  ports: [{name: client, port: 2379}, {name: peer, port: 2380}]
"""


def url(name: str) -> str:
    return f"http://{name}.db:2380"


@dataclass
class Etcd:
    """Members of one etcd cluster, in a test's namespace."""

    env: object

    def start(self, name: str, members: list[str], state: str = "existing") -> None:
        initial = ",".join(f"{one}={url(one)}" for one in members)
        self.env.apply(f"""
apiVersion: v1
kind: Pod
metadata: {{name: {name}, labels: {{app: db}}}}
spec:
  hostname: {name}
  subdomain: db
  restartPolicy: Never
  containers:
  - name: etcd
    image: registry.k8s.io/etcd:3.7.0-0
    command: [etcd, --name={name}, --data-dir=/tmp/etcd, "--listen-client-urls=http://0.0.0.0:2379",
      "--advertise-client-urls=http://{name}.db:2379", "--listen-peer-urls=http://0.0.0.0:2380",
      "--initial-advertise-peer-urls={url(name)}", "--initial-cluster={initial}", "--initial-cluster-state={state}"]
    readinessProbe: {{httpGet: {{path: /health, port: 2379}}, periodSeconds: 2, successThreshold: 5}}
""")

    def ready(self, *names: str) -> None:
        for name in names:
            self.env.wait("pods", name, is_ready)

    def ctl(self, *words: str, pod: str = "db-0") -> tuple[str, str, int]:
        """What etcdctl printed, the last line it complained with, and its exit code."""
        path = self.env.client.kind("pods").path(self.env.namespace, pod, "exec")
        result = self.env.client.api.run(exec_request(path, ["etcdctl", *words], "etcd"), timeout=30)
        return result.stdout, (result.stderr.strip().splitlines() or [""])[-1], result.code

    def add(self, name: str) -> tuple[str, str, int]:
        return self.ctl("member", "add", name, f"--peer-urls={url(name)}")

    def members(self, **options: str) -> dict[str, str]:
        """Ids by host name."""
        lines = self.ctl("member", "list", **options)[0].splitlines()
        return {line.split(", ")[3].split("//")[1].split(".")[0]: line.split(", ")[0] for line in lines}


def is_ready(pod: Obj) -> bool:
    found = pod.get("status", {}).get("conditions", [])
    return any(one["type"] == "Ready" and one["status"] == "True" for one in found)


def ended(pod: Obj) -> bool:
    return pod.get("status", {}).get("phase") in ("Failed", "Succeeded")


def exit_code(pod: Obj) -> int:
    return int(pod["status"]["containerStatuses"][0]["state"]["terminated"]["exitCode"])


@pytest.fixture
def etcd(env):
    env.apply(SERVICE)
    cluster = Etcd(env)
    cluster.start("db-0", ["db-0"], "new")
    cluster.ready("db-0")
    return cluster


@pytest.fixture
def three(etcd):
    for number in (1, 2):
        assert etcd.add(f"db-{number}")[2] == 0
        etcd.start(f"db-{number}", [f"db-{one}" for one in range(number + 1)])
        etcd.ready(f"db-{number}")
    return etcd


def test_a_seed_is_a_cluster_of_one_whose_id_follows_from_its_address(etcd):
    assert etcd.ctl("member", "list") == (
        "578f70951128881d, started, db-0, http://db-0.db:2380, http://db-0.db:2379, false\n",
        "",
        0,
    )
    assert json.loads(etcd.ctl("member", "list", "-w", "json")[0])["members"] == [
        {
            "ID": 6309385388509661213,
            "name": "db-0",
            "peerURLs": ["http://db-0.db:2380"],
            "clientURLs": ["http://db-0.db:2379"],
        }
    ]


def test_members_are_added_one_by_one(three):
    assert sorted(three.members()) == ["db-0", "db-1", "db-2"]
    assert three.members(pod="db-2") == three.members()
    assert three.ctl("endpoint", "health", "--cluster")[0].count(" is healthy: successfully committed proposal") == 3


def test_what_add_prints(etcd):
    out, _, code = etcd.add("db-1")

    assert code == 0
    assert re.sub(r"Member +[0-9a-f]{1,16} ", "Member ID ", out) == (
        "Member ID added to cluster 7cfc830c452a2376\n\n"
        'ETCD_NAME="db-1"\n'
        f'ETCD_INITIAL_CLUSTER="{",".join(sorted_by_id(etcd))}"\n'
        'ETCD_INITIAL_ADVERTISE_PEER_URLS="http://db-1.db:2380"\n'
        'ETCD_INITIAL_CLUSTER_STATE="existing"\n'
    )


def sorted_by_id(etcd: Etcd) -> list[str]:
    out = etcd.ctl("member", "list", "--consistency=s")[0]
    return [f"{name}={url(name)}" for name in re.findall(r"//(db-\d)\.db:2380", out)]


def test_one_of_two_is_no_majority(etcd):
    etcd.add("db-1")

    assert etcd.ctl("member", "list") == ("", "Error: context deadline exceeded", 1)
    assert ", unstarted, , http://db-1.db:2380, , false\n" in etcd.ctl("member", "list", "--consistency=s")[0]


def test_a_newcomer_does_not_count_until_it_has_been_there_for_five_seconds(etcd):
    etcd.add("db-1")
    etcd.start("db-1", ["db-0", "db-1"])
    etcd.ready("db-1")
    assert etcd.add("db-2")[2] == 0
    etcd.start("db-2", ["db-0", "db-1", "db-2"])
    etcd.env.wait("pods", "db-2", lambda pod: pod.get("status", {}).get("phase") == "Running")
    for _ in range(10):
        if etcd.ctl("endpoint", "health", "--command-timeout=1s", pod="db-2")[2] == 0:
            break

    assert etcd.add("db-3")[1:] == ("Error: etcdserver: unhealthy cluster", 1)
    etcd.ready("db-2")
    assert etcd.add("db-3")[2] == 0


def test_not_more_may_be_added_than_a_majority_can_carry(three):
    refused = "Error: etcdserver: re-configuration failed due to not enough started members"

    words = [three.add(f"db-{number}")[1:] for number in (3, 4, 5)]

    assert words == [("", 0), ("", 0), (refused, 1)]


def test_while_one_is_lost_none_may_be_added_but_the_lost_one_removed(three):
    three.env.delete("pods", "db-1", grace_seconds=0)
    three.env.wait_gone("pods", "db-1")

    assert three.add("db-3")[1:] == ("Error: etcdserver: unhealthy cluster", 1)
    assert three.ctl("put", "x", "1")[0] == "OK\n"
    number = three.members()["db-1"]
    removed = three.ctl("member", "remove", number)
    assert removed == (f"Member {int(number, 16):16x} removed from cluster 7cfc830c452a2376\n", "", 0)
    assert three.add("db-1")[2] == 0
    three.start("db-1", ["db-0", "db-1", "db-2"])
    three.ready("db-1")
    assert three.ctl("get", "x", pod="db-1")[0] == "x\n1\n"
    assert three.members()["db-1"] != number


def test_a_member_that_is_removed_while_it_runs_ends_well(three):
    three.ctl("member", "remove", three.members()["db-2"])

    assert exit_code(three.env.wait("pods", "db-2", ended)) == 0


def test_who_was_not_added_may_not_join(etcd):
    etcd.start("db-1", ["db-0", "db-1"])

    assert exit_code(etcd.env.wait("pods", "db-1", ended)) == 1
    log = etcd.env.client.logs("db-1", etcd.env.namespace, "etcd")
    assert "error validating peerURLs" in log
    assert "member count is unequal" in log


def test_who_does_not_name_itself_may_not_join(etcd):
    etcd.add("db-1")
    etcd.start("db-1", ["db-0"])

    assert exit_code(etcd.env.wait("pods", "db-1", ended)) == 1
    log = etcd.env.client.logs("db-1", etcd.env.namespace, "etcd")
    assert 'couldn\'t find local name \\"db-1\\" in the initial cluster configuration' in log


def test_a_member_that_lost_its_data_cannot_come_back_under_its_old_id(three):
    three.env.delete("pods", "db-1", grace_seconds=0)
    three.env.wait_gone("pods", "db-1")
    three.start("db-1", ["db-0", "db-1", "db-2"])

    assert exit_code(three.env.wait("pods", "db-1", ended)) == 2
    log = three.env.client.logs("db-1", three.env.namespace, "etcd")
    assert "Was the raft log corrupted, truncated, or lost?" in log


@pytest.mark.parametrize(
    ("words", "complaint", "code"),
    [
        (["member", "add", "db-1"], "Error: member peer urls not provided", 128),
        (["member", "add"], "Error: member name not provided", 128),
        (["member", "remove"], "Error: member ID is not provided", 128),
        (["member", "remove", "abc"], "Error: etcdserver: member not found", 1),
        (["member", "add", "x", "--peer-urls=http://db-0.db:2380"], "Error: etcdserver: Peer URLs already exists", 1),
        (
            ["member", "remove", "578f70951128881d"],
            "Error: etcdserver: re-configuration failed due to not enough started members",
            1,
        ),
        (["get", "a", "-w", "bad"], "Error: unsupported output format", 4),
        (["get", "a", "-w", "table"], "Error: table not supported as output format", 4),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, list) else "",
)
def test_refusals(etcd, words, complaint, code):
    assert etcd.ctl(*words)[1:] == (complaint, code)


def test_keys(etcd):
    assert etcd.ctl("put", "a", "hello")[0] == "OK\n"
    assert etcd.ctl("get", "a")[0] == "a\nhello\n"
    assert json.loads(etcd.ctl("get", "a", "-w", "json")[0])["kvs"] == [
        {"key": "YQ==", "create_revision": 2, "mod_revision": 2, "version": 1, "value": "aGVsbG8="}
    ]
    assert etcd.ctl("del", "a")[0] == "1\n"
    assert etcd.ctl("del", "a")[0] == "0\n"
