"""The territory as data: regions, the places in them with the lesson that leads there, and what lies beyond."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from k8s_tutor.course.catalog import list_lessons
from k8s_tutor.course.record import Lesson

__all__ = ["BEYOND", "OWN_KEYS", "PLACES", "REGIONS", "Island", "Place", "Region", "lesson_link", "lesson_of"]

OWN_KEYS = 'data-lm-suppress-shortcuts="true"'
"""On whatever has the focus: its keys are its own, and no shortcuts of JupyterLab's (Enter would edit the cell)."""
_COURSE = "kubernetes"


@dataclass(frozen=True)
class Region:
    """A region of the land.

    Attributes:
        key: Its name in the code.
        name: By language.
        corners: Around it, by the names of `chart.CORNERS`.
        tint: Of its ground.
        sign: Where its name stands, the middle.
    """

    key: str
    name: dict[str, str]
    corners: str
    tint: str
    sign: tuple[float, float]


@dataclass(frozen=True)
class Place:
    """A place on the land.

    Attributes:
        lesson: Which leads there.
        at: Its badge.
        name: By language.
        kinds: What lives there, in Kubernetes' own words.
    """

    lesson: int
    at: tuple[float, float]
    name: dict[str, str]
    kinds: str = ""


@dataclass(frozen=True)
class Island:
    """What the course does not teach.

    Attributes:
        at: Its middle.
        name: By language.
        kinds: What is found there.
        page: The official page to go on with.
    """

    at: tuple[float, float]
    name: dict[str, str]
    kinds: str
    page: str


REGIONS = (
    Region("nodes", {"en": "NODES", "zh": "节点"}, "ABGF", "#c98b3d", (240, 146)),
    Region("control", {"en": "CONTROL PLANE", "zh": "控制平面"}, "BCDIHG", "#8a6fc0", (512, 128)),
    Region("extension", {"en": "EXTENSION", "zh": "扩展"}, "DEJI", "#c0567e", (772, 130)),
    Region("images", {"en": "IMAGES", "zh": "镜像"}, "FGLK", "#5f9e6e", (222, 284)),
    Region("workloads", {"en": "WORKLOADS", "zh": "工作负载"}, "GHINML", "#3f7fd0", (512, 284)),
    Region("networking", {"en": "NETWORKING", "zh": "网络"}, "IJOTSN", "#2e9aa0", (792, 304)),
    Region("harbour", {"en": "HARBOUR", "zh": "港口"}, "KLQP", "#b9a23a", (250, 446)),
    Region("configuration", {"en": "CONFIGURATION", "zh": "配置"}, "LMRQ", "#7a9a3a", (428, 446)),
    Region("storage", {"en": "STORAGE", "zh": "存储"}, "MNSR", "#b06a45", (606, 446)),
)

PLACES = (
    Place(0, (262, 492), {"en": "The picture book", "zh": "图画书"}, "cluster"),
    Place(1, (392, 326), {"en": "Pods", "zh": "Pod"}, "Pod"),
    Place(2, (222, 326), {"en": "Images and containers", "zh": "镜像与容器"}, "Dockerfile · image"),
    Place(3, (222, 184), {"en": "The scheduler's choice", "zh": "调度器的选择"}, "Node · taint"),
    Place(3, (604, 172), {"en": "A request to the API", "zh": "发给 API 的请求"}, "API server · etcd"),
    Place(4, (520, 326), {"en": "Keeping the promise", "zh": "说到做到"}, "Deployment · ReplicaSet"),
    Place(5, (788, 346), {"en": "A name that stays", "zh": "不变的名字"}, "Service · EndpointSlice"),
    Place(6, (776, 430), {"en": "A door to the street", "zh": "通往街上的门"}, "LoadBalancer"),
    Place(7, (652, 326), {"en": "One by one", "zh": "一个接一个"}, "StatefulSet"),
    Place(7, (606, 492), {"en": "Lasting disks", "zh": "留得住的磁盘"}, "PVC · StorageClass"),
    Place(7, (430, 492), {"en": "Settings, secrets", "zh": "设置与密码"}, "ConfigMap · Secret"),
    Place(8, (414, 172), {"en": "The control loop", "zh": "控制回路"}, "controller · watch"),
    Place(9, (768, 156), {"en": "Kinds of your own", "zh": "自己的种类"}, "CustomResourceDefinition"),
    Place(10, (826, 222), {"en": "Operators", "zh": "Operator"}, "EtcdCluster"),
    Place(11, (770, 506), {"en": "You are here", "zh": "你在这里"}, "/apis"),
)
"""In the order of the road; lesson 7 has three places."""

BEYOND = (
    Island((92, 664), {"en": "Work that ends", "zh": "做完就走"}, "Job · CronJob",
           page="https://kubernetes.io/docs/concepts/workloads/controllers/job/"),
    Island((222, 694), {"en": "One on each node", "zh": "每个节点一个"}, "DaemonSet",
           page="https://kubernetes.io/docs/concepts/workloads/controllers/daemonset/"),
    Island((352, 664), {"en": "Who may do what", "zh": "谁可以做什么"}, "RBAC · Role",
           page="https://kubernetes.io/docs/reference/access-authn-authz/rbac/"),
    Island((480, 694), {"en": "Safe roads", "zh": "安全"}, "NetworkPolicy",
           page="https://kubernetes.io/docs/concepts/security/"),
    Island((608, 664), {"en": "Growing by itself", "zh": "自动扩缩"}, "HPA · VPA",
           page="https://kubernetes.io/docs/concepts/workloads/autoscaling/"),
    Island((738, 694), {"en": "Gates", "zh": "大门"}, "Ingress · Gateway",
           page="https://kubernetes.io/docs/concepts/services-networking/gateway/"),
    Island((868, 664), {"en": "Packages", "zh": "打包"}, "Helm · Kustomize", page="https://helm.sh/docs/"),
)  # fmt: skip
"""From west to east. The lesson's text names more."""


def lesson_of(number: int | None) -> Lesson | None:
    """The course's lesson of a number; None where there is none (yet)."""
    return next((one for one in list_lessons() if one.course == _COURSE and one.number == number), None)


def lesson_link(number: int | None, language: str) -> str:
    """A link to a lesson's notebook, with its number and title; empty where there is none."""
    lesson = lesson_of(number)
    if lesson is None:
        return ""
    title = lesson.titles.get(language, lesson.titles["en"])
    words = f"第 {number} 课：{title}" if language == "zh" else f"lesson {number}: {title}"
    return f'<a href="{lesson.stem}.ipynb" {OWN_KEYS}>{escape(words)}</a>'
