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
# # Pods
#
# A cluster is a group of computers that run programs for you. In this lesson you hand it programs, watch what it does
# with them, and find out what is wrong when it does not do what you meant.
#
# By the end you can
#
# - start a program on a cluster, and say where it runs and at which address,
# - say what a Pod is made of, and what its containers share,
# - follow a Pod's life, and read its log and its events,
# - recognise a wrong image, a crashing command and a request that fits nowhere,
# - say why hardly anybody starts Pods by hand.
#
# It takes about 40 minutes. You need some Python, and no knowledge of Kubernetes. Run the cells from top to bottom;
# running one twice does no harm.
#
# <!-- zh 373baa1a -->
# # Pod
#
# 集群就是一组替你运行程序的计算机。在这一课里，你把程序交给它，看它怎么处理；如果它做的和你想的不一样，再找出原因。
#
# 学完这一课，你能够
#
# - 在集群上启动一个程序，并说出它在哪里运行、地址是什么，
# - 说出 Pod 由什么组成，它的容器共享什么，
# - 跟踪一个 Pod 的一生，读它的日志和事件，
# - 认出写错的镜像、不断崩溃的命令，以及哪里都放不下的资源请求，
# - 说出为什么几乎没有人手动启动 Pod。
#
# 大约需要 40 分钟。你需要会一点 Python，不需要懂 Kubernetes。从上到下依次运行各个单元格；同一格运行两遍也没关系。

# %%
from k8s_tutor import connect
t = connect()
t.lesson("pods")

# %% [markdown]
# The first line above says which cluster this is. The second says that the lesson has a **namespace** of its own: a
# part of the cluster where its names cannot clash with anybody else's. It starts empty, and you can empty it again
# with `t.reset()`.
#
# ## A program needs a place
#
# *You have a program: a small web server called podinfo. The cluster has several computers (**nodes**). How does your
# program get onto one of them?*
#
# > **Guess first.** What will you have to tell the cluster: which node to use? How to install the program? Which port
# > is free? Or less than that?
#
# <!-- zh 28729c03 -->
# 上面第一行说明这是哪个集群。第二行说明这一课有自己的**名字空间**（namespace）：集群里的一块地方，里面的名字不会和别人的冲突。它一开始是空的，你随时可以用 `t.reset()` 再把它清空。
#
# ## 程序需要一个地方
#
# *你有一个程序：一个叫 podinfo 的小型 Web 服务器。集群里有好几台计算机（**节点**，node）。程序怎么才能到其中一台上面去？*
#
# > **先猜一猜。** 你要告诉集群些什么：用哪个节点？怎么安装程序？哪个端口空着？还是不用说这么多？

# %%
t.apply("""
apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  containers:
  - name: podinfo
    image: ghcr.io/stefanprodan/podinfo:6.9.2
""")
t.wait("pod/web", "Ready")

# %% [markdown]
# Less. A description in four parts was enough:
#
# - `apiVersion` and `kind` say what sort of thing this is: a **Pod**, the smallest thing Kubernetes runs.
# - `metadata` gives it a name.
# - `spec` says what you want. Here: one **container**, a running program walled off from all others on its computer.
#   It is made from an **image**: the program, packed together with every file it needs. That is why nothing had to be
#   installed.
#
# A text like this is called a **manifest**. To *apply* it is to say: make it so.
#
# Not a word about the node. Somebody else chose one:
#
# <!-- zh 073c1840 -->
# 不用说这么多。一份由四个部分组成的描述就够了：
#
# - `apiVersion` 和 `kind` 说明这是哪一类东西：**Pod**，Kubernetes 运行的最小单位。
# - `metadata` 给它一个名字。
# - `spec` 说明你想要什么。这里是一个**容器**（container）：一个正在运行的程序，和这台计算机上的其他程序隔开。它由**镜像**（image）创建，镜像就是程序加上它需要的所有文件，打成一包。所以什么都不用安装。
#
# 这样的一段文本叫作**清单**（manifest）。*应用*（apply）一份清单，就是说：照这样办。
#
# 节点的事一个字也没提。是别人选好的：

# %%
t.kubectl("get pods -o wide")

# %% [markdown]
# `kubectl` is the command everybody uses to talk to a cluster, and its table is worth getting used to. Under `NODE`
# you see the computer that was chosen, under `IP` an address that belongs to this Pod alone. That is why you did not
# need a free port either: ten Pods on one node may all listen on port 9898, each at an address of its own.
#
# ## What a Pod is made of
#
# *What exactly was started: the container, or something around it?*
#
# <!-- zh d7a31e09 -->
# `kubectl` 是大家都用来和集群打交道的命令，它的表格值得看习惯。`NODE` 一列是被选中的计算机，`IP` 一列是只属于这个 Pod 的地址。所以你也不必找空闲的端口：同一个节点上的十个 Pod 可以都监听 9898 端口，因为它们各有各的地址。
#
# ## Pod 由什么组成
#
# *启动的到底是什么：是容器，还是套在容器外面的什么东西？*

# %%
t.graph("pod/web")

# %% [markdown]
# Something around it. The Pod has the address and the place on a node; the container inside has the image. One
# container to a Pod is the usual case; further down you will meet a Pod with two, and see why there is a wrapper at all.
#
# Everything the cluster knows about the Pod is in one object. Its `spec` is what you asked for, with the gaps filled
# in. Its `status` is how things really are. Among other things the status holds **conditions**, which are answers to
# yes-or-no questions:
#
# <!-- zh da02856d -->
# 是套在外面的东西。Pod 拥有地址，也拥有节点上的位置；里面的容器拥有镜像。一个 Pod 里放一个容器，这是最常见的情形；下面你会遇到一个有两个容器的 Pod，那时就会明白为什么要有这层外壳。
#
# 集群对这个 Pod 所知道的一切，都在一个对象里。它的 `spec`（规约）是你所要求的，空缺的地方已经补上。它的 `status`（状态）是实际的情形。状态里除了别的，还有**状况**（condition），也就是对一些是非题的回答：

# %%
for condition in t.get("pod/web")["status"]["conditions"]:
    print(condition["type"], condition["status"])

# %% [markdown]
# Read them from the bottom up. *PodScheduled*: does it have a node? *ContainersReady*: are its programs up? *Ready*:
# may requests be sent to it? That last one is what you waited for at the start, with `t.wait("pod/web", "Ready")`.
# The other two are about preparations: the address, and programs that run before the others.
#
# ### Your turn: a pod of your own
#
# Start a Pod called `hello` that runs the image `nginx:1.22`, a well-known web server. The container inside may have
# any name. (Instead of `t.apply("""…""")` you may write `%%apply` in the first line of a cell, and just the manifest
# below it.)
#
# <!-- zh 2f885c25 -->
# 从下往上读。*PodScheduled*：它有节点了吗？*ContainersReady*：它的程序都起来了吗？*Ready*：可以给它发请求了吗？一开始你用 `t.wait("pod/web", "Ready")` 等的，就是最后这一条。另外两条说的是准备工作：地址，以及必须先运行的那些程序。
#
# ### 轮到你了：自己的 Pod
#
# 启动一个叫 `hello` 的 Pod，运行镜像 `nginx:1.22`，这是一个很有名的 Web 服务器。里面的容器叫什么都行。（也可以不写 `t.apply("""…""")`，而是在单元格的第一行写 `%%apply`，下面只写清单。）

# %%
# Write your manifest here: t.apply(""" … """)

# %%
t.check("pods-1")

# %% [markdown]
# The check looks at the cluster, not at what you typed. If it says *not yet*, it also says why; `t.hint("pods-1")`
# helps a little, and a little more each time you ask. After a try of your own, `t.solution("pods-1")` shows one way.
#
# ## A life from beginning to end
#
# *A web server runs until somebody stops it. What becomes of a Pod whose program simply finishes?*
#
# First open a live picture of the namespace. It moves when something changes, so keep it in sight while you run the
# cells below it (in JupyterLab: right-click the picture, *Create New View for Output*).
#
# <!-- zh 73f0d95d -->
# 检查看的是集群，而不是你敲了什么。如果它说 *not yet*（还没完成），也会说明原因；`t.hint("pods-1")` 会给一点提示，每问一次，就多给一点。自己试过之后，`t.solution("pods-1")` 会给出一种做法。
#
# ## 从头到尾的一生
#
# *Web 服务器会一直运行，直到有人让它停下。如果一个程序自己运行完了，它的 Pod 会怎么样？*
#
# 先打开这个名字空间的实时图。一有变化它就会动，所以在运行下面的单元格时，让它留在看得见的地方（在 JupyterLab 里：右键点击这张图，选 *Create New View for Output*）。

# %%
t.watch()

# %% [markdown]
# > **Guess first.** The next Pod prints a line, sleeps three seconds, prints another line, and is done. Which states
# > will it pass through?
#
# <!-- zh 527c051d -->
# > **先猜一猜。** 下一个 Pod 打印一行，睡三秒，再打印一行，就结束了。它会经过哪些状态？

# %%
t.guess("pods-a")

# %%
with t.timeline("pod/count"):
    t.apply("""
apiVersion: v1
kind: Pod
metadata: {name: count}
spec:
  restartPolicy: Never
  containers:
  - {name: job, image: "busybox:1.35", command: [sh, -c, "echo one; sleep 3; echo two"]}
""")
    t.wait("pod/count", "Succeeded")

# %% [markdown]
# It went through four states, from left to right. Kubernetes counts three **phases** in a life like this:
#
# - **Pending**: known to the cluster, running nowhere yet. First it needs a node; then, on the node, the image is fetched
#   and the container set up. kubectl calls that second part `ContainerCreating`.
# - **Running**: at least one of its programs is running.
# - **Succeeded**: all its programs have ended, and ended well (exit code 0). kubectl shows `Completed`. Had one ended
#   badly, the Pod would be **Failed**.
#
# The Pod is not gone. It has ended, and it stays where it is, like a page that is written to the end, until somebody
# deletes it. That is what `restartPolicy: Never` was for: without it, Kubernetes takes any ending for an accident and
# starts the program again.
#
# ## What did it say?
#
# *Nobody sat watching the program. Where did its two lines go?*
#
# <!-- zh efe7adf0 -->
# 它从左到右经过了四种状态。对这样的一生，Kubernetes 分出三个**阶段**（phase）：
#
# - **Pending**（悬决）：集群已经知道它，但它还没有在任何地方运行。它先要有一个节点；然后要在那个节点上拉取镜像、准备容器。后面这一段，kubectl 显示为 `ContainerCreating`。
# - **Running**（运行中）：至少有一个程序正在运行。
# - **Succeeded**（成功）：所有程序都结束了，而且都正常结束（退出码为 0）。kubectl 显示为 `Completed`。只要有一个没有正常结束，这个 Pod 就是 **Failed**（失败）。
#
# Pod 还在。它已经结束，但还留在原处，像写完的一页纸，直到有人把它删除。`restartPolicy: Never` 就是为此写的：没有它，Kubernetes 会把任何一次结束都当成意外，再把程序启动起来。
#
# ## 它说了什么？
#
# *没有人守着这个程序。那两行到哪里去了？*

# %%
t.logs("pod/count")

# %% [markdown]
# The node keeps whatever a program prints as the container's **log**. It can be read for as long as the Pod exists. So
# programs that run in containers need no log files: they just print.
#
# ### Your turn: the answer
#
# Start a Pod called `answer` from the image `busybox:1.35` that prints `42`, ends, and stays ended.
#
# <!-- zh 393fa34a -->
# 程序打印的内容，节点都会保存下来，这就是容器的**日志**（log）。只要 Pod 还在，就能读到。所以在容器里运行的程序不需要日志文件：直接打印就行。
#
# ### 轮到你了：答案
#
# 用镜像 `busybox:1.35` 启动一个叫 `answer` 的 Pod，让它打印 `42`，然后结束，并且不再启动。

# %%
# Write your manifest here: t.apply(""" … """)

# %%
t.check("pods-2")

# %% [markdown]
# ## Two containers, one address
#
# *So why is there a wrapper around the container?*
#
# Some programs belong together: a web server and the little program that fetches its pages, an application and the
# helper that sends its logs elsewhere. They come from different images. Yet they should be in the same place, start
# together, and reach each other without looking far.
#
# > **Guess first.** The Pod below has two containers, `app` (the web server podinfo) and `shell` (which only sleeps,
# > so that you can run commands in it). At which address will `shell` find `app`?
#
# <!-- zh 13cdb3a0 -->
# ## 两个容器，一个地址
#
# *那么，为什么要在容器外面再套一层？*
#
# 有些程序是一起的：Web 服务器和替它取网页的小程序，应用和替它把日志送到别处的帮手。它们来自不同的镜像，却应该在同一个地方，一起启动，而且不用费力就能找到对方。
#
# > **先猜一猜。** 下面的 Pod 有两个容器：`app`（Web 服务器 podinfo）和 `shell`（它只是睡着，好让你在里面运行命令）。`shell` 在哪个地址能找到 `app`？

# %%
t.apply("""
apiVersion: v1
kind: Pod
metadata: {name: duo}
spec:
  containers:
  - {name: app, image: "ghcr.io/stefanprodan/podinfo:6.9.2"}
  - {name: shell, image: "busybox:1.35", command: [sleep, "3600"]}
""")
t.wait("pod/duo", "Ready")

# %% [markdown]
# `t.exec` runs a command inside a container. In `shell`, `wget` asks for a page and prints it:
#
# <!-- zh 6529b7b8 -->
# `t.exec` 在容器里运行一条命令。在 `shell` 里，`wget` 请求一个网页，并把它打印出来：

# %%
t.exec("pod/duo", "wget -qO- localhost:9898/healthz", container="shell")

# %% [markdown]
# At `localhost`, as if both were installed on the same computer. As far as the network goes, they are:
#
# <!-- zh 2c7128d4 -->
# 在 `localhost`，好像两个程序装在同一台计算机上一样。就网络来说，的确如此：

# %%
t.graph("pod/duo")

# %% [markdown]
# One Pod, one address, one set of ports, two programs from two images. The containers of a Pod share the network and
# the node; they start together and are deleted together. They do not share their files: `shell` has busybox's, `app`
# has podinfo's.
#
# One set of ports also means that only one of them can listen on a given port. You may run into that now.
#
# ### Your turn: somebody who asks
#
# Start a Pod called `pair` with two containers. `web` runs `nginx:1.22`. `reader` runs `busybox:1.35`, asks
# `localhost` for a page every few seconds, and prints what it gets.
#
# <!-- zh 40af1bf3 -->
# 一个 Pod，一个地址，一套端口，两个来自不同镜像的程序。同一个 Pod 的容器共享网络和节点，一起启动，一起被删除。文件则不共享：`shell` 里是 busybox 的文件，`app` 里是 podinfo 的文件。
#
# 只有一套端口，也就是说，同一个端口只能由其中一个容器监听。接下来你可能就会碰上这一点。
#
# ### 轮到你了：提问的那一个
#
# 启动一个叫 `pair` 的 Pod，里面有两个容器。`web` 运行 `nginx:1.22`。`reader` 运行 `busybox:1.35`，每隔几秒向 `localhost` 请求一次网页，并打印得到的内容。

# %%
# Write your manifest here: t.apply(""" … """)

# %%
t.check("pods-3")

# %% [markdown]
# ## Running is not ready
#
# *A program can run and still be in no state to answer: it is warming up, or has lost its database. How would
# Kubernetes know?*
#
# It can only ask. A **probe** is a question put to a container again and again; this one is an HTTP request to `/readyz`
# every two seconds:
#
# <!-- zh 541e802f -->
# ## 正在运行，不等于就绪
#
# *程序在运行，却可能没法回答：它还在预热，或者连不上数据库。Kubernetes 怎么会知道？*
#
# 它只能去问。**探针**（probe）就是一个反复向容器提出的问题；这里的问题是每两秒向 `/readyz` 发一个 HTTP 请求：

# %%
t.apply("""
apiVersion: v1
kind: Pod
metadata: {name: moody}
spec:
  containers:
  - name: app
    image: ghcr.io/stefanprodan/podinfo:6.9.2
    readinessProbe: {periodSeconds: 2, httpGet: {path: /readyz, port: 9898}}
  - {name: shell, image: "busybox:1.35", command: [sleep, "3600"]}
""")
t.wait("pod/moody", "Ready")

# %% [markdown]
# podinfo has a switch, made for lessons like this one: after a request to `/readyz/disable` it says "not now" (503).
#
# > **Guess first.** You throw the switch. How soon will anybody notice?
#
# <!-- zh 05c0c822 -->
# podinfo 有一个开关，就是为这样的课准备的：向 `/readyz/disable` 发一个请求之后，它就说“现在不行”（503）。
#
# > **先猜一猜。** 你拨动这个开关。过多久才会有人发觉？

# %%
t.guess("pods-b")

# %%
t.exec("pod/moody", "wget -qO- --post-data= localhost:9898/readyz/disable", container="shell")
t.wait("pod/moody", "Ready=False")
t.graph("pod/moody")

# %% [markdown]
# Neither stopped nor restarted. It runs on, with the same address; but the Pod is no longer *Ready*, and whatever
# passes requests on will leave it out. It took three bad answers in a row: one alone might be a hiccup. Good answers
# bring it back:
#
# <!-- zh 78985704 -->
# 既没有停掉，也没有重启。它继续运行，地址也没变；但这个 Pod 不再是 *Ready*，转发请求时都会绕开它。要连续三次得到坏的回答才算数：只有一次，可能只是打了个嗝。回答变好，它就回来了：

# %%
t.exec("pod/moody", "wget -qO- --post-data= localhost:9898/readyz/enable", container="shell")
t.wait("pod/moody", "Ready")

# %% [markdown]
# There are two more kinds of probe, written the same way. For a **livenessProbe**, three bad answers mean that the
# program is stuck, and its container is restarted. A **startupProbe** holds the other two back until a slow starter is
# up.
#
# ### Your turn: ready only when it says so
#
# Start a Pod called `shop` from `ghcr.io/stefanprodan/podinfo:6.9.2` that counts as ready only while `/readyz` on port
# 9898 gives good answers.
#
# <!-- zh 9d8bf1e4 -->
# 还有两种探针，写法相同。对 **livenessProbe**（存活探针）来说，三次坏的回答意味着程序卡住了，于是重启它的容器。**startupProbe**（启动探针）让另外两种探针先等着，直到启动慢的程序起来为止。
#
# ### 轮到你了：它说就绪，才算就绪
#
# 用 `ghcr.io/stefanprodan/podinfo:6.9.2` 启动一个叫 `shop` 的 Pod：只有当 9898 端口上的 `/readyz` 给出好的回答时，它才算就绪。

# %%
# Write your manifest here: t.apply(""" … """)

# %%
t.check("pods-4")

# %% [markdown]
# ## When it does not run
#
# Most of what goes wrong with Pods goes wrong in one of three ways. You will cause each of them once, so that you
# recognise them when you meet them again.
#
# *The first: somebody mistyped the image.*
#
# > **Guess first.** There is no `nginx:1.222`.
#
# <!-- zh 55d43d33 -->
# ## 运行不起来的时候
#
# Pod 出的问题，大多就是三种。每一种你都亲手制造一次，以后遇到就认得了。
#
# *第一种：有人把镜像写错了。*
#
# > **先猜一猜。** 没有 `nginx:1.222` 这个镜像。

# %%
t.guess("pods-c")

# %%
t.apply("""
apiVersion: v1
kind: Pod
metadata: {name: typo}
spec:
  containers:
  - {name: web, image: "nginx:1.222"}
""")
t.wait("pod/typo", "ImagePullBackOff", timeout=120)

# %% [markdown]
# It was accepted. Whether an image exists comes to light only when a node tries to fetch it. What the node found is
# written down in **events**: short messages about an object, from everything that works on it.
#
# <!-- zh 452a1e02 -->
# 它被接受了。镜像存不存在，要等节点去拉取时才知道。节点发现了什么，都写在**事件**（event）里：处理这个对象的各方，各自留下的简短消息。

# %%
t.events("pod/typo")

# %% [markdown]
# Read from top to bottom. The scheduler chose a node. The node's **kubelet**, the program that runs Pods there, tried
# to pull the image and could not (`ErrImagePull`). So it waits a little longer before each new try, and calls that
# `ImagePullBackOff`. It will go on trying: correct the image, and the Pod starts. The image is one of the few things
# about a Pod that may still be changed once it exists.
#
# *The second: a request that fits nowhere.* A container may say how much processor time and memory it needs. This one
# asks for a tebibyte:
#
# <!-- zh 53512bdd -->
# 从上往下读。调度器选了一个节点。那个节点上的 **kubelet**，也就是在节点上运行 Pod 的程序，去拉取镜像，没有成功（`ErrImagePull`）。于是它每次重试之前都等得更久一点，这就叫 `ImagePullBackOff`。它会一直试下去：把镜像改对，Pod 就会启动。Pod 创建之后还能改的东西不多，镜像是其中之一。
#
# *第二种：哪里都放不下的请求。* 容器可以说明自己需要多少处理器时间和内存。下面这个要 1 TiB 的内存：

# %%
t.apply("""
apiVersion: v1
kind: Pod
metadata: {name: huge}
spec:
  containers:
  - {name: web, image: "nginx:1.22", resources: {requests: {memory: 1Ti}}}
""")
t.wait("pod/huge", "Unschedulable")

# %%
t.events("pod/huge")

# %% [markdown]
# One message, from the scheduler, and it is a complete answer: three nodes were considered. One is the control plane,
# whose **taint** keeps ordinary Pods away. Two do not have enough memory. And throwing others out (*preemption*) would
# not help. Nothing is started, nothing fails: the Pod stays Pending until a node with room turns up.
#
# *The third: the program starts and falls over.*
#
# > **Guess first.** The command below has a typo, `slep`. The shell prints `starting` and then cannot go on.
#
# <!-- zh c9c096bf -->
# 只有一条消息，来自调度器，但已经把话说全了：它考虑了三个节点。一个是控制平面，它的**污点**（taint）不让普通的 Pod 上来。两个内存不够。把别的 Pod 赶走（*抢占*，preemption）也无济于事。什么都没有启动，也什么都没有失败：Pod 会一直停在 Pending，直到出现一个放得下它的节点。
#
# *第三种：程序启动了，又倒下。*
#
# > **先猜一猜。** 下面的命令有一处拼写错误：`slep`。Shell 打印出 `starting`，然后就走不下去了。

# %%
t.guess("pods-d")

# %%
t.apply("""
apiVersion: v1
kind: Pod
metadata: {name: crash}
spec:
  containers:
  - {name: job, image: "busybox:1.35", command: [sh, -c, "echo starting; slep 5"]}
""")
t.wait("pod/crash", "CrashLoopBackOff")
t.graph("pod/crash")

# %% [markdown]
# Again and again. Kubernetes restarts what ends (remember `restartPolicy`): at once the first time, then after 10
# seconds, 20, 40, and so on up to five minutes. That waiting is `CrashLoopBackOff`. It is not a cause: it says that
# the program keeps ending. The cause is in what the program said last:
#
# <!-- zh 6692a2c7 -->
# 一次又一次。Kubernetes 会重启结束了的程序（还记得 `restartPolicy` 吗）：第一次立即重启，然后等 10 秒、20 秒、40 秒，这样加上去，最长五分钟。这种等待就是 `CrashLoopBackOff`。它不是原因：它只说明程序总是结束。原因在程序最后说的话里：

# %%
t.logs("pod/crash")

# %% [markdown]
# So, when a Pod does not run, look in this order:
#
# | `kubectl get pods` says | it means | the cause is in |
# |---|---|---|
# | `Pending` | no node has taken it | `t.events`: the scheduler's message |
# | `ErrImagePull`, `ImagePullBackOff` | the image cannot be fetched | `t.events`: the kubelet's message; the image's name |
# | `Error`, `CrashLoopBackOff` | the program starts, and ends | `t.logs`, also with `previous=True` |
# | `Running`, but `0/1` ready | it runs, and its readiness probe gets bad answers | `t.events`: what the probe got |
#
# ### Your turn: the cold oven
#
# Somebody started a Pod called `oven` and went home. The next cell brings it here and says what to do; run it again
# whenever you want to start over.
#
# <!-- zh 26167a09 -->
# 所以，Pod 运行不起来的时候，按这个顺序看：
#
# | `kubectl get pods` 显示 | 意思是 | 原因在哪里 |
# |---|---|---|
# | `Pending` | 还没有节点接收它 | `t.events`：调度器的消息 |
# | `ErrImagePull`、`ImagePullBackOff` | 镜像拉取不到 | `t.events`：kubelet 的消息；镜像的名字 |
# | `Error`、`CrashLoopBackOff` | 程序启动了，又结束了 | `t.logs`，也可以加上 `previous=True` |
# | `Running`，但 `0/1` 就绪 | 程序在运行，但就绪探针得到坏的回答 | `t.events`：探针得到了什么 |
#
# ### 轮到你了：冷掉的烤箱
#
# 有人启动了一个叫 `oven` 的 Pod，就下班回家了。下一个单元格把它带到这里，并说明要做什么；想重新开始时，再运行一次即可。

# %%
t.exercise("pods-5")

# %%
# Look, think, mend.

# %%
t.check("pods-5")

# %% [markdown]
# ### Your turn: a request that fits
#
# Another one that somebody left behind:
#
# <!-- zh d18cdc16 -->
# ### 轮到你了：放得下的请求
#
# 又是一个别人丢下的 Pod：

# %%
t.exercise("pods-6")

# %%
# Look, think, mend.

# %%
t.check("pods-6")

# %% [markdown]
# ## Nobody brings it back
#
# *Kubernetes restarts containers that end. Does it look after your Pods as well?*
#
# > **Guess first.** You delete `web`.
#
# <!-- zh a02c6152 -->
# ## 没有人把它带回来
#
# *容器结束了，Kubernetes 会重启它。那么，Pod 它也照看吗？*
#
# > **先猜一猜。** 你删除 `web`。

# %%
t.guess("pods-e")

# %%
t.delete("pod/web")
t.graph("pod/web")

# %% [markdown]
# Nothing. The Pod was asked to end, given time to do so, and removed. Its address and its log went with it. A
# container that ends is restarted *inside its Pod*, by the kubelet of its node. Nobody does the same for the Pod
# itself: if it is deleted, or if its node breaks down, it is simply gone.
#
# That is why hardly anybody starts Pods by hand. Instead you say how many there should be, and leave it to something
# that counts them and makes new ones. You meet it in the next lesson.
#
# ## What you have seen
#
# - A **Pod** is the smallest thing Kubernetes runs: one or more **containers** that share an address and a node.
# - You write down what you want (`spec`), the cluster says how things are (`status`), and its **events** say how it
#   got there.
# - A Pod lives once: Pending, Running, then Succeeded or Failed. It never moves to another node and never comes back.
# - Running and Ready are two different things; a **readiness probe** tells them apart.
# - `get` for the state, `events` for the cluster's side of the story, `logs` for the program's.
#
# **Read on** in the official documentation: [Pods](https://kubernetes.io/docs/concepts/workloads/pods/),
# [Pod lifecycle](https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/),
# [probes](https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/),
# [requests and limits](https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/),
# [debugging Pods](https://kubernetes.io/docs/tasks/debug/debug-application/debug-pods/).
#
# The last cell removes everything this lesson has made.
#
# <!-- zh a031d5b2 -->
# 什么都没有。系统请这个 Pod 结束，给它时间收尾，然后把它移除。它的地址和日志也跟着没了。容器结束了，节点上的 kubelet 会*在它的 Pod 里*重启它。Pod 本身却没有人这样照看：它被删除，或者它的节点坏了，它就没了。
#
# 所以，几乎没有人手动启动 Pod。你只说应该有多少个，剩下的交给一个会数数、会补齐的东西。下一课你就会遇到它。
#
# ## 你看到了什么
#
# - **Pod** 是 Kubernetes 运行的最小单位：一个或几个**容器**，共享一个地址和一个节点。
# - 你写下想要什么（`spec`），集群说出实际怎样（`status`），**事件**说出是怎么走到这一步的。
# - Pod 只活一次：Pending，Running，然后 Succeeded 或 Failed。它从不搬到另一个节点，也从不回来。
# - 正在运行和就绪是两回事；把它们区分开的是**就绪探针**（readiness probe）。
# - 看状态用 `get`，看集群这一边的经过用 `events`，看程序那一边的经过用 `logs`。
#
# **继续阅读**官方文档：[Pod](https://kubernetes.io/zh-cn/docs/concepts/workloads/pods/)、[Pod 的生命周期](https://kubernetes.io/zh-cn/docs/concepts/workloads/pods/pod-lifecycle/)、[探针](https://kubernetes.io/zh-cn/docs/concepts/configuration/liveness-readiness-startup-probes/)、[请求和限制](https://kubernetes.io/zh-cn/docs/concepts/configuration/manage-resources-containers/)、[调试 Pod](https://kubernetes.io/zh-cn/docs/tasks/debug/debug-application/debug-pods/)。
#
# 最后一个单元格会删除这一课创建的所有东西。

# %%
t.leave()
