"""What may differ between two clusters counts for nothing, in either language; what must not differ counts."""

from __future__ import annotations

import pytest

from k8s_tutor.authoring.outputs import normalised, texts

ALIKE = {
    "who answers": (
        "Connected to embedded (Kubernetes 1.37, 3 nodes), because you said so",
        'Connected to the kind cluster "mine" (Kubernetes v1.37.2, 3 nodes), because you said so',
    ),
    "who answers, in Chinese": (
        "已连接到 embedded（3 个节点），因为你这样说",
        '已连接到 kind 集群 "mine"，因为你这样说',
    ),
    "who answers, and is somebody else's, in Chinese": (
        "已连接到 embedded（3 个节点），因为你这样说",
        '已连接到上下文 "kind-mine"（Kubernetes v1.37.2），因为你这样说',
    ),
    "how long it took": ("pod/web is Ready (after 0.6 s)", "pod/web is Ready (after 11 s)"),
    "how long it took, in Chinese": ("pod/web 的状态：Ready（0.6 秒后）", "pod/web 的状态：Ready（11 秒后）"),
    "how long it took to go, in Chinese": ("pod/web 已删除，用时 3.1 秒", "pod/web 已删除，用时 5.4 秒"),
    "whom kube-proxy chose": ("  Pod web-1: 1 request", "  Pod web-1: 16 requests"),
    "whom kube-proxy chose, in Chinese": ("  Pod web-1：13 个请求", "  Pod web-1：16 个请求"),
    "which node port it is": ("port http → node port 30080", "port http → node port 31416"),
    "which node port it is, in Chinese": ("端口 http → 节点端口 30080", "端口 http → 节点端口 31416"),
    "whether it pulls or waits to pull again": ("pod/snack is ErrImagePull", "pod/snack is ImagePullBackOff"),
    "how often it has crashed by now": ("exit code 127 (1 restart)", "exit code 127 (2 restarts)"),
    "how often it has crashed by now, in Chinese": ("退出码 127（重启 1 次）", "退出码 127（重启 3 次）"),
    "whose addresses": (
        "a Service of type LoadBalancer gets an address of 10.1.0.1-10.1.0.9, from MetalLB.",
        "a Service of type LoadBalancer gets an address of 192.0.2.1-192.0.2.7, from the simulated cloud.",
    ),
    "whose addresses, in Chinese": (
        "类型为 LoadBalancer 的 Service 会从 MetalLB 得到 10.1.0.1-10.1.0.9 中的一个地址。",
        "类型为 LoadBalancer 的 Service 会从模拟的云得到 192.0.2.0/24 中的一个地址。",
    ),
    "how long each state lasted": ("How long: Pending 1 s.", "How long: Pending 2 s, Running 3 s."),
    "how long each state lasted, in Chinese": ("各持续多久：Pending 1 秒。", "各持续多久：Pending 不到 1 秒。"),
}
DIFFERENT = {
    "a state": ("pod/web is Ready (after 1 s)", "pod/web is Failed (after 1 s)"),
    "a state, in Chinese": ("pod/web 的状态：Ready（1 秒后）", "pod/web 的状态：Failed（1 秒后）"),
    "a count of pods": ("3/3 pods ready", "2/3 pods ready"),
    "a count of pods, in Chinese": (
        "service/web 的状态：由 3 个就绪的 Pod 提供服务",
        "service/web 的状态：由 2 个就绪的 Pod 提供服务",
    ),
    "how many were answered, in Chinese": (
        "40 个请求 → Service web：全部得到应答",
        "39 个请求 → Service web：全部得到应答",
    ),
}


@pytest.mark.parametrize(("one", "other"), ALIKE.values(), ids=ALIKE)
def test_counts_for_nothing(one: str, other: str) -> None:
    assert one != other
    assert normalised(one) == normalised(other)


@pytest.mark.parametrize(("one", "other"), DIFFERENT.values(), ids=DIFFERENT)
def test_counts(one: str, other: str) -> None:
    assert normalised(one) != normalised(other)


def _drawn(twin: str) -> list[str]:
    """What counts of a picture's cell."""
    data = {"image/svg+xml": "<svg/>", "text/plain": twin}
    return texts({"outputs": [{"output_type": "display_data", "data": data}]})


OLDER = "Deployment shop: 2 of 2 ready\n  Pod shop-1: Running\n  Pod shop-2: Running\n"
YOUNGER = "Deployment snack: 0 of 1 ready\n  Pod snack-1: Pending\n"


def test_which_of_one_kind_is_older_counts_for_nothing() -> None:
    assert _drawn(f"{OLDER}{YOUNGER}Service shop") == _drawn(f"{YOUNGER}{OLDER}Service shop")


def test_to_whom_a_pod_belongs_counts() -> None:
    assert _drawn(f"{OLDER}{YOUNGER}Service shop") != _drawn(f"{YOUNGER}  Pod shop-1: Running\n{OLDER}Service shop")
