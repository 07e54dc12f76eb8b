"""What may differ between two clusters counts for nothing, in either language; what must not differ counts."""

from __future__ import annotations

import pytest

from k8s_tutor.authoring.outputs import normalised

ALIKE = {
    "who answers": (
        "Connected to embedded (Kubernetes 1.37, 3 nodes), because you said so",
        'Connected to the kind cluster "mine" (Kubernetes v1.37.2, 3 nodes), because you said so',
    ),
    "who answers, in Chinese": (
        "已连接到 embedded（3 个节点），因为你这样说",
        '已连接到 kind 集群 "mine"，因为你这样说',
    ),
    "how long it took": ("pod/web is Ready (after 0.6 s)", "pod/web is Ready (after 11 s)"),
    "how long it took, in Chinese": ("pod/web 的状态：Ready（0.6 秒后）", "pod/web 的状态：Ready（11 秒后）"),
    "how long it took to go, in Chinese": ("pod/web 已删除，用时 3.1 秒", "pod/web 已删除，用时 5.4 秒"),
    "whom kube-proxy chose": ("  Pod web-1: 1 request", "  Pod web-1: 16 requests"),
    "whom kube-proxy chose, in Chinese": ("  Pod web-1：13 个请求", "  Pod web-1：16 个请求"),
    "which node port it is": ("port http → node port 30080", "port http → node port 31416"),
    "which node port it is, in Chinese": ("端口 http → 节点端口 30080", "端口 http → 节点端口 31416"),
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
