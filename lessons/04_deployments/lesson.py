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
# # Keeping the promise
#
# A Pod that is deleted stays gone. In this lesson you stop starting Pods yourself. You say how many there should be and
# of which version, and watch the cluster keep that promise: when Pods vanish, when you want more of them, when a new
# version comes, and when the new version is broken.
#
# By the end you can
#
# - have a number of Pods kept, and say how the cluster counts them,
# - say what a ReplicaSet does, and what a Deployment adds to it,
# - bring a new version while the old one goes on serving, and choose how careful that is to be,
# - find out why a rollout has stopped halfway,
# - go back to the version that worked,
# - choose the kind for work that is not "so many, always".
#
# It takes about 40 minutes. You should know what a Pod is, and what it means for one to be *ready*
# ([lesson 1](01_pods.ipynb)). Run the cells from top to bottom. The rollouts build on each other; to see one again, go
# back to the cell that applies `web`.
#
# <!-- zh 3657283a -->
# # 说到做到
#
# Pod 被删除，就不会再回来。在这一课里，你不再自己动手启动 Pod。你只说要多少个、要哪个版本，然后看集群怎样说到做到：Pod 消失的时候，你想要更多的时候，新版本到来的时候，还有新版本出了毛病的时候。
#
# 学完这一课，你能够
#
# - 让集群保持一定数量的 Pod，并说出它是怎么数的，
# - 说出 ReplicaSet 做什么，Deployment 在此之上又添了什么，
# - 在旧版本照常服务的同时换上新版本，并决定要换得多小心，
# - 找出一次上线为什么停在半路，
# - 回到能用的那个版本，
# - 为不是“一直保持这么多个”的工作选对 kind。
#
# 大约需要 40 分钟。你应该知道 Pod 是什么，以及一个 Pod *就绪*是什么意思（[第 1 课](01_pods.ipynb)）。从上到下依次运行各个单元格。几次上线是一环扣一环的；想再看一遍，就回到应用 `web` 的那个单元格。

# %%
from k8s_tutor import connect
t = connect()
t.lesson("deployments")

# %% [markdown]
# ## Somebody who counts
#
# *You want three web servers, today and tomorrow. One of them will vanish some night. Who notices?*
#
# Not you, if you hand the job to a **ReplicaSet**. You tell it a number, and what one Pod looks like:
#
# <!-- zh 36b1f806 -->
# ## 有人在数
#
# *你要三个 Web 服务器，今天要，明天也要。哪天夜里其中一个不见了，谁会发觉？*
#
# 不用你操心，把这件事交给 **ReplicaSet** 就行。你告诉它一个数字，再告诉它一个 Pod 是什么样子：

# %%
t.apply("""
apiVersion: apps/v1
kind: ReplicaSet
metadata: {name: trio}
spec:
  replicas: 3
  selector: {matchLabels: {app: trio}}
  template:
    metadata: {labels: {app: trio}}
    spec: {containers: [{name: app, image: "ghcr.io/stefanprodan/podinfo:6.9.1"}]}
""")

# %%
t.wait("rs/trio", "3 ready pods")
t.graph("rs/trio")

# %% [markdown]
# One manifest, three Pods. Below `template` stands what you know from Pods, without a name: the ReplicaSet makes the
# names up. Above it stand the two things that matter here, a number (`replicas`) and a **selector**: which Pods are
# counted, said by their **labels**. A label is a word that you stick on an object, here `app: trio`; the template
# sticks it on each Pod it makes.
#
# > **Guess first.** You delete one of the three. How many will there be a few seconds later, and what will they be called?
#
# <!-- zh 7276c5d3 -->
# 一份清单，三个 Pod。`template`（模板）下面的内容，你在 Pod 里已经见过，只是少了名字：名字由 ReplicaSet 来起。它上面的两样才是关键：一个数字（`replicas`），和一个**选择算符**（selector）：凭**标签**（label）说明要数哪些 Pod。标签就是贴在对象上的一个词，这里是 `app: trio`；模板会给它造出来的每个 Pod 都贴上。
#
# > **先猜一猜。** 你删除三个中的一个。几秒钟之后会有几个，它们叫什么名字？

# %%
name = t.objects("pods", "app=trio")[0]["metadata"]["name"]
t.delete(f"pod/{name}")
t.wait("rs/trio", "3 ready pods")
t.graph("rs/trio")

# %% [markdown]
# Three again, and one of them is new: another name, another address, an empty log. Nothing was brought back. What did
# happen stands in the ReplicaSet's events:
#
# <!-- zh 31198384 -->
# 又是三个，其中一个是新的：名字换了，地址换了，日志也是空的。没有什么被带回来。到底发生了什么，写在 ReplicaSet 的事件里：

# %%
t.events("rs/trio")

# %% [markdown]
# *Created pod*, four times. The first three and the fourth read alike, because for whoever works here they are the
# same thing: the program behind this, a **controller**, does nothing but count. Two, and three are wanted: make one.
# It does not know that you deleted something, nor does it care. Had the node burnt down, it would have done the same.
# That is called **self-healing**, and it is no more than counting, again and again.
#
# Of course one has to know *what* to count.
#
# > **Guess first.** You change the label on one of the Pods, from `trio` to `alone`.
#
# <!-- zh 12d8a4d6 -->
# *Created pod*，出现了四次。前三次和第四次写得一样，因为在干活的那一方看来，本来就是一回事：它背后的程序叫**控制器**（controller），它只会数数。有两个，要三个：那就造一个。它不知道你删除过什么，也不在乎。就算是节点烧掉了，它做的也是同一件事。这叫作**自我修复**（self-healing），说到底不过是一遍又一遍地数数。
#
# 当然，总得知道*数什么*。
#
# > **先猜一猜。** 你把其中一个 Pod 的标签从 `trio` 改成 `alone`。

# %%
t.guess("deployments-a")

# %%
name = t.objects("pods", "app=trio")[0]["metadata"]["name"]
t.kubectl(f"label pod {name} app=alone --overwrite")
t.wait("rs/trio", "3 ready pods")
t.graph()

# %% [markdown]
# Four. The one you relabelled runs on, but nobody counts it any more; so one was missing, and one was made. The other
# way round it would be the same: stick the label on a fourth Pod, and it is one too many.
#
# This is handy. A Pod behaves oddly, and you would like to look at it in peace: change its label. It leaves the group,
# another takes its place, and you have all the time in the world.
#
# ### Your turn: one for the doctor
#
# The next cell starts a ReplicaSet and says what to do; run it again whenever you want to start over.
#
# <!-- zh 527bae6e -->
# 四个。改了标签的那个照样运行，只是不再有人数它；于是少了一个，就造了一个。反过来也一样：给第四个 Pod 贴上这个标签，就多出来一个。
#
# 这一点很好用。某个 Pod 行为古怪，你想安安静静地看一看：改掉它的标签就行。它离开队伍，另一个顶上，你有的是时间。
#
# ### 轮到你了：留一个给医生
#
# 下一个单元格会启动一个 ReplicaSet，并说明要做什么；想重新开始时，再运行一次即可。

# %%
t.exercise("deployments-1")

# %%
# Work here.

# %%
t.check("deployments-1")

# %% [markdown]
# If it says *not yet*, it also says why; `t.hint("deployments-1")` helps a little, and a little more each time you ask.
#
# ## A number is not a version
#
# *The Pods of* `trio` *run podinfo 6.9.1. Version 6.9.2 has come out.*
#
# > **Guess first.** You write the new image into the ReplicaSet.
#
# <!-- zh a88de8ae -->
# 如果它说 *not yet*（还没完成），也会说明原因；`t.hint("deployments-1")` 会给一点提示，每问一次，就多给一点。
#
# ## 数量对，不等于版本对
#
# `trio` *的 Pod 运行的是 podinfo 6.9.1。现在 6.9.2 发布了。*
#
# > **先猜一猜。** 你把新的镜像写进 ReplicaSet。

# %%
t.guess("deployments-b")

# %%
t.kubectl("set image rs/trio app=ghcr.io/stefanprodan/podinfo:6.9.2")

# %%
t.kubectl("get pods -l app=trio -o custom-columns=POD:.metadata.name,IMAGE:.spec.containers[0].image")

# %% [markdown]
# Nothing. There are three, so there is nothing to do. The template is for Pods that are still to be made; those that
# are there stay as they are. You could delete one after the other now, and each time a new one would come; but then
# somebody has to sit there again, and wait until each is ready before the next one goes.
#
# That somebody is called a **Deployment**. You write one much like a ReplicaSet. (The manifest goes into a variable,
# because you will change it several times.)
#
# <!-- zh b62dd2dc -->
# 不怎么样。有三个，所以没有事要做。模板是给以后要造的 Pod 用的；已经在的，原样不动。你现在可以把它们一个一个删掉，每次都会来一个新的；可是这样一来，又得有人守着，等一个就绪了，才能让下一个走。
#
# 守着的这一位，叫作 **Deployment**。它的写法和 ReplicaSet 差不多。（清单先放进一个变量，因为待会儿你要改它好几次。）

# %%
t.delete("rs/trio")
t.delete(f"pod/{name}")

# %%
web = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 4
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: app, image: "ghcr.io/stefanprodan/podinfo:6.9.1",
      readinessProbe: {periodSeconds: 1, httpGet: {path: /readyz, port: 9898}}}]}
"""

# %%
t.apply(web)
t.wait("deploy/web", "rolled out")
t.graph("deploy/web")

# %% [markdown]
# You wrote one object and got six. The Deployment has made a ReplicaSet, and that has made the Pods. Each does one
# thing only:
#
# | who | looks after | if something is missing |
# |---|---|---|
# | **Deployment** | which version there should be | makes a ReplicaSet for each version, and moves the Pods over |
# | **ReplicaSet** | how many Pods there should be of its version | makes a Pod, or deletes one |
# | kubelet, on each node | the containers of its Pods | starts them again |
#
# Want more Pods? That is no new version, so the Deployment just tells its ReplicaSet another number:
#
# <!-- zh 878ba485 -->
# 你写了一个对象，得到六个。Deployment 造了一个 ReplicaSet，ReplicaSet 又造了这些 Pod。它们各管一件事：
#
# | 谁 | 管什么 | 少了的话 |
# |---|---|---|
# | **Deployment** | 应该是哪个版本 | 给每个版本造一个 ReplicaSet，再把 Pod 换过去 |
# | **ReplicaSet** | 自己这个版本应该有几个 Pod | 造一个 Pod，或者删一个 |
# | 每个节点上的 kubelet | 自己那些 Pod 里的容器 | 再把它们启动起来 |
#
# 想要更多的 Pod？这不是新版本，所以 Deployment 只要告诉它的 ReplicaSet 另一个数字：

# %%
t.kubectl("scale deploy/web --replicas=5")
t.wait("deploy/web", "5 ready pods")
t.graph("deploy/web")

# %%
t.kubectl("scale deploy/web --replicas=4")
t.wait("deploy/web", "4 ready pods")

# %% [markdown]
# ### Your turn: a promise of your own
#
# Make a Deployment called `kitchen` that keeps three Pods of the image `nginx:1.22`. Everything else is up to you.
#
# <!-- zh 70b64bea -->
# ### 轮到你了：自己的承诺
#
# 创建一个叫 `kitchen` 的 Deployment，让它保持三个镜像为 `nginx:1.22` 的 Pod。其余的随你。

# %%
# Write your manifest here: t.apply(""" … """)

# %%
t.check("deployments-2")

# %% [markdown]
# ## A new version, in slow motion
#
# *Four Pods serve. All four are to be replaced, and nobody is to notice. In which order?*
#
# Bringing a new version to the Pods is called a **rollout**. On a good day it is over in seconds, too fast to see. So
# slow it down: podinfo has a switch, `--unready`, with which it starts and says "not ready" until somebody allows it.
# The new version gets that switch, and *you* will say when a new Pod may be ready.
#
# First open a live picture and keep it in sight (in JupyterLab: right-click it, *Create New View for Output*).
#
# <!-- zh 0a2ef8cb -->
# ## 新版本，慢动作
#
# *四个 Pod 在服务。四个都要换掉，还不能让人察觉。按什么顺序换？*
#
# 把新版本换到各个 Pod 上去，叫作一次**上线**（rollout）。顺利的时候几秒钟就完成，快得看不清。那就放慢一点：podinfo 有一个开关 `--unready`，带着它启动，它会一直说“未就绪”，直到有人放行。新版本带上这个开关，由*你*来说一个新 Pod 什么时候可以就绪。
#
# 先打开一张实时图，让它留在看得见的地方（在 JupyterLab 里：右键点击它，选 *Create New View for Output*）。

# %%
t.watch("deploy/web", lens="rollout")

# %% [markdown]
# > **Guess first.** You apply the new version, and allow nothing yet. All four new Pods at once? One? Some number in
# > between? And will any of the old ones have to go before a single new one is ready?
#
# <!-- zh 36985157 -->
# > **先猜一猜。** 你应用新版本，先一个也不放行。四个新 Pod 一起来？只来一个？还是介于两者之间？在有任何一个新 Pod 就绪之前，旧的里面会有谁得走吗？

# %%
t.guess("deployments-c")

# %%
slow = web.replace('6.9.1"', '6.9.2", command: [./podinfo, --unready]')
t.apply(slow)
t.wait("deploy/web", "3 of 5 pods ready")
t.graph("deploy/web", lens="rollout")

# %% [markdown]
# Two new ones came, one old one went, and there it stands still. Below, you see why there are two ReplicaSets now: one
# for each version, `old` and `new`, and a rollout is nothing but the one growing while the other shrinks.
#
# Look at the band above them. It is the room this rollout has:
#
# - its right edge: there may be **five** Pods at most, the four that are wanted and one more (`maxSurge`);
# - its left edge: at least **three** have to be available, the four that are wanted less one (`maxUnavailable`).
#
# The upper bar has reached the right edge: no further Pod may come. The lower bar stands at the left edge: no old Pod
# may go. So everything waits for one thing, that a new Pod becomes ready.
#
# > **Guess first.** You allow one of the two. What are the next two steps?
#
# <!-- zh 99d5f00d -->
# 来了两个新的，走了一个旧的，然后就停住了。从图的下半部分可以看出，为什么现在有两个 ReplicaSet：每个版本一个，一旧一新（`old` 和 `new`）；所谓上线，无非是一个变大，另一个变小。
#
# 看上面的那条带子。这就是这次上线的活动空间：
#
# - 右边缘：最多可以有**五个** Pod，想要的四个，再多一个（`maxSurge`）；
# - 左边缘：至少要有**三个**可用，想要的四个，再减一个（`maxUnavailable`）。
#
# 上面那根条已经碰到右边缘：不能再来新的 Pod。下面那根条停在左边缘：旧的 Pod 一个也不能走。所以一切都在等一件事：有一个新 Pod 就绪。
#
# > **先猜一猜。** 你放行两个中的一个。接下来的两步是什么？

# %%
new = [pod["metadata"]["name"] for pod in t.objects("pods", "app=web") if "command" in pod["spec"]["containers"][0]]
t.exec(f"pod/{new[0]}", "wget -qO- --post-data= localhost:9898/readyz/enable")
t.wait(f"pod/{new[0]}", "Ready")
t.wait("deploy/web", "3 of 5 pods ready")
t.graph("deploy/web", lens="rollout")

# %% [markdown]
# An old one went, because four were available and three are enough. That made room, so another new one came. And
# again both bars stand at their edges. Allow the two that wait now:
#
# <!-- zh c9969b67 -->
# 走了一个旧的，因为可用的有四个，三个就够。这样腾出了位置，于是又来了一个新的。两根条又都停在各自的边缘。再放行正在等的这两个：

# %%
new = [pod["metadata"]["name"] for pod in t.objects("pods", "app=web") if "command" in pod["spec"]["containers"][0]]
for name in new[1:]:
    t.exec(f"pod/{name}", "wget -qO- --post-data= localhost:9898/readyz/enable")
    t.wait(f"pod/{name}", "Ready")
t.wait("deploy/web", "3 of 4 pods ready")
t.graph("deploy/web", lens="rollout")

# %% [markdown]
# The last old ones are gone, at once: three new ones are available, and three are enough. One new Pod is still waiting.
#
# <!-- zh 6d96fd63 -->
# 最后几个旧的一下子都走了：已经有三个新的可用，三个就够。还有一个新 Pod 在等。

# %%
new = [pod["metadata"]["name"] for pod in t.objects("pods", "app=web") if "command" in pod["spec"]["containers"][0]]
t.exec(f"pod/{new[3]}", "wget -qO- --post-data= localhost:9898/readyz/enable")
t.wait("deploy/web", "rolled out")
t.graph("deploy/web", lens="rollout")

# %% [markdown]
# Complete. At no moment were there fewer than three Pods to answer. This kind of change, a few at a time, is called a
# **rolling update**. And the old ReplicaSet? It is not gone. It is kept with no Pods in it, as the line at the bottom
# says, to go back to.
#
# Now at full speed, without the switch. Keep an eye on the live picture:
#
# <!-- zh bd310550 -->
# 完成了。任何时候，能回答的 Pod 都没有少于三个。这样每次只换几个的做法，叫作**滚动更新**（rolling update）。旧的 ReplicaSet 呢？它并没有消失。它留在那里，里面一个 Pod 也没有，正如最下面那一行所说，为的是以后能回去。
#
# 现在全速来一次，不带那个开关。注意看实时图：

# %%
fast = web.replace("6.9.1", "6.9.2")
t.apply(fast)
t.wait("deploy/web", "rolled out")

# %% [markdown]
# ## How careful may it be?
#
# *Three of four were enough here. What if four are needed, always? Or if there is no room for a fifth?*
#
# You say so, below `spec`, in `strategy`. Both limits may be numbers or percentages; if you leave them out, each is 25 %.
#
# | you need | `maxSurge` | `maxUnavailable` | what it costs |
# |---|---|---|---|
# | never fewer than wanted | 1 | 0 | room for one Pod more, and time |
# | never more than wanted | 0 | 1 | one Pod less while it lasts |
# | as fast as it goes | 100 % | 0 | room for twice as many |
#
# (One of the two has to be more than 0. Why? With no Pod more and none less, there would be no first step.)
#
# There is another strategy, `type: Recreate`: first all old Pods go, then the new ones come. In between nobody
# answers. It is for programs of which two versions must never run at the same time.
#
# ### Your turn: never fewer than four
#
# <!-- zh 5a38df47 -->
# ## 要多小心？
#
# *这里四个有三个就够。如果四个一个都不能少呢？如果没有地方放第五个呢？*
#
# 写出来就行，在 `spec` 下面的 `strategy` 里。两个上限都可以写数字，也可以写百分比；不写的话，都是 25 %。
#
# | 你的要求 | `maxSurge` | `maxUnavailable` | 代价 |
# |---|---|---|---|
# | 从不少于想要的数量 | 1 | 0 | 要有地方多放一个 Pod，还要多花时间 |
# | 从不多于想要的数量 | 0 | 1 | 更新期间少一个 Pod |
# | 越快越好 | 100 % | 0 | 要有地方放两倍的 Pod |
#
# （两个之中必须有一个大于 0。为什么？一个 Pod 也不能多，一个也不能少，第一步就迈不出去。）
#
# 还有另一种策略，`type: Recreate`：先让所有旧的 Pod 走掉，再让新的来。中间这段时间没有人回答。它适合两个版本绝不能同时运行的程序。
#
# ### 轮到你了：从不少于四个

# %%
t.exercise("deployments-3")

# %%
# Work here.

# %%
t.check("deployments-3")

# %% [markdown]
# ## Readiness is the brake
#
# *So far every new version was a good one. What if it is not?*
#
# Somebody moves podinfo to another port, 9899, and forgets the readiness probe, which goes on asking at 9898. A small
# mistake, quickly made.
#
# > **Guess first.** What will the users of `web` notice? And what will Kubernetes do about it?
#
# <!-- zh 95f18d7e -->
# ## 就绪就是刹车
#
# *到现在为止，每个新版本都是好的。要是不好呢？*
#
# 有人把 podinfo 挪到了另一个端口 9899，却忘了改就绪探针，它还在 9898 上问。一个小错误，一不留神就犯了。
#
# > **先猜一猜。** `web` 的用户会察觉到什么？Kubernetes 又会怎么做？

# %%
t.guess("deployments-d")

# %%
broken = web.replace('6.9.1"', '6.9.2", command: [./podinfo, --port=9899]')
t.apply(broken.replace("replicas: 4", "replicas: 4\n  progressDeadlineSeconds: 20"))
t.wait("deploy/web", "Progressing=False")
t.graph("deploy/web", lens="rollout")

# %% [markdown]
# The users notice nothing. You know this picture: it is the one from the slow motion, only that nobody will come to
# allow anything. The two new Pods are not ready, so the three old ones may not go. The broken version is there, but it
# cannot push the good one out. That is the readiness probe's doing: **it is the brake**. Without one a Pod counts as
# ready as soon as it runs, and this version would have replaced all four.
#
# And Kubernetes? It waited for 20 seconds, which is what `progressDeadlineSeconds` said (it would be ten minutes if
# you left it out), and then wrote down that the rollout is stuck: **ProgressDeadlineExceeded**. That is all. It does
# not go back by itself: it cannot know what you would rather have.
#
# So find out why:
#
# <!-- zh e84fd00a -->
# 用户什么也没有察觉。这张图你认得：就是慢动作里的那一张，只不过这回没有人会来放行。两个新 Pod 没有就绪，所以三个旧的不能走。坏版本来是来了，却挤不走好版本。这是就绪探针的功劳：**它就是刹车**。没有它，Pod 一运行就算就绪，这个版本会把四个全换掉。
#
# Kubernetes 呢？它等了 20 秒，这是 `progressDeadlineSeconds` 写明的（不写的话是十分钟），然后记下一笔：这次上线卡住了，**ProgressDeadlineExceeded**。仅此而已。它不会自己回去：它没法知道你更想要什么。
#
# 所以，去查原因：

# %%
t.explain("deploy/web")

# %% [markdown]
# Step by step from the Deployment to the field that is to blame: the rollout, the newest ReplicaSet, a Pod, what its
# probe was answered. Compare that with the command, and you have it.
#
# ## Back to what worked
#
# *The cause is found, but mending it will take an hour. What now?*
#
# Go back first. The version that worked is still there, as a ReplicaSet; to the Deployment it has a number, its
# **revision**:
#
# <!-- zh 94bb053d -->
# 一步一步，从 Deployment 走到该负责的那个字段：这次上线，最新的 ReplicaSet，一个 Pod，它的探针得到了什么回答。再和命令对照一下，就明白了。
#
# ## 回到能用的版本
#
# *原因找到了，可是修好它要一个小时。现在怎么办？*
#
# 先回去。能用的那个版本还在，是一个 ReplicaSet；在 Deployment 那里，它有一个编号，叫作**修订版本**（revision）：

# %%
t.kubectl("rollout history deploy/web")

# %% [markdown]
# > **Guess first.** Revision 4 is the broken one, and you go back to 3.
#
# <!-- zh ed2922d3 -->
# > **先猜一猜。** 修订版本 4 是坏的，你回到 3。

# %%
t.guess("deployments-e")

# %%
t.kubectl("rollout undo deploy/web")

# %%
t.wait("deploy/web", "rolled out")
t.wait("deploy/web", "4 ready pods", timed=False)
t.graph("deploy/web", lens="rollout")

# %%
t.kubectl("rollout history deploy/web")

# %% [markdown]
# Three has become five: the same ReplicaSet, with a new number, because going back is a step forward in time. This is
# a **rollback**, and it is a rollout like any other, with the same band and the same brake. It was quick, too: three of
# the four Pods had never left.
#
# (Going back changes the Deployment, not your manifest. Apply the broken manifest again, and the broken version is
# back; so mend that, too.)
#
# When a rollout does not get on, look in this order:
#
# | ask | look at |
# |---|---|
# | Is it under way, stuck, or paused? | `t.graph("deploy/…", lens="rollout")`; `kubectl rollout status` |
# | What is the matter with the new Pods? | `t.explain("deploy/…")`; then as in lesson 1: events, log |
# | What has changed since the last version? | the picture's `changed:`; `kubectl rollout history --revision=…` |
#
# ### Your turn: back to what worked
#
# <!-- zh eb884cd8 -->
# 3 变成了 5：还是那个 ReplicaSet，换了个新编号，因为回去也是时间上往前的一步。这叫作**回滚**（rollback），它和别的上线没有两样：同样的带子，同样的刹车。它也很快：四个 Pod 里有三个根本没有离开过。
#
# （回去改的是 Deployment，不是你的清单。把那份坏清单再应用一遍，坏版本就又回来了；所以清单也要改好。）
#
# 一次上线走不下去的时候，按这个顺序看：
#
# | 问 | 看哪里 |
# |---|---|
# | 它在进行、卡住了，还是暂停了？ | `t.graph("deploy/…", lens="rollout")`；`kubectl rollout status` |
# | 新的 Pod 出了什么问题？ | `t.explain("deploy/…")`；然后照第 1 课的办法：事件、日志 |
# | 和上一个版本相比，改了什么？ | 图里的 `changed:`；`kubectl rollout history --revision=…` |
#
# ### 轮到你了：回到能用的版本

# %%
t.exercise("deployments-4")

# %%
# Look, think, go back.

# %%
t.check("deployments-4")

# %% [markdown]
# ### Your turn: the version that does not arrive
#
# Going back is not always what is wanted. This one has to get through:
#
# <!-- zh 3dae0bbe -->
# ### 轮到你了：总也到不了的版本
#
# 有时候要的不是回去。这一个必须走通：

# %%
t.exercise("deployments-5")

# %%
# Look, think, mend.

# %%
t.check("deployments-5")

# %% [markdown]
# ## Other promises
#
# *A watchman on every machine. A report that is written once. A broom each night. How many replicas is that?*
#
# None of them is a number to be kept, so each has a kind of its own. The first is the **DaemonSet**. It is written like
# a Deployment, with no `replicas` in it:
#
# > **Guess first.** This cluster has three nodes, and one of them is the control plane. How many Pods will there be?
#
# <!-- zh 6a746e49 -->
# ## 别的承诺
#
# *每台机器上一个看守。一份只写一次的报告。每天夜里扫一次地。这是几个副本？*
#
# 它们都不是要保持的数字，所以各有各的 kind。第一个是 **DaemonSet**。写法和 Deployment 一样，只是没有 `replicas`：
#
# > **先猜一猜。** 这个集群有三个节点，其中一个是控制平面。会有几个 Pod？

# %%
t.apply("""
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: guard}
spec:
  selector: {matchLabels: {app: guard}}
  template:
    metadata: {labels: {app: guard}}
    spec: {containers: [{name: app, image: "ghcr.io/stefanprodan/podinfo:6.9.1"}]}
""")
t.wait("daemonset/guard", lambda guard: guard.get("status", {}).get("numberReady") == 2)

# %%
t.kubectl("get pods -l app=guard -o custom-columns=NODE:.spec.nodeName --sort-by=.spec.nodeName")

# %%
t.graph("daemonset/guard")

# %% [markdown]
# Two, one on each worker. The control plane has a **taint**, which keeps away all Pods that do not tolerate it. Give the
# cluster another worker, and a guard comes with it; nobody has to change a number. This is for what a machine needs:
# somebody to collect its logs, to measure it, to see to its network.
#
# The next promise is to get something done. A **Job** does not count Pods that run, it counts Pods that have *ended
# well*, with exit code 0:
#
# <!-- zh 5df72ae1 -->
# 两个，每个工作节点上一个。控制平面带着一个**污点**（taint），凡是不容忍它的 Pod，都不让上去。给集群再添一个工作节点，看守就跟着来了；没有人要去改数字。机器本身需要的东西就这样运行：收集它的日志，测量它，照管它的网络。
#
# 下一个承诺是把一件事做完。**Job** 数的不是运行着的 Pod，而是*好好结束*、退出码为 0 的 Pod：

# %%
t.apply("""
apiVersion: batch/v1
kind: Job
metadata: {name: stamps}
spec:
  completions: 2
  backoffLimit: 3
  template:
    spec:
      restartPolicy: Never
      containers: [{name: app, image: "busybox:1.35", command: [echo, stamped]}]
""")

# %%
t.wait("job/stamps", "Complete")
t.graph("job/stamps")

# %% [markdown]
# Two completions were wanted, one Pod came after the other, and both stand there as *Completed*. Nobody makes them anew:
# that is success. Had one failed, another would have been tried, up to three times more (`backoffLimit`; 6 if you
# leave it out), and then the Job would have given up, as *Failed*.
#
# > **Guess first.** The same command, in a Deployment. It prints its word and ends, with exit code 0. What happens then?
#
# <!-- zh e505b92a -->
# 要完成两次，Pod 一个接一个地来，现在两个都停在 *Completed*。没有人去重新造：这就是成功。要是有一个失败了，就会再试一个，最多再试三次（`backoffLimit`；不写的话是 6），然后 Job 就放弃，成为 *Failed*。
#
# > **先猜一猜。** 同样的命令，放进一个 Deployment。它打印出那个词就结束，退出码是 0。然后呢？

# %%
t.kubectl("create deployment stamps --image=busybox:1.35 -- echo stamped")
t.wait("deploy/stamps", lambda stamps: stamps.get("status", {}).get("replicas") == 1)
name = t.objects("pods", "app=stamps")[0]["metadata"]["name"]
t.wait(f"pod/{name}", "CrashLoopBackOff")
t.graph("deploy/stamps")

# %% [markdown]
# *CrashLoopBackOff*, and nothing crashed. The program did the same and ended the same; only the promise is another. A
# Deployment promises that something **runs**, so each end is an accident, and is mended.
#
# The last promise is "again and again". A **CronJob** has a schedule, and makes a Job from its template each time. Five
# fields: minute, hour, day of the month, month, day of the week. You need not wait until three at night to try it:
#
# <!-- zh af21263b -->
# *CrashLoopBackOff*，可是什么也没有崩溃。程序做的一样，结束得也一样；不同的只是承诺。Deployment 承诺的是**一直在运行**，所以每次结束都是事故，都要补救。
#
# 最后一个承诺是“一次又一次”。**CronJob** 有一个时间表，每到时候就照着模板造一个 Job。五个字段：分钟、小时、几号、月份、星期几。想试一试，不必等到夜里三点：

# %%
t.kubectl("create cronjob sweep --image=busybox:1.35 --schedule='0 3 * * *' -- echo swept")
t.kubectl("create job first --from=cronjob/sweep")
t.wait("job/first", "Complete")
t.graph("cronjob/sweep")

# %% [markdown]
# The CronJob has a Job, and the Job has a Pod: each does one thing only, here too. So before you write a manifest, ask
# what is to be promised:
#
# | who | promises | for instance |
# |---|---|---|
# | **Deployment** | so many run, each like the other | a web server |
# | **StatefulSet** | so many run, each with its name and its disk ([lesson 7](07_configuration.ipynb)) | a database |
# | **DaemonSet** | one runs on each node | what collects the logs |
# | **Job** | it is done, so many times | a report, a move of data |
# | **CronJob** | a Job, again and again | a backup each night |
#
# <!-- zh 25aa3690 -->
# CronJob 有一个 Job，Job 有一个 Pod：这里也是各管一件事。所以写清单之前，先问一问要承诺的是什么：
#
# | 谁 | 承诺什么 | 比如 |
# |---|---|---|
# | **Deployment** | 有这么多个在运行，个个一样 | Web 服务器 |
# | **StatefulSet** | 有这么多个在运行，各有各的名字和磁盘（[第 7 课](07_configuration.ipynb)） | 数据库 |
# | **DaemonSet** | 每个节点上运行一个 | 收集日志的程序 |
# | **Job** | 做完，做这么多次 | 一份报告、一次数据搬迁 |
# | **CronJob** | 一次又一次的 Job | 每天夜里的备份 |

# %%
t.kubectl("delete daemonset/guard job/stamps deploy/stamps cronjob/sweep")

# %% [markdown]
# ### Your turn: three promises
#
# <!-- zh b57dbf82 -->
# ### 轮到你了：三个承诺

# %%
t.exercise("deployments-6")

# %%
# Choose, then write.

# %%
t.check("deployments-6")

# %% [markdown]
# ## What you can do now
#
# - A **ReplicaSet** counts the Pods that its selector means, and makes or deletes Pods until the number is right. That
#   is all there is to self-healing.
# - A **Deployment** has a ReplicaSet for each version, and moves the Pods from one to the other.
# - `maxSurge` says how many Pods more, `maxUnavailable` how many fewer: between the two a **rolling update** moves.
# - **Readiness** is the brake: a version that does not become ready gets no further than that room.
# - A rollout that is stuck says so after its deadline, and stays where it is. Going back (`kubectl rollout undo`) is up
#   to you.
# - Not every promise is a number: a **DaemonSet** has one on each node, a **Job** gets something done, a **CronJob** does
#   it again and again.
#
# You have four Pods now that come and go, and nobody knows their addresses. How others find them all the same is for
# [the next lesson](05_services.ipynb).
#
# **Read on** in the official documentation:
# [Deployments](https://kubernetes.io/docs/concepts/workloads/controllers/deployment/),
# [ReplicaSet](https://kubernetes.io/docs/concepts/workloads/controllers/replicaset/),
# [DaemonSet](https://kubernetes.io/docs/concepts/workloads/controllers/daemonset/),
# [Jobs](https://kubernetes.io/docs/concepts/workloads/controllers/job/),
# [CronJob](https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/),
# [self-healing](https://kubernetes.io/docs/concepts/architecture/self-healing/),
# [controllers](https://kubernetes.io/docs/concepts/architecture/controller/),
# [labels and selectors](https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/).
#
# The last cell removes everything this lesson has made.
#
# <!-- zh d8c07bf8 -->
# ## 你现在会了什么
#
# - **ReplicaSet** 数它的选择算符所指的 Pod，多了就删，少了就造，直到数目对上。所谓自我修复，不过如此。
# - **Deployment** 给每个版本一个 ReplicaSet，把 Pod 从一个换到另一个。
# - `maxSurge` 说可以多几个 Pod，`maxUnavailable` 说可以少几个：**滚动更新**就在这两者之间进行。
# - **就绪**就是刹车：不能就绪的版本，走不出这个空间。
# - 卡住的上线，过了期限就会说出来，然后停在原地。要不要回去（`kubectl rollout undo`），由你决定。
# - 不是每个承诺都是一个数字：**DaemonSet** 在每个节点上有一个，**Job** 把一件事做完，**CronJob** 一次又一次地做。
#
# 现在你有四个来来去去的 Pod，谁也不知道它们的地址。别人怎样照样找得到它们，是[下一课](05_services.ipynb)的内容。
#
# **继续阅读**官方文档：[Deployment](https://kubernetes.io/zh-cn/docs/concepts/workloads/controllers/deployment/)、[ReplicaSet](https://kubernetes.io/zh-cn/docs/concepts/workloads/controllers/replicaset/)、[DaemonSet](https://kubernetes.io/zh-cn/docs/concepts/workloads/controllers/daemonset/)、[Job](https://kubernetes.io/zh-cn/docs/concepts/workloads/controllers/job/)、[CronJob](https://kubernetes.io/zh-cn/docs/concepts/workloads/controllers/cron-jobs/)、[自我修复](https://kubernetes.io/zh-cn/docs/concepts/architecture/self-healing/)、[控制器](https://kubernetes.io/zh-cn/docs/concepts/architecture/controller/)、[标签和选择算符](https://kubernetes.io/zh-cn/docs/concepts/overview/working-with-objects/labels/)。
#
# 最后一个单元格会删除这一课创建的所有东西。

# %%
t.leave()
