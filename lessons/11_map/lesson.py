# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # The map, and the road on
#
# Eleven lessons, some twenty kinds of objects, and a cluster that knows about seventy. In this lesson you climb the
# lookout: you see how the territory grew, where you have been, and what lies behind the horizon.
#
# By the end you can
#
# - ask any cluster for its own map, and find where a kind lives,
# - tell in a few words how Kubernetes became what it is, and look up who says so,
# - say why one object can have two addresses, and what happens when an address is closed,
# - bring a manifest of 2016 up to date,
# - name what this course has left out, and where to read on.
#
# It takes about 40 minutes. You need the lessons before it, though not every detail of them. Run the cells from top to
# bottom; running one twice does no harm.
#
# <!-- zh 430601a3 -->
# # 地图，和前面的路
#
# 十一课，二十来种对象，而集群认识大约七十种。在这一课里，你登上瞭望台：看看这片地方是怎样长大的，你到过哪里，地平线后面还有什么。
#
# 学完这一课，你能够
#
# - 向任何集群要它自己的地图，并找到一种对象住在哪里，
# - 用几句话说出 Kubernetes 是怎样变成今天这样的，并查到是谁这么说的，
# - 说出一个对象为什么可以有两个地址，以及一个地址关闭时会发生什么，
# - 让一份 2016 年的清单跟上今天，
# - 说出这门课没有讲的是什么，以及到哪里继续读。
#
# 大约需要 40 分钟。你需要学过前面的课，不必记得每个细节。从上到下依次运行各个单元格；同一格运行两遍也没关系。

# %%
from k8s_tutor import connect
t = connect()
t.lesson("map")

# %% [markdown]
# ## The cluster has a map of itself
#
# *A colleague says: "Take a PodDisruptionBudget." You have never heard of it. Where do you look, without the internet?*
#
# Ask the API server. Everything it serves stands at an **address**, and the address is the line with which each of your
# manifests began: `apiVersion`. It has two parts, a **group** and a version, with a slash between them. What you ask is
# called **discovery**; `kubectl` does it all the time, behind your back.
#
# <!-- zh eec92d21 -->
# ## 集群有一张自己的地图
#
# *同事说：“用 PodDisruptionBudget 吧。”你从来没听说过。不上网，到哪里去查？*
#
# 问 API 服务器。它提供的一切都有一个**地址**，这个地址就是你每份清单开头的那一行：`apiVersion`。它分两部分，一个**组**（group）和一个版本，中间一条斜线。这样去问，叫作**发现**（discovery）；`kubectl` 一直在你背后这样做。

# %% tags=["keep"]
from k8s_tutor import StatusError
from k8s_tutor.errors import TutorError

def served_at(address):
    """What the API server serves at an address such as apps/v1; nothing where nobody lives."""
    try:
        return t.client.raw("GET", f"/apis/{address}" if "/" in address else f"/api/{address}").body["resources"]
    except StatusError:
        return []

# %% tags=["keep"]
def kinds_at(address):
    return sorted({one["kind"] for one in served_at(address) if "/" not in one["name"]})

# %% tags=["words"]
for address in ["apps/v1", "batch/v1", "policy/v1", "networking.k8s.io/v1", "extensions/v1beta1"]:
    print(address.ljust(22), ", ".join(kinds_at(address)) or "(nobody lives here)")

# %% [markdown]
# There is your colleague's word, in the group `policy`. And `kubectl explain` reads it to you:
#
# <!-- zh a94d638a -->
# 同事说的那个词就在这里，在 `policy` 组里。`kubectl explain` 会念给你听：

# %%
t.kubectl("explain pdb.status.disruptionsAllowed")

# %% [markdown]
# The fifth address is empty. Remember it: it was once the busiest place in all of Kubernetes, and you will meet people
# who still have letters addressed to it.
#
# One group has no name. It is the oldest; its address is plain `v1`, and everybody calls it **core**:
#
# <!-- zh 43ac8f0f -->
# 第五个地址是空的。记住它：它曾经是 Kubernetes 里最热闹的地方，以后你还会遇到手里拿着寄往那里的信的人。
#
# 有一个组没有名字。它最老；地址就是 `v1`，大家都叫它**核心组**（core）：

# %%
print(", ".join(kinds_at("v1")))

# %% [markdown]
# ### Your turn: who lives where?
#
# <!-- zh 0c22c587 -->
# ### 轮到你了：谁住在哪里？

# %%
t.exercise("map-1")

# %%
# kubectl label KIND NAME group=…

# %%
t.check("map-1")

# %% [markdown]
# ## How it grew
#
# *Why is a Pod in `v1`, a Deployment in `apps/v1`, and an Ingress in a group whose name looks like a web address?*
#
# Because they came one after the other. In the beginning there was one list of kinds, and it got long. So groups were
# made, and whoever came later moved into one. What has come from outside has a name with dots in it, so that two people
# do not take the same.
#
# This is the story, in twenty-four stops. Each names the official page that says so.
#
# <!-- zh 99744c5b -->
# ## 它是怎样长大的
#
# *为什么 Pod 在 `v1`，Deployment 在 `apps/v1`，而 Ingress 所在的组，名字像个网址？*
#
# 因为它们是先后来的。一开始，所有种类都在一张单子上，单子越来越长。于是分了组，后来的就住进某个组里。从外面来的，名字里带点，这样两个人就不会取同一个名字。
#
# 故事就在下面，共二十四站。每一站都写明是哪个官方页面说的。

# %%
t.picture("timeline")

# %% [markdown]
# Walk along the bands, and you see three things happen over and over.
#
# - **What is used a lot becomes firm.** A kind begins as *alpha*, becomes *beta*, then stable, `v1`. Deployments took the
#   way from `extensions/v1beta1` to `apps/v1`. What is stable stays.
# - **What can be outside, moves out.** Docker's code went, and the runtime interface (CRI) stayed; storage drivers went, and
#   CSI stayed; the successor of Ingress never came in: it is a set of CustomResourceDefinitions.
# - **What was only beta is taken away again.** In 1.22 many addresses were closed at once, and much that people had
#   downloaded years before stopped working. Since 1.24 a new beta has to be switched on by whoever wants it.
#
# So what does your cluster have that is still beta?
#
# <!-- zh 9daa829f -->
# 沿着各条带子走一走，会看到三件事一再发生。
#
# - **用得多的，会稳下来。** 一种对象从 *alpha* 开始，变成 *beta*，再到稳定版，`v1`。Deployment 就是从 `extensions/v1beta1` 一路走到 `apps/v1` 的。稳定的，就留下来。
# - **能放在外面的，会搬出去。** Docker 的代码走了，留下了运行时接口（CRI）；存储驱动走了，留下了 CSI；Ingress 的继任者根本没有进来：它是一组 CustomResourceDefinition。
# - **只是 beta 的，会再被拿走。** 1.22 一下子关闭了许多地址，人们几年前下载的东西，很多就此不能用了。从 1.24 起，新的 beta 要由想用的人自己打开。
#
# 那么，你的集群里还有什么是 beta？

# %% tags=["words"]
known = {group["name"]: group["versions"] for group in t.client.raw("GET", "/apis").body["groups"]}
known = {name: versions for name, versions in known.items() if "." not in name or name.endswith(".k8s.io")}
known.pop("metrics.k8s.io", None)  # an add-on's, where there is one
own = [one["groupVersion"] for versions in known.values() for one in versions]
print(len(own), "addresses; alpha or beta:", [one for one in own if "alpha" in one or "beta" in one])

# %% [markdown]
# Not one, most likely. (Groups of other people's are left out here, as are those of add-ons, such as
# `metrics.k8s.io/v1beta1`: what comes from outside keeps its own calendar.)
#
# ## One object, two doors
#
# *There is a way from `v1beta1` to `v1`. How does an object get there that was stored years ago?*
#
# A HorizontalPodAutoscaler makes more Pods when they have much to do, and fewer when they have little. Its group serves it
# in two versions. `v1` knows one measure, the CPU; `v2` has a list of measures.
#
# <!-- zh fd07f447 -->
# 多半一个也没有。（别人的组没有算进来，插件的也没有，例如 `metrics.k8s.io/v1beta1`：外面来的，有自己的日程。）
#
# ## 一个对象，两扇门
#
# *从 `v1beta1` 到 `v1` 有一条路。几年前存下的对象，是怎么走过去的？*
#
# HorizontalPodAutoscaler 在 Pod 忙的时候多开几个，闲的时候少开几个。它的组提供两个版本。`v1` 只认一种指标，就是 CPU；`v2` 有一个指标的列表。

# %%
t.guess("map-a")

# %%
t.apply("""
apiVersion: autoscaling/v1
kind: HorizontalPodAutoscaler
metadata: {name: weathervane}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: mill}
  maxReplicas: 4
  targetCPUUtilizationPercentage: 60
""")

# %% tags=["words"]
seen = []
for address in ["autoscaling/v1", "autoscaling/v2"]:
    path = f"/apis/{address}/namespaces/{t.namespace}/horizontalpodautoscalers/weathervane"
    seen.append(t.client.raw("GET", path).body)
    spec = seen[-1]["spec"]
    print(address, {key: spec[key] for key in ("targetCPUUtilizationPercentage", "metrics") if key in spec})
print("the same object:", seen[0]["metadata"]["uid"] == seen[1]["metadata"]["uid"])

# %% [markdown]
# One object, told in two ways. The API server stores it once, and translates at the door, in both directions. That is how
# old clients and new ones can live side by side for years, and why nothing has to be stored anew when an address is
# closed: only the door is walled up, not the room.
#
# A kind may even have doors in two groups. Events do: the old one is in core, the new one in a group of its own.
#
# <!-- zh 784d7561 -->
# 一个对象，两种说法。API 服务器只存一份，在门口翻译，两个方向都翻。所以新老客户端可以并肩共处好多年；所以一个地址关闭时，什么也不用重新存：砌死的只是门，不是屋子。
#
# 一种对象甚至可以在两个组里都有门。事件（Event）就是这样：旧门在核心组，新门在它自己的组里。

# %%
doors = [f"/api/v1/namespaces/{t.namespace}/events", f"/apis/events.k8s.io/v1/namespaces/{t.namespace}/events"]
old, new = [{one["metadata"]["uid"] for one in t.client.raw("GET", door).body["items"]} for door in doors]
print(old == new)

# %% [markdown]
# Before a door is closed, there is a sign on it for a long time. This one has had it since 1.33:
#
# <!-- zh 9f9a31d1 -->
# 一扇门关闭之前，上面会挂很久的牌子。这一扇从 1.33 起就挂着：

# %%
t.kubectl("get endpoints nobody --ignore-not-found")

# %% [markdown]
# Read such warnings. They are the calendar of your next upgrades.
#
# ### ① Your turn: a kind's addresses
#
# Write what the API server does when somebody asks for a kind: find all addresses where it lives. You are given what
# `served_at` says of each address. Mind one thing: `deployments/scale` is a door of a Deployment, and no resident.
#
# <!-- zh 34da7463 -->
# 这样的警告要读。它就是你今后升级的日程表。
#
# ### ① 轮到你了：一种对象的地址
#
# 有人要找一种对象时，先得找到它住的所有地址。把这一步写出来。给你的，是每个地址上 `served_at` 说的内容。留意一点：`deployments/scale` 是 Deployment 的一扇门，不是住户。

# %% tags=["keep"]
@t.place("map-2")
def addresses(kind, served):
    """① Where does this kind live?"""
    return ...

# %%
t.check("map-2")

# %% [markdown]
# Your function, on the living cluster:
#
# <!-- zh d3e14386 -->
# 你的函数，用在活的集群上：

# %%
streets = ["v1", "apps/v1", "autoscaling/v1", "autoscaling/v2", "events.k8s.io/v1", "extensions/v1beta1"]
served = [(address, served_at(address)) for address in streets]
for kind in ["Pod", "Deployment", "Event", "HorizontalPodAutoscaler", "ThirdPartyResource"]:
    print(kind.ljust(24), addresses(kind, served))

# %% [markdown]
# ## A manifest of 2016
#
# *You find a file in an old repository. It says `extensions/v1beta1`. What now?*
#
# <!-- zh 02270870 -->
# ## 一份 2016 年的清单
#
# *你在一个老仓库里找到一个文件，里面写着 `extensions/v1beta1`。怎么办？*

# %% tags=["keep"]
lamp = """
apiVersion: extensions/v1beta1
kind: Deployment
metadata: {name: lamp, annotations: {try: "1"}}
spec:
  replicas: 1
  template:
    metadata: {labels: {app: lamp}}
    spec: {containers: [{name: app, image: "ghcr.io/stefanprodan/podinfo:6.9.2"}]}
"""

# %% tags=["keep"]
def offer(manifest, number=1):
    """Applies a manifest; prints why it is refused."""
    try:
        t.apply(manifest.replace('try: "1"', f'try: "{number}"'))
    except TutorError as error:
        print(error)

# %% [markdown]
# It is offered four times: as it is; at an address of 2017; at today's address; and at last with a selector, the line that
# says which Pods are the Deployment's own.
#
# <!-- zh ff80c16d -->
# 我们把它递上去四次：原样；换成 2017 年的地址；换成今天的地址；最后再加上选择算符，也就是说明哪些 Pod 归这个 Deployment 的那一行。

# %%
t.guess("map-b")

# %%
offer(lamp, 1)
offer(lamp.replace("extensions/v1beta1", "apps/v1beta2"), 2)

# %%
offer(lamp.replace("extensions/v1beta1", "apps/v1"), 3)
offer(lamp.replace("extensions/v1beta1", "apps/v1").replace("  template:", "  selector: {matchLabels: {app: lamp}}\n  template:"), 4)

# %% [markdown]
# The fourth. A new address is not enough, since the kind has changed on the way. At the old address a Deployment without a
# selector took the template's labels for one. That was handy, and went wrong when the labels were changed later; so now
# one has to say it, and it cannot be changed any more.
#
# Other things changed without a refusal, and that is the more dangerous sort. What the API server fills in for you today:
#
# <!-- zh 0ca62944 -->
# 第四次。光换地址不够，因为这种对象一路上变了。在旧地址上，没有选择算符的 Deployment 就拿模板的标签来充当。这样很方便，可是后来改了标签就会出错；所以现在必须写明，而且以后不能再改。
#
# 另一些变化不会被拒绝，这才更危险。今天，API 服务器替你填上的是：

# %%
spec = t.get("deploy/lamp")["spec"]
for field in ["progressDeadlineSeconds", "revisionHistoryLimit", "strategy"]:
    print(field, spec[field])

# %% [markdown]
# | | `extensions/v1beta1`, in 2016 | `apps/v1`, today |
# |---|---|---|
# | `selector` | may be left out | must be there, and stays as it is |
# | `rollbackTo` | goes back to an older version | is gone: `kubectl rollout undo` |
# | `progressDeadlineSeconds` | none: it waits for ever | 600 |
# | `revisionHistoryLimit` | none: it keeps all | 10 |
# | `maxSurge`, `maxUnavailable` | 1 | 25 % |
#
# The [deprecated API migration guide](https://kubernetes.io/docs/reference/using-api/deprecation-guide/) has such a list for
# every address that was closed. It is the page to open before an upgrade.
#
# ### Your turn: ten years younger
#
# <!-- zh b1f8a7ce -->
# | | `extensions/v1beta1`，2016 年 | `apps/v1`，今天 |
# |---|---|---|
# | `selector` | 可以不写 | 必须写，并且不能再改 |
# | `rollbackTo` | 回到旧版本 | 没有了：`kubectl rollout undo` |
# | `progressDeadlineSeconds` | 没有：一直等下去 | 600 |
# | `revisionHistoryLimit` | 没有：全都留着 | 10 |
# | `maxSurge`、`maxUnavailable` | 1 | 25 % |
#
# 每个关闭的地址，[已弃用 API 的迁移指南](https://kubernetes.io/zh-cn/docs/reference/using-api/deprecation-guide/)里都有这样一张单子。升级之前，要翻开的就是这一页。
#
# ### 轮到你了：年轻十岁

# %%
t.exercise("map-3")

# %%
kiosk = """
apiVersion: extensions/v1beta1
kind: Deployment
metadata: {name: kiosk}
spec:
  replicas: 2
  rollbackTo: {revision: 0}
  template:
    metadata: {labels: {app: kiosk, tier: news}}
    spec: {containers: [{name: app, image: "ghcr.io/stefanprodan/podinfo:6.9.2"}]}
"""
offer(kiosk)

# %%
t.check("map-3")

# %% [markdown]
# Some old letters cannot be delivered at all. This kind was taken away in 1.8, and what it did is done by another, the
# CustomResourceDefinition of [lesson 9](09_kinds.ipynb):
#
# <!-- zh c22dafb2 -->
# 有些老信根本没法投递。下面这种对象在 1.8 被拿走了，它做的事由另一种来做，就是[第 9 课](09_kinds.ipynb)的 CustomResourceDefinition：

# %%
offer("""
apiVersion: extensions/v1beta1
kind: ThirdPartyResource
metadata: {name: lantern.tutor.example}
description: A light at the pier
versions: [{name: v1}]
""")

# %% [markdown]
# ### Your turn: moved and rebuilt
#
# An Ingress says which requests from outside go to which Service, by host and path. It lived next door to the Deployment,
# and moved further than any other. (For it to *do* something a cluster needs a program that reads it, an Ingress
# controller. Here it is about the letter, and not about the postman.)
#
# <!-- zh 0135feb4 -->
# ### 轮到你了：搬了家，也改建了
#
# Ingress 说的是：外面来的请求，按主机名和路径，分别交给哪个 Service。它原来住在 Deployment 隔壁，搬得比谁都远。（要让它真的*做*点什么，集群里得有一个读它的程序，叫作 Ingress 控制器。这里说的是信，不是邮差。）

# %%
t.exercise("map-4")

# %%
town = """
apiVersion: extensions/v1beta1
kind: Ingress
metadata: {name: town}
spec:
  rules:
  - host: town.example
    http:
      paths:
      - {path: /shop, backend: {serviceName: shop, servicePort: 80}}
"""
offer(town)

# %%
t.check("map-4")

# %% [markdown]
# ## The territory
#
# *Where have you been?*
#
# This is the land, with the road you came by. Each badge is a lesson and leads to its notebook; each island with a broken
# coast is something that you have not been taught, and leads to its official page.
#
# <!-- zh 34f1f5fa -->
# ## 疆域
#
# *你到过哪里？*
#
# 这就是那片土地，和你走过的路。每个圆牌是一课，点开就是它的笔记本；每座海岸线断断续续的小岛，是没有教过的东西，点开是它的官方页面。

# %%
t.picture("territory")

# %% [markdown]
# Now hold the map against the cluster. For each kind that it serves: which lesson was it in?
#
# <!-- zh a0151d9f -->
# 现在，把这张图和集群对照一下。集群提供的每种对象，是哪一课讲的？

# %% tags=["keep"]
taught = {"Pod": 1, "Event": 1, "Node": 3, "Deployment": 4, "ReplicaSet": 4, "Service": 5, "EndpointSlice": 5, "ConfigMap": 7,
          "Secret": 7, "PersistentVolume": 7, "PersistentVolumeClaim": 7, "StorageClass": 7, "StatefulSet": 7,
          "CustomResourceDefinition": 9}

# %%
for address in ["v1", "apps/v1", "discovery.k8s.io/v1", "storage.k8s.io/v1", "apiextensions.k8s.io/v1", "batch/v1",
                "autoscaling/v2", "policy/v1", "networking.k8s.io/v1", "rbac.authorization.k8s.io/v1"]:
    kinds = kinds_at(address)
    print(address.ljust(29), *(f"✓ {kind} ({taught[kind]})" for kind in kinds if kind in taught))
    print(" " * 29, "·", ", ".join(kind for kind in kinds if kind not in taught) or "-")

# %% [markdown]
# Few have a tick, and yet with them you can do most of what people do with Kubernetes. The rest you can read up on: the
# words are new, the grammar is not. Each has a `spec` and mostly a `status`; somebody watches it, compares, and acts.
#
# ## Beyond
#
# What this course does not teach, plainly, and where the official pages begin:
#
# | you want to | look for | begin at |
# |---|---|---|
# | run something once, or every night | Job, CronJob | [Jobs](https://kubernetes.io/docs/concepts/workloads/controllers/job/) |
# | run one Pod on each node | DaemonSet | [DaemonSet](https://kubernetes.io/docs/concepts/workloads/controllers/daemonset/) |
# | grow and shrink by itself | HorizontalPodAutoscaler | [autoscaling](https://kubernetes.io/docs/concepts/workloads/autoscaling/) |
# | say who may do what, beyond [lesson 10](10_operators.ipynb) | ClusterRole, groups, impersonation | [RBAC](https://kubernetes.io/docs/reference/access-authn-authz/rbac/) |
# | keep Pods from doing harm | Pod Security Standards | [security](https://kubernetes.io/docs/concepts/security/) |
# | say who may talk to whom | NetworkPolicy | [network policies](https://kubernetes.io/docs/concepts/services-networking/network-policies/) |
# | have one gate for many Services | Gateway API (Ingress before it) | [Gateway API](https://kubernetes.io/docs/concepts/services-networking/gateway/) |
# | use GPUs and other devices | ResourceClaim, DeviceClass | [dynamic resource allocation](https://kubernetes.io/docs/concepts/scheduling-eviction/dynamic-resource-allocation/) |
# | install what others have packed | Helm | [Helm](https://helm.sh/docs/) |
# | keep variants of your manifests | Kustomize | [Kustomize](https://kubernetes.io/docs/tasks/manage-kubernetes-objects/kustomization/) |
# | measure | metrics, Prometheus | [monitoring](https://kubernetes.io/docs/tasks/debug/debug-cluster/resource-usage-monitoring/) |
# | know what starts containers | containerd, CRI-O | [runtimes](https://kubernetes.io/docs/setup/production-environment/container-runtimes/) |
# | set up a cluster of your own | kubeadm | [kubeadm](https://kubernetes.io/docs/setup/production-environment/tools/kubeadm/) |
#
# Around all that there is an ecosystem of some two hundred projects in the same foundation: the
# [CNCF's list](https://www.cncf.io/projects/) of them is a better start than any search.
#
# <!-- zh 5a57623d -->
# 打勾的不多，可是靠它们，你已经能做人们用 Kubernetes 做的大部分事情。其余的可以自己读：词是新的，语法不是。每一种都有 `spec`，大多还有 `status`；总有谁在监视它，比较，然后行动。
#
# ## 地图之外
#
# 这门课没有教的，坦白列在这里，还有官方页面从哪里读起：
#
# | 你想 | 要找的是 | 从这里开始 |
# |---|---|---|
# | 只运行一次，或者每晚运行 | Job、CronJob | [Job](https://kubernetes.io/zh-cn/docs/concepts/workloads/controllers/job/) |
# | 每个节点上运行一个 Pod | DaemonSet | [DaemonSet](https://kubernetes.io/zh-cn/docs/concepts/workloads/controllers/daemonset/) |
# | 自动变多变少 | HorizontalPodAutoscaler | [自动扩缩容](https://kubernetes.io/zh-cn/docs/concepts/workloads/autoscaling/) |
# | 规定谁可以做什么，比[第 10 课](10_operators.ipynb)更进一步 | ClusterRole、用户组、身份伪装 | [RBAC](https://kubernetes.io/zh-cn/docs/reference/access-authn-authz/rbac/) |
# | 不让 Pod 造成伤害 | Pod 安全性标准 | [安全](https://kubernetes.io/zh-cn/docs/concepts/security/) |
# | 规定谁可以跟谁说话 | NetworkPolicy | [网络策略](https://kubernetes.io/zh-cn/docs/concepts/services-networking/network-policies/) |
# | 让许多 Service 共用一个大门 | Gateway API（以前是 Ingress） | [Gateway API](https://kubernetes.io/zh-cn/docs/concepts/services-networking/gateway/) |
# | 使用 GPU 和其他设备 | ResourceClaim、DeviceClass | [动态资源分配](https://kubernetes.io/zh-cn/docs/concepts/scheduling-eviction/dynamic-resource-allocation/) |
# | 安装别人打好的包 | Helm | [Helm](https://helm.sh/docs/) |
# | 维护同一份清单的几个变体 | Kustomize | [Kustomize](https://kubernetes.io/zh-cn/docs/tasks/manage-kubernetes-objects/kustomization/) |
# | 测量 | 指标、Prometheus | [监控](https://kubernetes.io/zh-cn/docs/tasks/debug/debug-cluster/resource-usage-monitoring/) |
# | 知道容器是谁启动的 | containerd、CRI-O | [运行时](https://kubernetes.io/zh-cn/docs/setup/production-environment/container-runtimes/) |
# | 自己搭一个集群 | kubeadm | [kubeadm](https://kubernetes.io/zh-cn/docs/setup/production-environment/tools/kubeadm/) |
#
# 在这一切周围，还有一个生态：同一个基金会里大约两百个项目。[CNCF 的项目列表](https://www.cncf.io/projects/)，是比任何搜索都好的起点。

# %% [markdown]
# ## The final challenge
#
# A shop of eight objects is waiting for you, and it is broken in six ways. They differ from one learner to the next, and
# stay the same for you each time you begin. All that you need was in the lessons; where to look first is up to you.
#
# <!-- zh 0196efe8 -->
# ## 最后的挑战
#
# 有一家店在等你，它由八个对象组成，坏了六处。每个学习者遇到的六处各不相同，而你自己每次开始，都是同样的六处。需要的一切，前面各课都讲过；先看哪里，由你决定。

# %%
t.exercise("map-5")

# %%
# Look and mend here: t.graph(), t.explain("…"), t.kubectl("…")

# %%
t.check("map-5")

# %% [markdown]
# Take your time. One symptom may hide another, and the check counts what is mended; `t.hint("map-5")` leads to the first
# fault that is left.
#
# When the shop is open, and you would like another: `t.clinic()` breaks one for you as often as you like, in one to three
# of more than thirty ways, and afterwards says what it was and how to find it faster.
#
# <!-- zh 888ee0d6 -->
# 慢慢来。一个症状可能遮住另一个，检查会数出修好了几处；`t.hint("map-5")` 会带你去看剩下的第一处。
#
# 店开张以后，如果还想再来一家：`t.clinic()` 会为你弄坏一家，想要多少次都行。每次坏一到三处，从三十多种故障里抽出来；事后还会告诉你坏在哪里，下次怎样更快地找到。

# %% [markdown]
# ## What you can do now
#
# - Every kind lives at an **address**, `group/version`; **discovery** (`kubectl api-resources`, `kubectl explain`) is the
#   cluster's own map.
# - A kind goes from alpha over beta to stable. What is stable stays; beta may be taken away, after a warning.
# - An object is stored once, and may be read at several addresses. A closed address walls up a door, not the room.
# - An old manifest needs today's address **and** today's fields, and a look at what is filled in differently now.
# - The words beyond the map are new; the grammar is the one you know: **spec, status, and somebody who observes, analyses
#   and acts**.
#
# **Read on** in the official documentation:
# [the Kubernetes API](https://kubernetes.io/docs/concepts/overview/kubernetes-api/),
# [groups and versions](https://kubernetes.io/docs/reference/using-api/),
# [how APIs are deprecated](https://kubernetes.io/docs/reference/using-api/deprecation-policy/),
# [ten years of Kubernetes](https://kubernetes.io/blog/2024/06/06/10-years-of-kubernetes/), and
# [what comes next](https://kubernetes.io/releases/).
#
# You came to the harbour with a program that needed a home. Thank you for walking all the way. The last cell removes
# everything this lesson has made.
#
# <!-- zh 97e96b4c -->
# ## 你现在会做什么
#
# - 每种对象都住在一个**地址**上，`group/version`（组和版本）；**发现**（`kubectl api-resources`、`kubectl explain`）就是集群自己的地图。
# - 一种对象从 alpha 经过 beta 走到稳定版。稳定的留下来；beta 可能在警告之后被拿走。
# - 一个对象只存一份，却可以在几个地址上读到。地址关闭，砌死的是门，不是屋子。
# - 老清单需要今天的地址，**也**需要今天的字段，还要看一看现在有哪些默认值填得不一样了。
# - 地图之外，词是新的，语法是你认识的那一套：**spec、status，还有一个观察、分析、行动的人**。
#
# **继续阅读**官方文档：[Kubernetes API](https://kubernetes.io/zh-cn/docs/concepts/overview/kubernetes-api/)、[组与版本](https://kubernetes.io/zh-cn/docs/reference/using-api/)、[API 怎样弃用](https://kubernetes.io/zh-cn/docs/reference/using-api/deprecation-policy/)、[Kubernetes 十年](https://kubernetes.io/blog/2024/06/06/10-years-of-kubernetes/)，以及[接下来是什么](https://kubernetes.io/releases/)。
#
# 你来到港口的时候，带着一个需要安家的程序。谢谢你一路走到这里。最后一个单元格会删除这一课创建的所有东西。

# %%
t.leave()
