"""How Kubernetes' territory grew: what happened when, each with its official source. No entry without one."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["BANDS", "ENTRIES", "Entry"]

BANDS = {
    "project": {"en": "the project", "zh": "项目"},
    "programs": {"en": "programs and machines", "zh": "程序与机器"},
    "api": {"en": "the API", "zh": "API"},
    "doors": {"en": "doors to the street", "zh": "通往街上的门"},
}
"""What an entry is about; the bands of the time line, from top to bottom."""

_TEN_YEARS = "https://kubernetes.io/blog/2024/06/06/10-years-of-kubernetes/"


@dataclass(frozen=True)
class Entry:
    """Something that happened.

    Attributes:
        date: `2015-07-21`, or `2016-12` where the day is not what counts.
        band: One of `BANDS`.
        tag: What stands below its dot; empty for none.
        title: In a few words, by language.
        text: In a sentence or two, by language.
        source: The official page that says so.
        also: A second one, where the first does not say all of it.
        lesson: Which lesson is about it; None for none.
    """

    date: str
    band: str
    tag: str
    title: dict[str, str]
    text: dict[str, str]
    source: str
    also: str = ""
    lesson: int | None = None


ENTRIES = (
    Entry(
        "2014-06-06", "project", "",
        {"en": "The first commit", "zh": "第一次提交"},
        {"en": "250 files of Go, shell and Markdown are pushed to GitHub.",
         "zh": "250 个文件推送到 GitHub，内容是 Go、shell 和 Markdown。"},
        source=_TEN_YEARS,
    ),
    Entry(
        "2014-06-10", "project", "",
        {"en": "Shown at DockerCon", "zh": "在 DockerCon 上亮相"},
        {"en": "Four days later it is announced to those who run containers already.",
         "zh": "四天之后，向已经在用容器的人们宣布。"},
        source=_TEN_YEARS, lesson=2,
    ),
    Entry(
        "2015-07-21", "project", "1.0",
        {"en": "Version 1.0, and a foundation", "zh": "1.0 版，和一个基金会"},
        {"en": "The first release, and with it the news that Kubernetes is to be given to a new foundation, the Cloud Native "
               "Computing Foundation (CNCF).",
         "zh": "第一个正式版本。同时宣布，Kubernetes 将捐给一个新的基金会：云原生计算基金会（CNCF）。"},
        source=_TEN_YEARS,
    ),
    Entry(
        "2016-03-10", "project", "CNCF",
        {"en": "Kubernetes joins the CNCF", "zh": "Kubernetes 加入 CNCF"},
        {"en": "It becomes a project of the foundation.", "zh": "它成为基金会的项目。"},
        source="https://www.cncf.io/blog/2024/06/07/kubernetes-is-ten-years-old/",
    ),
    Entry(
        "2016-11-03", "api", "Operators",
        {"en": "Operators", "zh": "Operator"},
        {"en": "CoreOS presents programs that know how to look after etcd and Prometheus, and gives such programs a name. "
               "They read objects of their own, made with ThirdPartyResources.",
         "zh": "CoreOS 介绍了懂得照看 etcd 和 Prometheus 的程序，并给这类程序起了名字。它们读的是自己的对象，用 ThirdPartyResource 定义。"},
        source="https://coreos.com/press/coreos-introduces-operators.html", lesson=10,
    ),
    Entry(
        "2016-12", "programs", "1.5",
        {"en": "1.5: any runtime, and names that stay", "zh": "1.5：任选运行时，名字不变"},
        {"en": "The Container Runtime Interface lets other programs than Docker start containers. StatefulSets become beta.",
         "zh": "有了容器运行时接口（CRI），除了 Docker，别的程序也能启动容器。StatefulSet 进入 beta。"},
        source=_TEN_YEARS, lesson=7,
    ),
    Entry(
        "2017-06-30", "api", "1.7",
        {"en": "1.7: kinds of one's own", "zh": "1.7：自己的对象种类"},
        {"en": "CustomResourceDefinitions come, and are to replace ThirdPartyResources.",
         "zh": "CustomResourceDefinition 来了，要取代 ThirdPartyResource。"},
        source="https://kubernetes.io/blog/2017/06/kubernetes-1-7-security-hardening-stateful-application-extensibility-updates/",
        lesson=9,
    ),
    Entry(
        "2017-09-29", "api", "1.8",
        {"en": "1.8: who may do what", "zh": "1.8：谁可以做什么"},
        {"en": "Role-based access control (RBAC) is stable. ThirdPartyResources are removed.",
         "zh": "基于角色的访问控制（RBAC）进入稳定。ThirdPartyResource 被移除。"},
        source="https://kubernetes.io/blog/2017/09/kubernetes-18-security-workloads-and/",
        also="https://github.com/kubernetes/kubernetes/blob/master/CHANGELOG/CHANGELOG-1.8.md",
    ),
    Entry(
        "2017-12", "programs", "1.9",
        {"en": "1.9: Deployments stand firm", "zh": "1.9：Deployment 站稳了"},
        {"en": "The workloads API is stable: Deployment, ReplicaSet, StatefulSet and DaemonSet live at apps/v1, and still do.",
         "zh": "工作负载 API 进入稳定：Deployment、ReplicaSet、StatefulSet 和 DaemonSet 住进 apps/v1，一直住到今天。"},
        source=_TEN_YEARS, lesson=4,
    ),
    Entry(
        "2018-06-05", "project", "EKS",
        {"en": "Amazon's EKS for everybody", "zh": "亚马逊的 EKS 正式可用"},
        {"en": "Generally available: a cloud that looks after the control plane, for those who do not want to.",
         "zh": "由云厂商照看控制平面，省得自己动手。"},
        source="https://docs.aws.amazon.com/eks/latest/userguide/doc-history.html",
    ),
    Entry(
        "2018-12", "programs", "1.13",
        {"en": "1.13: disks, set-up, names", "zh": "1.13：磁盘、安装、名字"},
        {"en": "The Container Storage Interface and kubeadm are stable, and CoreDNS is what answers to names by default.",
         "zh": "容器存储接口（CSI）和 kubeadm 进入稳定，CoreDNS 成为默认的域名服务。"},
        source=_TEN_YEARS, lesson=7,
    ),
    Entry(
        "2019-09-18", "api", "1.16",
        {"en": "1.16: definitions are stable", "zh": "1.16：定义进入稳定"},
        {"en": "CustomResourceDefinitions reach v1, and a schema is a must.",
         "zh": "CustomResourceDefinition 到了 v1，模式必不可少。"},
        source="https://kubernetes.io/blog/2019/09/18/kubernetes-1-16-release-announcement/", lesson=9,
    ),
    Entry(
        "2020-12", "programs", "1.20",
        {"en": "1.20: dockershim is deprecated", "zh": "1.20：弃用 dockershim"},
        {"en": "The piece of code by which Kubernetes spoke to Docker is to go. Images stay as they are.",
         "zh": "Kubernetes 用来跟 Docker 说话的那段代码要走了。镜像还是原来的镜像。"},
        source=_TEN_YEARS, lesson=2,
    ),
    Entry(
        "2021-04", "project", "",
        {"en": "Three releases a year", "zh": "一年发布三次"},
        {"en": "It had been four. Fewer steps, and more time for each.", "zh": "以前是四次。步子少了，每一步的时间多了。"},
        source=_TEN_YEARS,
    ),
    Entry(
        "2021-07", "api", "1.22",
        {"en": "1.22: old addresses are closed", "zh": "1.22：旧地址关闭"},
        {"en": "Beta versions of many APIs are removed, Ingress at extensions/v1beta1 among them.",
         "zh": "许多 API 的 beta 版本被移除，其中有 extensions/v1beta1 的 Ingress。"},
        source=_TEN_YEARS, lesson=11,
    ),
    Entry(
        "2022-05-03", "programs", "1.24",
        {"en": "1.24: dockershim is removed", "zh": "1.24：移除 dockershim"},
        {"en": "Nodes run containerd, CRI-O or another program that speaks the interface of 2016. New beta APIs are off by "
               "default from now on.",
         "zh": "节点上运行的是 containerd、CRI-O，或者别的会说 2016 年那个接口的程序。从此新的 beta API 默认不开。"},
        source="https://kubernetes.io/blog/2022/05/03/kubernetes-1-24-release-announcement/", lesson=2,
    ),
    Entry(
        "2022-08", "api", "1.25",
        {"en": "1.25: PodSecurityPolicy is removed", "zh": "1.25：移除 PodSecurityPolicy"},
        {"en": "What Pods may do is now said by labels on a namespace: Pod Security Admission.",
         "zh": "Pod 可以做什么，现在由名字空间上的标签来说：Pod 安全性准入。"},
        source="https://kubernetes.io/docs/concepts/security/pod-security-policy/",
    ),
    Entry(
        "2023-10-31", "doors", "Gateway API",
        {"en": "Gateway API 1.0", "zh": "Gateway API 1.0"},
        {"en": "The successor of Ingress is stable. It comes as CustomResourceDefinitions, outside of Kubernetes itself.",
         "zh": "Ingress 的继任者进入稳定。它以 CustomResourceDefinition 的形式提供，不在 Kubernetes 本身里面。"},
        source="https://github.com/kubernetes-sigs/gateway-api/releases/tag/v1.0.0", lesson=6,
    ),
    Entry(
        "2025-04", "programs", "1.33",
        {"en": "1.33: sidecars are stable", "zh": "1.33：边车容器进入稳定"},
        {"en": "A container that starts before the others and accompanies them to the end.",
         "zh": "有一种容器，比别的先启动，一直陪到最后。"},
        source="https://kubernetes.io/blog/2025/04/23/kubernetes-v1-33-release/", lesson=1,
    ),
    Entry(
        "2025-08-27", "project", "1.34",
        {"en": "1.34", "zh": "1.34"},
        {"en": "The second of that year's three.", "zh": "那一年三次发布中的第二次。"},
        source="https://github.com/kubernetes/kubernetes/releases/tag/v1.34.0",
    ),
    Entry(
        "2025-11-11", "doors", "Ingress NGINX",
        {"en": "Ingress NGINX is to retire", "zh": "Ingress NGINX 将要退役"},
        {"en": "Its end is announced for March 2026; after that, not even holes in its security will be closed. What runs "
               "goes on running.",
         "zh": "宣布在 2026 年 3 月停止维护；在那之后，连安全漏洞也不再修补。正在运行的照样运行。"},
        source="https://kubernetes.io/blog/2025/11/11/ingress-nginx-retirement/", lesson=6,
    ),
    Entry(
        "2025-12-17", "project", "1.35",
        {"en": "1.35", "zh": "1.35"},
        {"en": "The third of that year's three.", "zh": "那一年三次发布中的第三次。"},
        source="https://kubernetes.io/blog/2025/12/17/kubernetes-v1-35-release/",
    ),
    Entry(
        "2026-04-22", "project", "1.36",
        {"en": "1.36", "zh": "1.36"},
        {"en": "The first of this year's three.", "zh": "这一年三次发布中的第一次。"},
        source="https://kubernetes.io/releases/1.36/",
    ),
    Entry(
        "2026-08-26", "project", "1.37",
        {"en": "1.37", "zh": "1.37"},
        {"en": "What this course was written on. Is it what your cluster runs?",
         "zh": "这门课就是在它上面写成的。你的集群运行的也是它吗？"},
        source="https://kubernetes.io/releases/1.37/",
    ),
)  # fmt: skip
"""From the first to the last."""
