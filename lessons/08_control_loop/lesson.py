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
# # The control loop
#
# You say that you want three Pods, and there are three. You delete one, and there are three. Who does that, and how?
# In this lesson you look over the shoulder of one of those who do it, and then you write one yourself.
#
# By the end you can
#
# - follow a controller through its three steps, **observe → analyse → act**,
# - say why a controller looks at how things *are*, and does not rely on being told what has *happened*,
# - watch objects, and say what a `resourceVersion` is good for,
# - write a controller in thirty lines of Python, with a cache and a queue,
# - find out who has written a field, and settle a quarrel between two who write the same one.
#
# It takes about 45 minutes. You need Python, and what you learned in [lesson 1](01_pods.ipynb) (Pods). Run the cells
# from top to bottom; running one twice does no harm.
#
# <!-- zh 24e1fce6 -->
# # 控制回路
#
# 你说要三个 Pod，就有三个。你删掉一个，还是三个。是谁做的，怎么做到的？在这一课里，你先站在其中一位的身后看他怎么干活，然后自己写一个。
#
# 学完这一课，你能够
#
# - 跟着一个控制器走完它的三个步骤：**观察 → 分析 → 行动**，
# - 说出控制器为什么要看事情*现在*怎么样，而不是指望有人告诉它*发生过*什么，
# - 监视对象，并说出 `resourceVersion` 有什么用，
# - 用三十行 Python 写出一个控制器，带一个缓存和一个队列，
# - 查出一个字段是谁写的，并平息两个人写同一个字段的争端。
#
# 大约需要 45 分钟。你需要会 Python，还要学过[第 1 课](01_pods.ipynb)（Pod）。从上到下依次运行各个单元格；同一格运行两遍也没关系。

# %%
from k8s_tutor import connect
t = connect()
t.lesson("control-loop")

# %% [markdown]
# ## Somebody is looking
#
# *You ask for three Pods. Who starts them?*
#
# A **ReplicaSet** is an object that says: of Pods like this there are to be so many. (Usually a Deployment makes it for
# you. Here it comes alone, since one controller at a time is easier to follow.)
#
# <!-- zh b170801a -->
# ## 有人在看着
#
# *你要三个 Pod。是谁去启动它们？*
#
# **ReplicaSet** 是一个对象，它说的是：这样的 Pod 要有这么多个。（平时由 Deployment 替你创建。这里让它单独出场，因为一次只跟一个控制器，看得更清楚。）

# %%
t.apply("""
apiVersion: apps/v1
kind: ReplicaSet
metadata: {name: web}
spec:
  replicas: 3
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: app, image: "ghcr.io/stefanprodan/podinfo:6.9.2"}]}
""")

# %%
t.wait("replicaset/web", lambda web: web["status"].get("readyReplicas") == 3)
t.graph("replicaset/web")

# %% [markdown]
# The object itself can do nothing. It is a sheet of paper with a number on it. But somebody reads that sheet: a program
# called the **replicaset-controller**. Every cluster has one, and it looks after all ReplicaSets in it.
#
# > **Guess first.** You delete one of the three Pods. What will the controller have to find out before it can put that
# > right: which Pod it was? Who deleted it, and why? Or something else?
#
# <!-- zh 214224ba -->
# 对象自己什么也做不了。它是一张写着数字的纸。但是有人在读这张纸：一个叫作 **replicaset-controller** 的程序。每个集群都有一个，集群里所有的 ReplicaSet 都归它照看。
#
# > **先猜一猜。** 你删掉三个 Pod 中的一个。控制器要先弄清楚什么，才能补救：是哪个 Pod？谁删的，为什么删？还是别的什么？

# %%
name = t.objects("pods", labels="app=web")[0]["metadata"]["name"]
t.delete(f"pod/{name}")
t.wait("replicaset/web", lambda web: web["status"].get("readyReplicas") == 3)
t.events("replicaset/web")

# %% [markdown]
# Three Pods were created at the beginning, and a fourth just now, in place of the lost one. These are **events**: what
# the controller tells the world about its work. What goes on inside it is more interesting.
#
# A controller works in **runs**. The embedded cluster of this course writes down each run of its controllers, and
# `t.steps` shows them. On any other cluster the controllers are programs of their own and keep no such record; then the
# next cell says so, and the events above are all one can see. (On the page as you opened it, the picture is there.)
#
# <!-- zh 0d88b2b1 -->
# 开头创建了三个 Pod，刚才又创建了第四个，来顶替没了的那个。这些是**事件**（event）：控制器把自己做的事告诉大家。它里面是怎么想的，就更有意思了。
#
# 控制器是一**轮**一轮地工作的（run）。本课程的内嵌集群会记下控制器的每一轮，用 `t.steps` 就能看到。在别的集群上，控制器是独立的程序，不做这样的记录；那样的话，下一个单元格会说明这一点，上面的事件就是你能看到的全部。（刚打开这一页时，图就在那里。）

# %% tags=["keep"]
from k8s_tutor import UsageError

def look_inside(pod):
    """The last run of the replicaset-controller, about `web`, in which it did something to this Pod."""
    try:
        record = t.steps("replicaset/web", "replicaset-controller")
        return record.picture([run.number for run in record.runs if pod in str(run.acts)][-1])
    except UsageError as error:
        print(error)

# %% tags=["embedded-only"]
look_inside(t.objects("pods", labels="app=web")[-1]["metadata"]["name"])

# %% [markdown]
# Read it from left to right. A change woke the controller. Then it went through three steps:
#
# - **Observe**: what is wanted (the sheet of paper), and what is there (the Pods).
# - **Analyse**: three wanted, two there, so one is missing. (A Pod on its way out is still listed, and counts no more.)
# - **Act**: create one; and write into the ReplicaSet's `status` what it found.
#
# It did not ask which Pod it was, or who did it. It counted. To go round once like this is to **reconcile**: to bring
# what is there a step closer to what is wanted. Then it looks again, over and over: that is the **control loop**.
#
# > **Guess first.** Now the other way round: you start a Pod by hand, and it happens to have the label `app: web`.
# > Nothing is missing, nothing is broken. What will the controller do?
#
# <!-- zh 84e8ebef -->
# 从左往右看。一个变化唤醒了控制器，然后它走了三步：
#
# - **观察**：期望的是什么（那张纸），现有的是什么（那些 Pod）。
# - **分析**：期望三个，现有两个，所以缺一个。（正在离开的 Pod 还列得出来，但已经不算数。）
# - **行动**：创建一个；再把自己看到的情况写进 ReplicaSet 的 `status`。
#
# 它没有问是哪个 Pod，也没有问是谁干的。它只是数了数。这样走一圈，就叫**调谐**（reconcile）：让现有的向期望的靠近一步。然后它再看一遍，一遍又一遍：这就是**控制回路**（control loop）。
#
# > **先猜一猜。** 现在反过来：你手动启动一个 Pod，它碰巧带着标签 `app: web`。什么也不缺，什么也没坏。控制器会怎么做？

# %%
t.guess("control-loop-a")

# %%
t.apply("""
apiVersion: v1
kind: Pod
metadata: {name: visitor, labels: {app: web}}
spec:
  containers:
  - {name: app, image: "ghcr.io/stefanprodan/podinfo:6.9.2"}
""")
t.wait("pod/visitor", "deleted")

# %% tags=["embedded-only"]
look_inside("visitor")

# %% [markdown]
# It removed your Pod. Four there, three wanted: one too many. Since the Pod carried the label and had no owner, the
# controller *adopted* it first; then it sent away the one that could be spared most easily, which was the one that had
# hardly begun.
#
# The same three steps, the same comparison, and this time the opposite deed. There is no code for "a Pod was deleted"
# and none for "somebody put one there". There is only the difference.
#
# ### Your turn: a Pod that is let go
#
# A Pod misbehaves, and you would like to look at it in peace, while it runs. But customers should not have to do with
# one Pod less. In this exercise ReplicaSet `shop` keeps two Pods. Take one of them, whichever you like, out of its
# hands: it runs on as it is and keeps its label `tier: front`, but no longer belongs to the ReplicaSet, which goes on
# with two others.
#
# <!-- zh 4cc12c83 -->
# 它把你的 Pod 删掉了。现有四个，期望三个：多了一个。这个 Pod 带着那个标签，又没有属主，所以控制器先*收养*了它；然后送走最容易舍得的一个，也就是才刚刚开始的那个。
#
# 还是那三个步骤，还是那样比较，这一次做的却正好相反。没有哪段代码写的是“有个 Pod 被删了”，也没有哪段写的是“有人多放了一个”。只有差别。
#
# ### 轮到你了：放走一个 Pod
#
# 有个 Pod 不对劲，你想趁它还在运行，安安静静地看一看。可是不能因此就让客户少一个 Pod 用。在这个练习里，ReplicaSet `shop` 保持两个 Pod。随便选一个，让它脱离 ReplicaSet 的管理：它照原样继续运行，标签 `tier: front` 也还在，但不再属于这个 ReplicaSet；ReplicaSet 则继续管着另外两个。

# %%
t.exercise("control-loop-1")

# %%
# Look around: t.kubectl("get pods -l tier=front --show-labels")
# Then do something.

# %%
t.check("control-loop-1")

# %% [markdown]
# ## What happened, or how things are
#
# *A controller is told about every change. Why does it count all over again each time, instead of remembering?*
#
# Picture a room, and a doorman with a clicker: whenever somebody goes in he counts up, whenever somebody goes out he
# counts down. That is one way to know how many people are inside. The other way is to open the door and look.
#
# The guests here are ConfigMaps with the label `room: blue`. To **watch** them is to be told of each change: `ADDED`,
# `MODIFIED` or `DELETED`, with the object as it is then. The doorman lives on that:
#
# <!-- zh 824ab47e -->
# ## 发生过什么，还是现在怎么样
#
# *每一个变化，控制器都会得知。那它为什么每次都从头数一遍，而不是记在心里？*
#
# 想象一个房间，门口有个拿计数器的门卫：有人进去就加一，有人出来就减一。要知道里面有多少人，这是一种办法。另一种办法是打开门看一眼。
#
# 这里的客人是带有标签 `room: blue` 的 ConfigMap。**监视**（watch）它们，就是每有一个变化都会得知：`ADDED`、`MODIFIED` 或 `DELETED`，并附上对象当时的样子。门卫靠的就是这个：

# %% tags=["keep"]
def comes(name):
    guest = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "labels": {"room": "blue"}}}
    t.client.apply(guest, t.namespace)

def goes(name):
    if t.client.find("configmaps", name, t.namespace):
        t.client.delete("configmaps", name, t.namespace)

def look():
    return t.client.list_with_version("configmaps", t.namespace, labels="room=blue")

# %% tags=["keep"]
def count(clicker, door):
    """What the clicker shows once it has been quiet at the door for a second."""
    while event := door.next(1):
        print(event.type, event.object["metadata"]["name"])
        clicker += {"ADDED": 1, "DELETED": -1}.get(event.type, 0)
    return clicker

# %% tags=["words"]
guests, version = look()
with t.client.watch("configmaps", t.namespace, labels="room=blue", since=version) as door:
    comes("ann")
    comes("ben")
    comes("cem")
    goes("ben")
    clicker = count(len(guests), door)
print("The clicker says", clicker, "and in the room there are", len(look()[0]))

# %% [markdown]
# Both agree. Now the doorman goes to lunch: the watch is closed, as happens when a network hiccups or a controller is
# restarted with a new version.
#
# > **Guess first.** During lunch `dee` comes, and `ann` and `cem` leave. Then the doorman is back, and `eve` comes. What
# > will the clicker say, and how many are in the room?
#
# <!-- zh fb77140d -->
# 两边一致。现在门卫去吃午饭：监视关闭了。网络打个嗝，或者控制器换成新版本重新启动，就会这样。
#
# > **先猜一猜。** 午饭时间，`dee` 来了，`ann` 和 `cem` 走了。然后门卫回来，`eve` 来了。计数器会显示多少？房间里有几个？

# %%
t.guess("control-loop-b")

# %% tags=["words"]
comes("dee")
goes("ann")
goes("cem")
guests, version = look()
with t.client.watch("configmaps", t.namespace, labels="room=blue", since=version) as door:
    comes("eve")
    clicker = count(clicker, door)
print("The clicker says", clicker, "and in the room there are", len(look()[0]))

# %% [markdown]
# The clicker is wrong now, and it will stay wrong forever: no later event can tell it what it has missed. A look into
# the room was right each time.
#
# <!-- zh d19035fb -->
# 计数器现在是错的，而且会一直错下去：以后的任何事件，都不会告诉它错过了什么。而往房间里看一眼，每次都是对的。

# %%
t.picture("level")

# %% [markdown]
# Engineers have two words for this, from electronics. An **edge** is the moment at which something changes. A **level**
# is how it is. Whoever goes by edges must never miss one, and must count none twice. Whoever goes by levels may sleep,
# be restarted, or be woken ten times for nothing: at the next look everything is right again. Controllers go by
# levels. An event only wakes them; what they do, they decide by looking.
#
# ## Where were we?
#
# *Could the doorman not ask what has happened in the meantime?*
#
# He could. Every change in the cluster gets a number, and the numbers only grow. An object carries the number of its
# last change, its **resourceVersion**. A list carries one, too: the moment at which it was true. And a watch can begin
# at any number that the server still remembers.
#
# > **Guess first.** In the next cell the watch is opened *after* all is over. What will be told at the door?
#
# <!-- zh 2c71d10e -->
# 工程师用两个从电子学借来的词来说这件事。**边沿**（edge）是某样东西发生变化的那一刻。**电平**（level）是它现在的样子。靠边沿的，一个也不能漏，一个也不能数两遍。靠电平的，可以睡觉，可以重启，也可以被白白叫醒十次：再看一眼，就全对了。控制器靠的是电平。事件只是把它叫醒；要做什么，它看过之后再决定。
#
# ## 刚才到哪里了？
#
# *难道门卫不能问一声，这段时间发生了什么？*
#
# 可以。集群里的每个变化都有一个编号，编号只增不减。对象带着自己最后一次变化的编号，叫作 **resourceVersion**。列表也带着一个：它在哪一刻是真的。监视可以从任何一个编号开始，只要服务器还记得。
#
# > **先猜一猜。** 在下一个单元格里，一切都结束*之后*才开始监视。门口会听到什么？

# %% tags=["words"]
guests, version = look()
comes("fay")
goes("dee")
with t.client.watch("configmaps", t.namespace, labels="room=blue", since=version) as door:
    clicker = count(len(guests), door)
print("The clicker says", clicker, "and in the room there are", len(look()[0]))

# %% [markdown]
# Both changes, in order, though nobody was listening when they happened. So this is how to follow objects without a
# gap: **list** once, and **watch** from the number the list carries.
#
# The server remembers only for a while, usually some minutes. Whoever asks for an older number is told `410 Gone`, and
# has to list again. A doorman with nothing but a clicker would be lost then. One who looks is not.
#
# There is a second use for that number. Two people take the same object home, each changes it, both bring it back:
#
# <!-- zh 3b7c55af -->
# 两个变化都听到了，而且按顺序，虽然它们发生的时候没有人在听。要不漏掉任何变化地跟着对象，就这样做：先**列出**（list）一次，再从列表带着的编号开始**监视**（watch）。
#
# 服务器只记得一段时间，通常是几分钟。谁要问更早的编号，就会得到 `410 Gone`，只好重新列出。只有计数器的门卫，这时就没办法了。会看的人没有问题。
#
# 这个编号还有第二个用处。两个人把同一个对象拿回家，各改各的，又都送回来：

# %%
from k8s_tutor import StatusError

mine, yours = t.get("configmap/eve"), t.get("configmap/eve")
t.client.replace({**mine, "data": {"drink": "tea"}})
try:
    t.client.replace({**yours, "data": {"drink": "coffee"}})
except StatusError as error:
    print(error.code, error)

# %% [markdown]
# The second copy carried a number that was no longer the newest, so it was refused: code 409, *Conflict*. Without that,
# the tea would have vanished without a word. What to do about it is always the same: look again, then decide anew. A
# control loop does that anyway.
#
# ## A cache and a queue
#
# *A controller looks after a thousand objects. Does it really list them all, at every event?*
#
# It looks, but not at the server. It keeps a **cache**: a copy of all objects it cares about, filled by one list and
# kept up to date by the watch. A look into the cache costs nothing.
#
# ### ① Your turn: a cache that follows
#
# `take_in` is given the cache (a dict: Pods by name), an event (`"ADDED"`, `"MODIFIED"` or `"DELETED"`) and the Pod that
# the event is about. It should return the cache as it has to be afterwards. As long as the place is open, the course's
# own answer stands in for it.
#
# <!-- zh 0a154d2e -->
# 第二份带的编号已经不是最新的，所以被拒绝了：代码 409，*Conflict*。要是没有这个，茶就会悄无声息地消失。对付它的办法总是一样：再看一遍，重新决定。控制回路本来就是这样做的。
#
# ## 一个缓存，一个队列
#
# *控制器照看着一千个对象。每来一个事件，它真的都要把它们全列一遍吗？*
#
# 它会看，但不是去看服务器。它有一个**缓存**（cache）：它关心的所有对象的一份副本，由一次列出填满，由监视保持最新。看一眼缓存，几乎不花什么。
#
# ### ① 轮到你了：跟得上的缓存
#
# `take_in` 会拿到缓存（一个 dict：名字对应 Pod）、一个事件（`"ADDED"`、`"MODIFIED"` 或 `"DELETED"`），还有这个事件所说的 Pod。它应该返回缓存在这之后的样子。只要这一处还空着，就由课程自己的答案顶替。

# %% tags=["keep"]
@t.place("control-loop-2")
def take_in(cache, event, pod):
    """① The cache after an event."""
    return ...

# %%
t.check("control-loop-2")

# %% [markdown]
# Between the events and the work there is one more thing, a **queue**. What is put into it are not events but names:
# "have a look at this one".
#
# > **Guess first.** Six events arrive, while the controller is still busy with something else. They are about three
# > Pods. How many looks are left to take?
#
# <!-- zh 6bbff94d -->
# 在事件和干活之间还有一样东西，一个**队列**（queue）。放进去的不是事件，而是名字：“这一个，去看看”。
#
# > **先猜一猜。** 控制器还在忙别的，来了六个事件，说的是三个 Pod。接下来要看几眼？

# %%
queue = {}
for name in ["errand-1", "errand-2", "errand-1", "errand-1", "errand-3", "errand-2"]:
    queue[name] = True
list(queue)

# %% [markdown]
# Three. (A dict keeps each key once, and in order; that is all a queue of this kind needs.) Only someone who goes by
# levels can afford this: it does not matter how often something has changed, only how it is by the time of the look.
#
# Now you have all the parts:
#
# <!-- zh d96f9b55 -->
# 三眼。（dict 里每个键只留一份，而且有顺序；这种队列要的就是这些。）只有靠电平的，才敢这样做：变过多少次并不要紧，要紧的是看的时候它是什么样。
#
# 现在零件齐了：

# %%
t.picture("parts")

# %% [markdown]
# ## Thirty lines of your own
#
# *Who tidies up after Pods that are done?*
#
# Hardly anybody. A Pod that has ended stays on the list until somebody deletes it; Kubernetes begins to clear such Pods
# away by itself only when there are 12,500 of them. So you write a **janitor**. It looks after Pods with the label
# `kind: errand`, small jobs that run and end:
#
# <!-- zh bba97b9e -->
# ## 你自己的三十行
#
# *做完了事的 Pod，谁来收拾？*
#
# 几乎没有人。Pod 结束之后，一直留在列表上，直到有人把它删除；要等到有 12,500 个，Kubernetes 才会自己动手清理。所以你来写一个**清洁工**（janitor）。它照看带有标签 `kind: errand` 的 Pod，也就是跑完就结束的小差事：

# %% tags=["keep"]
def errand(name, command="echo done", **labels):
    program = {"name": "errand", "image": "busybox:1.35", "command": ["sh", "-c", command]}
    t.apply({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "labels": {"kind": "errand", **labels}},
             "spec": {"restartPolicy": "Never", "containers": [program]}})

# %%
errand("errand-1")
errand("errand-2")
errand("receipt", keep="please")
errand("broken", "echo no milk left; exit 1")
for name in ["errand-1", "errand-2", "receipt"]:
    t.wait(f"pod/{name}", "Succeeded")
t.wait("pod/broken", "Failed")
t.kubectl("get pods -l kind=errand")

# %% [markdown]
# ### ② Your turn: what is litter?
#
# This is the step *analyse*, and all that the janitor has to know about its trade. `is_litter` is given a Pod, and says
# with `True` or `False` whether to remove it: its phase is *Succeeded*, nobody has put the label `keep` on it, and nobody
# is deleting it already (then its `metadata` holds a `deletionTimestamp`). What has failed stays: somebody will want to
# read its log.
#
# <!-- zh 75b4d54d -->
# ### ② 轮到你了：什么算垃圾？
#
# 这就是*分析*这一步，清洁工这一行要懂的全在这里。`is_litter` 会拿到一个 Pod，用 `True` 或 `False` 回答要不要清走：它的阶段是 *Succeeded*，没有人给它贴上标签 `keep`，也没有人正在删除它（那样的话，它的 `metadata` 里会有 `deletionTimestamp`）。失败的要留着：会有人想读它的日志。

# %% tags=["keep"]
@t.place("control-loop-3")
def is_litter(pod):
    """② Is this Pod to be removed?"""
    return ...

# %%
t.check("control-loop-3")

# %% [markdown]
# ### ③ Your turn: gone is gone
#
# The step *act*. The cache may lag a little behind the server, so the janitor will now and then delete what is gone
# already, and the server answers 404. Is that a failure?
#
# `remove` is given a name and a function: `delete(name)` asks the API server, once, and returns the code of its answer
# (200, 404, 403, 500 …). Return `True` if the Pod is gone, whoever has removed it, and `False` if the janitor has to try
# again later.
#
# <!-- zh 8a7e5ad2 -->
# ### ③ 轮到你了：没了就是没了
#
# 这是*行动*这一步。缓存可能比服务器慢一点，所以清洁工有时会去删除已经不在的东西，服务器就回答 404。这算失败吗？
#
# `remove` 会拿到一个名字和一个函数：`delete(name)` 会请求 API 服务器一次，并返回回答的代码（200、404、403、500 ……）。Pod 没了，不管是谁删的，就返回 `True`；清洁工以后还得再试，就返回 `False`。

# %% tags=["keep"]
@t.place("control-loop-4")
def remove(name, delete):
    """③ Remove a Pod; is it gone?"""
    return ...

# %%
t.check("control-loop-4")

# %% [markdown]
# What can be done twice with the same result as once is called **idempotent**. A controller's deeds should be like that:
# it may be stopped right after a deed and before it has noted anything down.
#
# Put together, this is one run. (`steps` only writes down what the janitor sees, thinks and does, so that you can look
# at it afterwards.)
#
# <!-- zh 7ff81193 -->
# 做两遍和做一遍结果一样，就叫**幂等**（idempotent）。控制器做的事都应该这样：它可能刚做完就被停下，什么也没来得及记。
#
# 合在一起，就是一轮。（`steps` 只是把清洁工看到的、想到的、做了的记下来，以便你事后查看。）

# %% tags=["keep"]
steps = t.steps("pod/janitor")

def delete(name):
    try:
        t.client.delete("pods", name, t.namespace)
        return 200
    except StatusError as error:
        return error.code

# %% tags=["keep", "words"]
def run(name, cache):
    with steps.run(f"Pod {name}"):
        pod = cache.get(name)
        seen = {"phase": pod["status"]["phase"], "labels": pod["metadata"]["labels"]} if pod else {"pod": "gone"}
        steps.observe("the cache", **seen)
        if pod is None or not is_litter(pod):
            steps.analyse("nothing to do")
            return True
        steps.analyse("litter")
        with steps.act(f"delete Pod {name}"):
            return remove(name, delete)

# %% [markdown]
# > **Guess first.** Four Pods are there: `broken`, `errand-1`, `errand-2` and `receipt`. One run for each. How many
# > deeds?
#
# <!-- zh 33d8f984 -->
# > **先猜一猜。** 现在有四个 Pod：`broken`、`errand-1`、`errand-2` 和 `receipt`。每个跑一轮。会做几件事？

# %%
t.guess("control-loop-c")

# %% tags=["keep"]
def list_errands():
    pods, version = t.client.list_with_version("pods", t.namespace, labels="kind=errand")
    return {pod["metadata"]["name"]: pod for pod in pods}, version

# %%
cache, version = list_errands()
for name in cache:
    run(name, cache)
steps.stepper()

# %% [markdown]
# Two. Go through the runs with the buttons, or with the arrow keys. What failed stays, and what somebody wants to keep.
#
# So far somebody has to call `run`. The loop that does it is the last piece: list, watch, and look at whatever has
# changed. A run that did not succeed puts its name back. (A real controller never ends. This one goes home when all has
# been quiet for three seconds, so that you get your notebook back.)
#
# <!-- zh 73c0a138 -->
# 两件。用按钮或方向键把每一轮走一遍。失败的留着，有人要留的也留着。
#
# 到现在为止，还得有人去调用 `run`。由一个循环来做这件事，这是最后一块：列出，监视，什么变了就看什么。哪一轮没有成功，就把名字放回去。（真正的控制器永远不会结束。这一个在三秒钟没有动静之后就下班，好让你能继续用笔记本。）

# %% tags=["keep"]
def work(queue, cache):
    for name in list(queue):
        if run(name, cache):
            del queue[name]

# %% tags=["keep"]
def janitor(quiet=3):
    cache, version = list_errands()
    queue = dict.fromkeys(cache, True)
    work(queue, cache)
    with t.client.watch("pods", t.namespace, labels="kind=errand", since=version) as watch:
        while event := watch.next(quiet):
            if event.type in ("ADDED", "MODIFIED", "DELETED"):
                cache = take_in(cache, event.type, event.object)
                queue[event.object["metadata"]["name"]] = True
            work(queue, cache)

# %% [markdown]
# > **Guess first.** `errand-3` takes two seconds. The janitor starts at once, while the Pod is not even running. Will it
# > remove the Pod too early, in time, or never?
#
# <!-- zh 01e22e7c -->
# > **先猜一猜。** `errand-3` 要用两秒。清洁工马上开工，这时 Pod 还没有运行。它会太早把 Pod 清走，还是正好，还是永远不清？

# %%
with t.timeline("pod/errand-3"):
    errand("errand-3", "sleep 2")
    janitor()

# %% [markdown]
# In time. At each change of the Pod the janitor had a look, found nothing to do, and waited for the next; until the
# Pod was done. And if nobody is awake when a Pod ends?
#
# <!-- zh 8ebc3018 -->
# 正好。Pod 每变一次，清洁工就看一眼，发现没事可做，再等下一次；直到 Pod 做完。要是 Pod 结束的时候没有人醒着呢？

# %%
errand("errand-4")
t.wait("pod/errand-4", "Succeeded")
janitor(quiet=1)
t.kubectl("get pods -l kind=errand")

# %% [markdown]
# The janitor was not there when it happened. It looked at how things are, and that was enough. This is all there is to
# a controller, and those that Kubernetes brings along are built in the same way: list and watch, cache, queue, run.
#
# ## Two who want different things
#
# *Two controllers, each without a fault. Can anything go wrong?*
#
# Two painters look after one fence. Each of them is a control loop: look at the fence, and if it has the wrong colour,
# paint it.
#
# <!-- zh 9ad0d309 -->
# 事情发生的时候，清洁工不在。它看了看现在怎么样，这就够了。控制器就是这么回事，Kubernetes 自带的那些也是这样造的：列出和监视，缓存，队列，一轮一轮地跑。
#
# ## 两个人，两种想法
#
# *两个控制器，各自都没有毛病。还会出什么问题吗？*
#
# 两个油漆匠照看同一道篱笆。每一个都是一个控制回路：看看篱笆，颜色不对，就刷一遍。

# %% tags=["keep"]
quarrel = t.steps("configmap/fence")

def paint(colour, force=True, part="colour"):
    fence = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "fence"}, "data": {part: colour}}
    t.client.apply(fence, t.namespace, field_manager=f"{colour}-painter", force=force)

# %% tags=["keep", "words"]
def painter(wanted):
    with quarrel.run(f"the {wanted} painter comes by"):
        is_now = t.get("configmap/fence")["data"]["colour"]
        quarrel.observe("the fence", wanted=wanted, is_now=is_now)
        quarrel.analyse("the wrong colour" if is_now != wanted else "all is as wanted")
        if is_now != wanted:
            with quarrel.act(f"paint it {wanted}"):
                paint(wanted)

# %% [markdown]
# > **Guess first.** The fence is white. The green painter and the blue one come by in turn. After how many rounds will
# > there be nothing left to do?
#
# <!-- zh 5b903902 -->
# > **先猜一猜。** 篱笆是白的。绿漆匠和蓝漆匠轮流经过。几个回合之后，就没有活可干了？

# %%
t.apply("{apiVersion: v1, kind: ConfigMap, metadata: {name: fence}, data: {colour: white}}")
for day in range(3):
    painter("green")
    painter("blue")
quarrel.stepper()

# %% [markdown]
# Never. Each single run is right: it observes, it finds a difference, it does what closes it. Together they repaint the
# fence until somebody unplugs one of them, and the change of one is what wakes the other. In a cluster you notice it by
# a field that will not stay, and by a `resourceVersion` that races.
#
# ### Who has written this?
#
# The API server keeps a record of who set which field, on the object itself: its **managedFields**. Each writer goes by
# a name, the **field manager**.
#
# <!-- zh 684a7f4a -->
# 永远不会。每一轮单独看都是对的：观察，发现差别，动手消除差别。合在一起，他们就一遍一遍地重刷，直到有人把其中一个停掉；而且一个人的改动，正好唤醒另一个人。在集群里，你会看到有个字段怎么也留不住，还有 `resourceVersion` 飞快地往上涨。
#
# ### 这是谁写的？
#
# 哪个字段是谁设的，API 服务器都有记录，就记在对象上：它的 **managedFields**。每个写的人都有一个名字，叫作**字段管理器**（field manager）。

# %% tags=["keep"]
def show_owners(ref):
    for entry in t.get(ref)["metadata"]["managedFields"]:
        print(entry["manager"], "owns", entry["fieldsV1"])

# %%
show_owners("configmap/fence")

# %% [markdown]
# Read `f:` as "field": `blue-painter` owns `data.colour`. So you know whom to talk to. The green painter owned it before;
# the blue one took it from him, since `paint` says `force=True`.
#
# Whoever applies a manifest *without* force is asked to be polite:
#
# <!-- zh 6566efaf -->
# `f:` 读作“字段”：`data.colour` 归 `blue-painter` 所有。这样你就知道该去找谁谈。之前归绿漆匠；蓝漆匠从他手里拿走了，因为 `paint` 里写着 `force=True`。
#
# *不*用强制来应用清单的人，就得客气一点：

# %%
try:
    paint("green", force=False)
except StatusError as error:
    print(error.code, error)

# %% [markdown]
# Code 409 again, and this time with the name of the other. This is how **server-side apply** ends a quarrel: not by
# deciding who is right, but by saying that there is one. The way out is nearly always to divide the work. One field has
# one owner:
#
# <!-- zh 90212ec3 -->
# 又是代码 409，这一次还说出了对方的名字。**服务器端应用**（server-side apply）就是这样结束争端的：不去裁决谁对，而是说出有争端。出路几乎总是分工。一个字段，一个属主：

# %%
paint("green", force=False, part="gate")
show_owners("configmap/fence")

# %% [markdown]
# Both write into the same object, nobody by force, and neither undoes what the other does.
#
# ### The quarrel you are most likely to meet
#
# Your manifest says `replicas: 2`. At noon somebody, or an autoscaler, sets it to 4. At one o'clock the same manifest is
# applied again, as robots do who keep clusters in step with a repository.
#
# > **Guess first.** How many replicas will there be after that? And if the line `replicas: 2` is left out of the
# > manifest?
#
# <!-- zh 51433507 -->
# 两个人写同一个对象，谁也没有强制，谁也不会抹掉对方做的事。
#
# ### 你最可能碰上的争端
#
# 你的清单里写着 `replicas: 2`。中午有人，或者是自动扩缩容，把它改成了 4。一点钟，同一份清单又被应用一遍；让集群和代码仓库保持一致的机器人，就是这样做的。
#
# > **先猜一猜。** 之后会有几个副本？如果清单里没有 `replicas: 2` 这一行呢？

# %%
t.guess("control-loop-d")

# %%
cafe = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: cafe}
spec:
  replicas: 2
  selector: {matchLabels: {app: cafe}}
  template:
    metadata: {labels: {app: cafe}}
    spec: {containers: [{name: app, image: "ghcr.io/stefanprodan/podinfo:6.9.2"}]}
"""

# %%
for manifest in [cafe, cafe.replace("  replicas: 2\n", "")]:
    t.apply(cafe)
    t.kubectl("scale deployment/cafe --replicas=4")
    t.apply(manifest)
    print("replicas:", t.get("deployment/cafe")["spec"]["replicas"])

# %% [markdown]
# With the line, 2: the manifest took the field back, by force, as `t.apply` does. Without it, 4: what a manifest does not
# mention, it leaves to others. So a field that somebody else looks after does not belong in your manifest.
#
# ### Your turn: handed over
#
# Deployment `bakery` was made by `k8s-tutor` (that is the name under which `t.apply` writes), `replicas` included. From
# now on an autoscaler decides how many there are: `spec.replicas` is to be 4, owned by the field manager `autoscaler` and by
# nobody else. All the rest stays as it is.
#
# <!-- zh 06646db8 -->
# 有这一行，是 2：清单把这个字段强行拿了回去，`t.apply` 就是这样做的。没有这一行，是 4：清单里没提的，就留给别人管。所以由别人照看的字段，不应该写进你的清单。
#
# ### 轮到你了：交接
#
# Deployment `bakery` 是由 `k8s-tutor` 创建的（`t.apply` 就用这个名字写），连同 `replicas` 一起。从现在起，由自动扩缩容来决定有几个：`spec.replicas` 要是 4，归字段管理器 `autoscaler` 所有，而且只归它一个。其余的都保持原样。

# %%
t.exercise("control-loop-5")

# %%
# t.client.apply(manifest, t.namespace, field_manager="…")

# %%
t.check("control-loop-5")

# %% [markdown]
# ## What you can do now
#
# - Every controller goes round a **control loop**: **observe → analyse → act**, and look again. It knows no causes, only
#   differences.
# - It goes by the **level**, how things are; an event, the **edge**, only wakes it. So it may miss events, or be
#   restarted.
# - **List** once, **watch** from that `resourceVersion`. Events keep a **cache** up to date and put names into a
#   **queue**.
# - Deeds are **idempotent**: what is gone already is gone.
# - **managedFields** say who owns a field, **server-side apply** says when two want the same one. One field, one owner.
#
# In [lesson 10](10_operators.ipynb) you write a controller that looks after a database.
#
# **Read on** in the official documentation:
# [controllers](https://kubernetes.io/docs/concepts/architecture/controller/),
# [how changes are watched](https://kubernetes.io/docs/reference/using-api/api-concepts/),
# [server-side apply](https://kubernetes.io/docs/reference/using-api/server-side-apply/),
# [ReplicaSets](https://kubernetes.io/docs/concepts/workloads/controllers/replicaset/), and
# [what becomes of ended Pods](https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/).
#
# The last cell removes everything this lesson has made.
#
# <!-- zh bf0a25bb -->
# ## 你现在会做什么
#
# - 每个控制器都走一个**控制回路**：**观察 → 分析 → 行动**，再看一遍。它不知道原因，只知道差别。
# - 它靠的是**电平**，也就是现在怎么样；事件是**边沿**，只是把它叫醒。所以它可以漏掉事件，也可以重启。
# - 先**列出**一次，再从那个 `resourceVersion` 开始**监视**。事件让**缓存**保持最新，并把名字放进**队列**。
# - 行动是**幂等**的：已经没了的，就是没了。
# - **managedFields** 说明字段归谁所有，**服务器端应用**说明什么时候有两个人要同一个字段。一个字段，一个属主。
#
# 在[第 10 课](10_operators.ipynb)，你会写一个照看数据库的控制器。
#
# **继续阅读**官方文档：[控制器](https://kubernetes.io/zh-cn/docs/concepts/architecture/controller/)、[怎样监视变化](https://kubernetes.io/zh-cn/docs/reference/using-api/api-concepts/)、[服务器端应用](https://kubernetes.io/zh-cn/docs/reference/using-api/server-side-apply/)、[ReplicaSet](https://kubernetes.io/zh-cn/docs/concepts/workloads/controllers/replicaset/)，以及[结束的 Pod 会怎样](https://kubernetes.io/zh-cn/docs/concepts/workloads/pods/pod-lifecycle/)。
#
# 最后一个单元格会删除这一课创建的所有东西。

# %%
t.leave()
