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
# # The picture book
#
# Once there was a little program that wanted to be heard. This is her story, in fourteen pages, and all of it is true:
# whatever a page tells also happens below its picture, on a cluster.
#
# So read it like this: run a cell (**Shift + Enter**), and a page turns. Look at the picture, read the two sentences
# aloud, then see what the cluster says. The commands are real ones. You need not learn them here; each comes back in a
# lesson of its own.
#
# By the end you can
#
# - say in plain words what a Pod, a container, an image and a node are,
# - explain why a program comes back when nobody starts it again,
# - tell what a Service does, and what it takes to be heard outside,
# - choose the cluster that the lessons run on.
#
# It takes about 30 minutes, and you need to know nothing. Children may listen.
#
# <!-- zh 52edd58f -->
# # 图画书
#
# 从前有一个小小的程序，她想唱歌给人听。这就是她的故事，一共十四页，而且句句是真的：每一页讲的事，都会在图画下面的集群上真的发生。
#
# 读法是这样的：运行一格（**Shift + Enter**），书就翻过一页。先看图，再把那两句话念出声来，然后看看集群怎么说。用到的命令都是真的，现在不用记，以后每一条都会在自己的那一课里再出现。
#
# 读完以后，你能够
#
# - 用平常的话说出 Pod、容器、镜像和节点是什么，
# - 解释为什么没人去重新启动，程序也会自己回来，
# - 说出 Service 有什么用，要让外面的人听见又需要什么，
# - 为这些课选一个集群。
#
# 大约需要 30 分钟，什么都不用先学。小朋友也可以一起听。

# %%
from k8s_tutor import connect
t = connect()
t.lesson("picture-book")

# %% [markdown]
# ## Page 1: A program that needs a home
#
# Her name is Lark. On a computer of yours she could sing to you alone, and only until you close the lid. To sing for a
# town, she needs a place where computers work together and one is always awake: a **cluster**. There it lies, on the
# other side of the water.
#
# <!-- zh 8b5d7611 -->
# ## 第 1 页：没有家的小程序
#
# 她叫小云雀。要是住在你自己的计算机上，她只能唱给你一个人听，盖子一合，歌就停了。想唱给全城听，就得去一个许多计算机一起干活、总有一台醒着的地方：**集群**。它就在水的那一边。

# %%
t.picture("alone")
t.kubectl("get nodes")

# %% [markdown]
# Below the picture is the town as it answers when you ask: one line a computer. `Ready` means *I am here*. Nobody named
# Lark lives there yet.
#
# ## Page 2: A box of her own
#
# What you write now is called a **manifest**: it says what you would like to have. A **Pod** called `lark`, with two
# **containers** in it. The singer is podinfo, a small web server made for trying things out. The other one is a finch, and
# all it does is sleep.
#
# <!-- zh c6af86e7 -->
# 图画下面，是你问起时小镇的回答：一行是一台计算机。`Ready` 的意思是*我在*。那里还没有谁叫小云雀。
#
# ## 第 2 页：一只自己的箱子
#
# 现在写下的东西叫作**清单**（manifest）：它说明你想要什么。一个名叫 `lark` 的 **Pod**，里面有两个**容器**（container）。唱歌的是 podinfo，一个专门拿来做试验的小 Web 服务器。另一个是小雀，它只管睡觉。

# %%
t.picture("home")
t.apply("""
apiVersion: v1
kind: Pod
metadata: {name: lark}
spec:
  containers:
  - {name: lark, image: "ghcr.io/stefanprodan/podinfo:6.9.1"}
  - {name: finch, image: "busybox:1.35", command: [sleep, "86400"]}
""")
t.wait("pod/lark")

# %% [markdown]
# She is at home. They live under one roof, so the finch can ask its neighbour without knowing any address: it just says
# `localhost`. Is Lark well?
#
# <!-- zh 7f227c8a -->
# 她到家了。两个容器住在同一个屋檐下，所以小雀不用知道任何地址就能问邻居，只要说一声 `localhost`。小云雀，你好吗？

# %%
t.exec("pod/lark", "wget -qO- localhost:9898/healthz", container="finch")

# %% [markdown]
# `OK`. That is a Pod: one or more programs that share a roof and an address.
#
# ## Page 3: Three quays
#
# > **Guess first.** You did not say on which computer Lark should live. Which one is it: the first in the list above? And
# > who has chosen?
#
# <!-- zh 7ab5154e -->
# `OK`。这就是 Pod：一个或几个程序，同住一个屋檐下，共用一个地址。
#
# ## 第 3 页：三座码头
#
# > **先猜一猜。** 你没有说过小云雀该住在哪台计算机上。那她住在哪一台：上面名单里的第一台吗？又是谁选的？

# %%
t.picture("quays")
t.kubectl("get pods -o wide")

# %% [markdown]
# Under `NODE` you read the name of the quay, under `IP` the address over the door. It is not the first in the list: that
# one has `control-plane` beside its name, and most clusters keep it free for those who run the harbour. There the choice was
# made. You will meet them on page 5.
#
# ## Page 4: The drawing in the storehouse
#
# A box is not carried here from somewhere. It is built on the spot, from a drawing that says to the last nail what is in
# it: an **image**. Two names belong to it. One is for people, such as `podinfo:6.9.1`. The other is for machines: the seal,
# 64 signs that fit this one drawing and no other.
#
# <!-- zh 3fddd89c -->
# `NODE` 那一列是码头的名字，`IP` 那一列是门上的地址。不是名单里的第一台：那一台的名字旁边写着 `control-plane`，多数集群都把它留给管理港口的那几位。选码头的事就是在那里办的。到第 5 页，你会见到他们。
#
# ## 第 4 页：仓库里的图纸
#
# 箱子不是从什么地方搬来的，而是照着图纸当场做出来的；图纸上写得清清楚楚，连一颗钉子也不差：这就是**镜像**（image）。它有两个名字。一个给人看，比如 `podinfo:6.9.1`；另一个给机器看，就是那枚印：64 个字符，只配这一张图纸，换一张都不行。

# %%
t.picture("archive")
for box in t.get("pod/lark")["status"]["containerStatuses"]:
    print(box["name"], "←", box["imageID"])

# %% [markdown]
# After `sha256:` you see the seal. Whoever builds from the same seal builds the same box, on any computer in the world.
#
# ## Page 5: The harbour master reads a wish
#
# So far you have put up the house with your own hands. If it goes, it is gone, and nobody will ask after it. Try it:
#
# <!-- zh d46bc590 -->
# `sha256:` 后面就是那枚印。印一样，做出来的箱子就一样，在世界上哪台计算机上都是如此。
#
# ## 第 5 页：港务长读心愿
#
# 到现在为止，房子是你亲手搭的。它要是没了，就没了，谁也不会问起。不信试试：

# %%
t.delete("pod/lark", now=True)
t.kubectl("get pods")

# %% [markdown]
# Nothing, and it stays so. There is a better way: write down a *wish*. Not "put up this house", but "there shall always be
# one house like this". Such a wish is called a **Deployment**. The harbour master keeps it in her book: she is the **API
# server**. The crane driver who looks for a place is the **scheduler**.
#
# <!-- zh 2d67ef4f -->
# 什么也没有，以后也不会有。有一个更好的办法：写下一个*心愿*。不是“搭起这座房子”，而是“这样的房子，始终要有一座”。这样的心愿叫作 **Deployment**。港务长把它记在本子上，她就是 **API 服务器**。找地方的吊车师傅，就是**调度器**。

# %%
t.picture("wish")

# %%
t.apply("""
apiVersion: apps/v1
kind: Deployment
metadata: {name: lark}
spec:
  replicas: 1
  selector: {matchLabels: {app: lark}}
  template:
    metadata: {labels: {app: lark}}
    spec: {containers: [{name: lark, image: "ghcr.io/stefanprodan/podinfo:6.9.1",
      readinessProbe: {periodSeconds: 1, httpGet: {path: /readyz, port: 9898}}}]}
""")

# %%
t.wait("deploy/lark", "rolled out")
t.graph("deploy/lark")

# %% [markdown]
# From left to right: your wish, a helper that counts (a ReplicaSet), and a house that nobody but them has put up. It has a
# name of its own, with a few letters that were drawn by lot.
#
# ## Page 6: Three of the same
#
# The town likes the song. You do not write three manifests now; you change one number in the book.
#
# <!-- zh a0ecdfb0 -->
# 从左到右：你的心愿，一个负责数数的帮手（ReplicaSet），还有一座房子，是它们搭起来的，没有别人动手。房子有自己的名字，最后几个字母是抽签抽出来的。
#
# ## 第 6 页：一模一样的三个
#
# 全城都喜欢这支歌。现在用不着写三份清单，只要改掉本子上的一个数字。

# %%
t.picture("twins")
t.kubectl("scale deployment lark --replicas=3")
t.wait("deploy/lark", "rolled out")
t.kubectl("get pods -o wide")

# %% [markdown]
# Three houses, three addresses, and the same song. The crane driver has spread them over the quays, so that one wave
# cannot take them all.
#
# ### Your turn: two for the bakery
#
# You have seen how a wish is written. Now write one yourself.
#
# <!-- zh dc31c39b -->
# 三座房子，三个地址，唱的是同一支歌。吊车师傅把它们分到了不同的码头上，免得一个浪头全卷走。
#
# ### 轮到你了：面包房要两个
#
# 心愿怎么写，你已经见过了。现在自己写一个。

# %%
t.exercise("picture-book-1")

# %%
# Write your wish here.

# %%
t.check("picture-book-1")

# %% [markdown]
# ## Page 7: The storm
#
# Every computer of a cluster says *I am here* every ten seconds. When one falls silent for too long, nobody waits for it:
# its Pods are given up, and others take their place.
#
# We shall not sink a computer for a story, least of all one that others use. We let one singer go instead. For those who
# listen it is the same. (If the cluster is yours alone, you may pull a plug when the story is over:
# `t.switch_node("node/k8s-tutor-worker2", on=False)`.)
#
# > **Guess first.** One of three is taken away, and nobody runs any command after that. How many are there in a minute:
# > two, three, or four?
#
# <!-- zh c6127aa6 -->
# ## 第 7 页：风暴来了
#
# 集群里的每台计算机，每十秒说一声*我在*。哪一台要是太久不出声，谁也不会一直等它：它上面的 Pod 就不算数了，由别的来顶替。
#
# 为了一个故事弄沉一台计算机，可不行，何况别人也许正在用。我们改为送走一个歌手。在听歌的人看来，都一样。（如果集群是你一个人的，等故事讲完，不妨真的拔一次插头：`t.switch_node("node/k8s-tutor-worker2", on=False)`。）
#
# > **先猜一猜。** 三个里少了一个，之后谁也没有再运行任何命令。一分钟以后有几个：两个、三个，还是四个？

# %%
t.picture("storm")
before = [pod["metadata"]["name"] for pod in t.objects("pods", "app=lark")]
t.delete(f"pod/{before[0]}")

# %% [markdown]
# ## Page 8: Two is not three
#
# Somebody has counted in the meantime.
#
# <!-- zh af3aaa7b -->
# ## 第 8 页：两个不是三个
#
# 这会儿，已经有谁数过了。

# %%
t.picture("healing")
t.wait("deploy/lark", "rolled out")
now = [pod["metadata"]["name"] for pod in t.objects("pods", "app=lark")]
for name in sorted(now, key=lambda name: name not in before):
    print("  " if name in before else "→ ", name)

# %% [markdown]
# Three, and the arrow points at the one who has just moved in. It is not the lost Lark come back; it is another one, from
# the same drawing, with another name and another address.
#
# Nobody had to notice, and nobody had to decide. The owl is a program, a **controller**, and all its life it does the same
# three things: look what is there, compare it with what is wished for, do what is missing. If you remember one thing of
# Kubernetes, remember the owl.
#
# ### Your turn: one too many
#
# There is a choir in the next street, and it is one singer too large. Mind the owl.
#
# <!-- zh 8e8e8cdd -->
# 三个，箭头指着刚刚搬来的那一个。并不是走掉的那只小云雀回来了，而是另一只，照着同一张图纸做的，名字不一样，地址也不一样。
#
# 没有人非得发现这件事，也没有人非得做决定。猫头鹰是一个程序，叫作**控制器**（controller）。它一辈子只做三件事：看看有什么，跟期望的比一比，缺什么就做什么。关于 Kubernetes 要是只记住一件事，就记住这只猫头鹰。
#
# ### 轮到你了：多了一个
#
# 隔壁街上有一个合唱团，多了一个歌手。当心那只猫头鹰。

# %%
t.exercise("picture-book-2")

# %%
# Let one singer go, for good.

# %%
t.check("picture-book-2")

# %% [markdown]
# ## Page 9: A name on the door
#
# Whoever had written down the address of the lost Lark now knocks at an empty house. So people need a door that stays. It
# is called a **Service**. You do not tell it which houses are meant; you tell it what ribbon they wear: a **label**, here
# `app: lark`.
#
# <!-- zh 299073a9 -->
# ## 第 9 页：门上的名字
#
# 谁要是记下了走掉的那只小云雀的地址，现在敲的就是一座空房子。所以需要一扇不会变的门，它叫作 **Service**。你不用告诉它是哪几座房子，只要说它们系着什么丝带：一个**标签**（label），这里是 `app: lark`。

# %%
t.picture("name")
t.apply("""
apiVersion: v1
kind: Service
metadata: {name: lark}
spec:
  selector: {app: lark}
  ports: [{port: 80, targetPort: 9898}]
""")
t.wait("service/lark", "3 ready pods")

# %% [markdown]
# > **Guess first.** Somebody in the cluster knocks thirty times at the door `lark`. Who opens: always the same Lark, or each of
# > them now and then?
#
# <!-- zh e56d1b9c -->
# > **先猜一猜。** 集群里有人在 `lark` 这扇门上敲三十下。谁来开门：总是同一只小云雀，还是每只都开几回？

# %%
t.traffic("service/lark", requests=30)

# %% [markdown]
# Each of them, by lot. And when a house goes and another comes, nobody has to be told: it wears the ribbon, so it is
# meant.
#
# ### Your turn: a door for the tailor
#
# <!-- zh 755740d7 -->
# 每只都有，抽签决定。走一座房子，来一座房子，都不用通知谁：系着丝带，就算在内。
#
# ### 轮到你了：给裁缝铺安一扇门

# %%
t.exercise("picture-book-3")

# %%
# Put up the door here.

# %%
t.check("picture-book-3")

# %% [markdown]
# ## Page 10: Not just yet
#
# podinfo has a card to hang out: after a request to `/readyz/disable` it says *not now* to whoever asks whether it is
# ready. Somebody inside has to go and say it to one certain Lark. The finch shall do that; this time it has a house of its own.
#
# <!-- zh 69420725 -->
# ## 第 10 页：请等一等
#
# podinfo 有一块可以挂出来的牌子：向 `/readyz/disable` 发一个请求之后，谁来问它就绪没有，它都说*现在不行*。得有人在集群里面，去对某一只小云雀说这句话。就让小雀去吧，这回它有自己的房子。

# %%
t.kubectl("run finch --image=busybox:1.35 --restart=Never -- sleep 86400")
t.wait("pod/finch")

# %%
t.picture("unready")
shy = t.objects("pods", "app=lark")[0]
address, shy = shy["status"]["podIP"], "pod/" + shy["metadata"]["name"]
t.exec("pod/finch", f"wget -qO- --post-data= http://{address}:9898/readyz/disable")
t.wait(shy, "Ready=False")
t.wait("service/lark", "2 ready pods")
t.graph("service/lark")

# %% [markdown]
# The third ribbon is cut, and the picture says why. She is still running; nobody has thrown her out. She has only been
# left out until she is ready, and no listener has noticed anything. Now the card comes off:
#
# <!-- zh 616dbe3b -->
# 第三条丝带断了，图上也写明了原因。她还在运行，没有人把她赶走，只是在就绪之前先不算她，听歌的人什么也没有察觉。现在把牌子摘下来：

# %%
t.exec("pod/finch", f"wget -qO- --post-data= http://{address}:9898/readyz/enable")
t.wait(shy, "Ready")
t.wait("service/lark", "3 ready pods")

# %% [markdown]
# ## Page 11: A gate to the street
#
# `lark` is a name that is known inside the cluster only. For the town outside, the same Service can wish for more: `type:
# LoadBalancer`, an address that the world can reach. Who gives it depends on where the cluster runs; here somebody is asked
# to.
#
# (On a cluster of somebody else's there may be nobody who gives addresses. Then the waiting ends after a minute, the next
# cell has nothing to show, and the story goes on all the same.)
#
# <!-- zh c633d725 -->
# ## 第 11 页：通向大街的门
#
# `lark` 这个名字，只有集群里面才知道。为了外面的人，同一个 Service 还可以许一个更大的愿：`type: LoadBalancer`，一个全世界都到得了的地址。由谁来给，要看集群在哪里运行；在这里，我们请来一位。
#
# （在别人的集群上，可能没有谁会分配地址。那样的话，等一分钟就不等了，后面一格也没有东西可看，不过故事照样往下讲。）

# %%
t.picture("gate")
t.load_balancers(on=True)
t.apply("""
apiVersion: v1
kind: Service
metadata: {name: lark}
spec:
  type: LoadBalancer
  selector: {app: lark}
  ports: [{port: 80, targetPort: 9898}]
""")
t.wait("service/lark", "address")

# %%
from urllib.request import urlopen
with urlopen(t.url("service/lark") + "/healthz", timeout=10) as answer:
    print(answer.status, answer.read().decode())

# %% [markdown]
# 200, the web's word for *gladly*. This knock came from outside, from the very computer that your notebook runs on.
#
# ## Page 12: A new verse
#
# Lark has learned a second verse. It is a new drawing, `podinfo:6.9.2`, and you change the wish: from now on, like this.
#
# > **Guess first.** Three singers are replaced, one after the other. For how long will nobody sing?
#
# <!-- zh f7290d4d -->
# 200，在 Web 上就是*好的*。这一次敲门来自外面，就是运行着你的笔记本的这台计算机。
#
# ## 第 12 页：新的一段
#
# 小云雀学会了第二段。那是一张新图纸，`podinfo:6.9.2`。你把心愿改一改：从现在起，要这样的。
#
# > **先猜一猜。** 三个歌手一个接一个地替换。会有多长时间没有人唱？

# %%
t.picture("verse")
before = [pod["metadata"]["name"] for pod in t.objects("pods", "app=lark")]
t.kubectl("set image deployment/lark lark=ghcr.io/stefanprodan/podinfo:6.9.2")
t.wait("deploy/lark", "rolled out")
for name in before:
    t.wait(f"pod/{name}", "deleted", timed=False)
t.events("deploy/lark")

# %% [markdown]
# Not for a moment. Read the last six lines from top to bottom: each time one more of the new, and only then one fewer of the
# old. There were never fewer than three. (The loop above waits for the boat: until the last of the old ones has sailed.)
#
# ## Page 13: The keeper who never sleeps
#
# Some programs need more than to be there. A database wants to be backed up, an oven wants to be fed. For that, people
# write owls of their own, which know one trade: **operators**. They do what the first owl does. You can do it by hand:
# look, compare, act.
#
# <!-- zh aa788820 -->
# 一刻也没有。从上往下读最后六行：每次都是先多一个新的，然后才少一个旧的，从来没有少于三个。（上面的循环等的是那条船：等最后一座旧房子也被载走。）
#
# ## 第 13 页：从不睡觉的守护人
#
# 有些程序，光是在那里还不够。数据库要备份，炉火要添柴。为此，人们会写自己的猫头鹰，各懂一门手艺：**Operator**。它们做的事，和第一只猫头鹰一样。你也可以亲手做一遍：看一看，比一比，动动手。

# %%
t.picture("keeper")
lark = t.get("deploy/lark")
wished, here = lark["spec"]["replicas"], lark["status"]["readyReplicas"]
print(f"spec: {wished}   status: {here}   spec - status: {wished - here}")

# %% [markdown]
# What is wished for stands in an object's `spec`, what there is in its `status`. Nothing to do: so it is on most nights, and
# the owl looks again all the same. In [lesson 10](10_operators.ipynb) you write one that looks after a database.
#
# ## Page 14: And this is how it really looks
#
# There are no owls, no pelican and no crane. There is what you see now: objects that refer to each other, and programs
# that read them.
#
# <!-- zh 5b535e5b -->
# 期望的写在对象的 `spec` 里，现有的写在 `status` 里。没什么要做的：多数夜晚都是这样，可猫头鹰还是会再看一遍。在[第 10 课](10_operators.ipynb)里，你会自己写一只，来照看一个数据库。
#
# ## 第 14 页：其实它是这个样子
#
# 没有猫头鹰，没有鹈鹕，也没有吊车。有的是你现在看到的：互相引用的对象，和读这些对象的程序。

# %%
t.picture("really")
t.graph("deploy/lark")

# %% [markdown]
# Compare the two: on the left the wish, then the helper that counts the houses of the new verse, then the three Larks. And
# Lark is real. Knock once more:
#
# <!-- zh bd1a6faa -->
# 把两张图比一比：左边是心愿，中间是给新的一段歌数房子的帮手，右边是三只小云雀。而小云雀是真的。再敲一次门吧：

# %%
t.exec("pod/finch", "wget -qO- http://lark/healthz")

# %% [markdown]
# ## What you can tell now
#
# | in the story | in Kubernetes | its lesson |
# |---|---|---|
# | the house, and the boxes in it | Pod, containers | [1](01_pods.ipynb) |
# | the drawing and its seal | image, digest | |
# | the quay | node | |
# | the harbour master's book | API server: it keeps what you wish for | |
# | the crane driver | scheduler: it chooses a node | |
# | the wish | Deployment | [4](04_deployments.ipynb) |
# | the owl that counts | controller | [8](08_control_loop.ipynb) |
# | the door with a name | Service | [5](05_services.ipynb) |
# | the card in the window | readiness probe | [5](05_services.ipynb) |
# | the gate to the street | LoadBalancer | [6](06_loadbalancers.ipynb) |
# | the keeper | operator | [10](10_operators.ipynb) |
#
# And the one sentence that all of it rests on: **you write down what you wish for, and somebody looks, compares and acts,
# again and again.**
#
# ## Choosing a cluster
#
# `connect()` said at the beginning which cluster it has taken, and why. There are three kinds, and every lesson runs on
# each of them:
#
# | | what it is | what it needs | its price |
# |---|---|---|---|
# | `embedded` | Kubernetes inside this notebook | nothing | its programs are simulated, and it is gone when the notebook ends |
# | `kind` | a real Kubernetes in containers on your computer | Docker or Podman, and [kind](https://kind.sigs.k8s.io); some 4 GB of memory | a minute or two for the first start |
# | `context:NAME` | a cluster you have | an entry in your kubeconfig, and a namespace you may use | you share it: the lessons touch only what they have made |
#
# If a container engine answers, you get kind; else the embedded one. To choose for one notebook, say so:
# `connect("embedded")`. To choose for all of them, type `k8s-tutor use embedded` in a terminal, or set
# `K8S_TUTOR_CLUSTER`. `k8s-tutor status` tells what is there.
#
# Not sure? Begin with the embedded one: it starts in a second, you cannot break it, and it is the same each time. Take
# kind as soon as you want to see the real thing at work. The pictures, the exercises and the commands stay the same.
#
# **Read on** in the official documentation:
# [what Kubernetes is](https://kubernetes.io/docs/concepts/overview/),
# [its components](https://kubernetes.io/docs/concepts/overview/components/),
# [controllers](https://kubernetes.io/docs/concepts/architecture/controller/); and, for reading aloud, the picture book
# that has shown the way to all others:
# [The Illustrated Children's Guide to Kubernetes](https://www.cncf.io/phippy/the-childrens-illustrated-guide-to-kubernetes/).
#
# The last cell takes down the houses, and sends home whoever gave the addresses.
#
# <!-- zh e960de7f -->
# ## 现在你能讲的
#
# | 故事里 | Kubernetes 里 | 在哪一课 |
# |---|---|---|
# | 房子，和里面的箱子 | Pod、容器 | [1](01_pods.ipynb) |
# | 图纸和上面的印 | 镜像、摘要（digest） | |
# | 码头 | 节点 | |
# | 港务长的本子 | API 服务器：记下你要什么 | |
# | 吊车师傅 | 调度器：挑选节点 | |
# | 心愿 | Deployment | [4](04_deployments.ipynb) |
# | 数数的猫头鹰 | 控制器 | [8](08_control_loop.ipynb) |
# | 写着名字的门 | Service | [5](05_services.ipynb) |
# | 窗前的牌子 | 就绪探针 | [5](05_services.ipynb) |
# | 通向大街的门 | 负载均衡器（LoadBalancer） | [6](06_loadbalancers.ipynb) |
# | 守护人 | Operator | [10](10_operators.ipynb) |
#
# 这一切都靠一句话：**你写下想要什么，就有谁去看一看、比一比、动动手，一遍又一遍。**
#
# ## 选一个集群
#
# 一开始，`connect()` 就说了它用的是哪个集群、为什么。集群有三种，每一课在每一种上都能运行：
#
# | | 是什么 | 需要什么 | 代价 |
# |---|---|---|---|
# | `embedded` | 就在这个笔记本里的 Kubernetes | 什么都不需要 | 里面的程序是模拟的，笔记本一结束，它也就没了 |
# | `kind` | 在你计算机上的容器里运行的真 Kubernetes | Docker 或 Podman，以及 [kind](https://kind.sigs.k8s.io)；大约 4 GB 内存 | 第一次启动要等一两分钟 |
# | `context:NAME` | 你已有的集群 | kubeconfig 里的一项，和一个你能用的名字空间 | 大家共用：这些课只动自己创建的东西 |
#
# 如果有容器引擎应答，用的就是 kind，否则就是内置的那个。只为一个笔记本选，就直接说：`connect("embedded")`。为所有笔记本选，就在终端里输入 `k8s-tutor use embedded`，或者设置 `K8S_TUTOR_CLUSTER`。`k8s-tutor status` 会告诉你现在有什么。
#
# 拿不定主意？先用内置的：一秒钟就能启动，弄不坏，而且每次都一样。等你想看看真家伙怎么干活，再换 kind。图画、练习和命令都不变。
#
# **继续阅读**官方文档：[Kubernetes 是什么](https://kubernetes.io/zh-cn/docs/concepts/overview/)、[它的组件](https://kubernetes.io/zh-cn/docs/concepts/overview/components/)、[控制器](https://kubernetes.io/zh-cn/docs/concepts/architecture/controller/)。想念出声来，还有一本给后来者引路的图画书：[The Illustrated Children's Guide to Kubernetes](https://www.cncf.io/phippy/the-childrens-illustrated-guide-to-kubernetes/)。
#
# 最后一个单元格会拆掉所有房子，也会送走分配地址的那一位。

# %%
t.leave()
t.load_balancers(on=False)
