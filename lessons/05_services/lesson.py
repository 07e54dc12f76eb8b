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
# # Services
#
# Pods come and go, and their addresses come and go with them. In this lesson you give a group of Pods one name that
# stays, find out how Kubernetes keeps track of who is behind it, and mend three Services that lead nowhere.
#
# By the end you can
#
# - give Pods a name and an address that outlive them,
# - say how a Service knows its Pods: labels, a selector, EndpointSlices,
# - look a name up, and predict who will answer it,
# - choose between a cluster address, a node port and a headless Service,
# - find out why a Service leads nowhere.
#
# It takes about 40 minutes. You should know what a Pod is and what it means for one to be *ready*
# ([lesson 1](01_pods.ipynb)). Run the cells from top to bottom; running one twice does no harm.
#
# <!-- zh 6cb717da -->
# # Service
#
# Pod 来来去去，它们的地址也跟着来来去去。在这一课里，你给一组 Pod 一个不变的名字，弄清楚 Kubernetes 怎么知道名字背后有谁，再修好三个走不通的 Service。
#
# 学完这一课，你能够
#
# - 给 Pod 一个名字和一个地址，比 Pod 自己活得更久，
# - 说出 Service 怎么认得自己的 Pod：标签、选择算符、端点切片，
# - 查询一个名字，并预言谁会来回答，
# - 在集群地址、节点端口和无头服务之间做出选择，
# - 找出一个 Service 为什么走不通。
#
# 大约需要 40 分钟。你应该知道 Pod 是什么，以及一个 Pod *就绪*是什么意思（[第 1 课](01_pods.ipynb)）。从上到下依次运行各个单元格；同一格运行两遍也没关系。

# %%
from k8s_tutor import connect
t = connect()
t.lesson("services")

# %% [markdown]
# ## An address that does not last
#
# *One web server is not enough, so you start three of the same kind. Somebody wants a page. Which address should they
# ask?*
#
# Here are the three. They differ only in name, so one manifest will do. Each carries a **label** that says what it is:
# `app: web`. You choose the words of a label, and by itself it does nothing.
#
# <!-- zh 9742796b -->
# ## 靠不住的地址
#
# *一个 Web 服务器不够用，于是你启动了三个一样的。有人想要一个网页，该去问哪个地址？*
#
# 就是这三个。它们只有名字不同，所以一份清单就够了。每一个都带着一个**标签**（label），说明自己是什么：`app: web`。标签写什么由你决定，它本身什么也不做。

# %%
pod = """
apiVersion: v1
kind: Pod
metadata: {name: NAME, labels: {app: web}}
spec:
  containers:
  - name: app
    image: ghcr.io/stefanprodan/podinfo:6.9.2
    readinessProbe: {periodSeconds: 1, httpGet: {path: /readyz, port: 9898}}
"""
for name in ["web-1", "web-2", "web-3"]:
    t.apply(pod.replace("NAME", name))

# %%
for name in ["web-1", "web-2", "web-3"]:
    t.wait(f"pod/{name}", "Ready")
t.kubectl("get pods -o wide")

# %% [markdown]
# Three Pods, three addresses. You could write one of them down and use that.
#
# > **Guess first.** Pod `web-1` is deleted and started again from the same manifest.
#
# <!-- zh 7a1d5efd -->
# 三个 Pod，三个地址。你可以记下其中一个，就用它。
#
# > **先猜一猜。** 删除 Pod `web-1`，再用同一份清单启动它。

# %%
t.guess("services-a")

# %% tags=["words"]
before = t.get("pod/web-1")["status"]["podIP"]
t.delete("pod/web-1")
t.apply(pod.replace("NAME", "web-1"))
t.wait("pod/web-1", "Ready")
print("It was at", before, "and is now at", t.get("pod/web-1")["status"]["podIP"])

# %% [markdown]
# The name is the same, the manifest is the same, and still it is another Pod, with another address. Whoever wrote down
# the old one now asks nobody, or worse: whichever Pod gets that address next. And Pods are replaced all the time: with
# each new version, with each node that breaks down.
#
# ## A name that stays
#
# *So how does anyone find "the web"?*
#
# By asking something that stays while Pods come and go. It is called a **Service**:
#
# <!-- zh 0ccc05d2 -->
# 名字一样，清单一样，却还是另一个 Pod，地址也变了。谁要是记着旧地址，现在就没有人回答他；更糟的是，回答他的是下一个分到这个地址的 Pod。而 Pod 随时都在被替换：每发布一个新版本，每坏掉一个节点，都是如此。
#
# ## 一个不变的名字
#
# *那么，别人要怎么找到“那个网站”？*
#
# 去问一个不会随着 Pod 来去的东西。它叫作 **Service**（服务）：

# %%
t.apply("""
apiVersion: v1
kind: Service
metadata: {name: web}
spec:
  selector: {app: web}
  ports: [{port: 80, targetPort: 9898}]
""")
t.wait("service/web", "3 ready pods")
t.graph("service/web")

# %% [markdown]
# Three lines in the picture, though you have not named a single Pod. A Service says *which label* it wants: that is
# its **selector**. Every Pod that has the label is meant. The rest is about ports: clients
# send their requests to `port` 80, as usual with web servers; those are passed on to `targetPort` 9898, where podinfo
# listens.
#
# To try it, you need a client inside the cluster. This Pod only sleeps, so that you can run commands in it:
#
# <!-- zh e61f6733 -->
# 图里有三条线，而你一个 Pod 的名字也没写。Service 只说*要哪个标签*：这就是它的**选择算符**（selector）。凡是带着这个标签的 Pod，都算在内。其余的是端口：客户端把请求发到 `port`，也就是 80，Web 服务器一向如此；请求再转发到 `targetPort`，也就是 9898，podinfo 就在那里监听。
#
# 要试一试，你需要一个在集群里面的客户端。下面这个 Pod 只是睡着，好让你在里面运行命令：

# %%
t.apply("""
apiVersion: v1
kind: Pod
metadata: {name: client}
spec:
  containers:
  - {name: shell, image: "busybox:1.35", command: [sleep, "86400"]}
""")
t.wait("pod/client", "Ready")
t.exec("pod/client", "wget -qO- http://web/healthz")

# %% [markdown]
# `http://web`: that is the name of the Service, and no address at all. And somebody answered. podinfo's front page
# says which Pod it comes from, in a line with the word `hostname`.
#
# > **Guess first.** The client asks thirty times in a row. Who will answer: always the same Pod? All three in turn? Any of
# > them?
#
# <!-- zh adf74ac6 -->
# `http://web`：这是 Service 的名字，里面根本没有地址。可是有人回答了。podinfo 的首页会说它来自哪个 Pod，就在带有 `hostname` 的那一行。
#
# > **先猜一猜。** 客户端连问三十次。谁来回答：总是同一个 Pod？三个轮着来？还是随便哪一个？

# %%
ask = "for i in $(seq 30); do wget -qO- http://web | grep hostname; done | sort | uniq"
t.exec("pod/client", ["sh", "-c", ask])

# %% [markdown]
# All three. For each connection one of them is drawn by lot, and the client notices nothing. (`sort | uniq` keeps only
# one of several equal lines; how often each Pod was drawn is different every time.)
#
# So a Service is two things in one: a name that stays, and a fair way to share the work.
#
# ### Your turn: a name for the books
#
# The next cell starts two Pods and says what to do; run it again whenever you want to start over.
#
# <!-- zh 89ec7a0b -->
# 三个都有。每来一个连接，就从中随机抽一个；客户端一点也察觉不到。（`sort | uniq` 把相同的几行合并成一行；每个 Pod 各抽中几次，每回都不一样。）
#
# 所以 Service 一身兼两职：一个不变的名字，和一种公平的分工。
#
# ### 轮到你了：给书店一个名字
#
# 下一个单元格会启动两个 Pod，并说明要做什么；想重新开始时，再运行一次即可。

# %%
t.exercise("services-1")

# %%
# Write your manifest here: t.apply(""" … """)

# %%
t.check("services-1")

# %% [markdown]
# If it says *not yet*, it also says why; `t.hint("services-1")` helps a little, and a little more each time you ask.
#
# ## Who keeps the list?
#
# *The Service knows a label. Requests need addresses. Who turns the one into the other, and when?*
#
# A controller in the cluster does nothing else. It looks for Pods that match, and writes their addresses into an
# object that you can read like any other, an **EndpointSlice**:
#
# <!-- zh 1b0b8f0e -->
# 如果它说 *not yet*（还没完成），也会说明原因；`t.hint("services-1")` 会给一点提示，每问一次，就多给一点。
#
# ## 名单由谁维护？
#
# *Service 知道的是标签，请求需要的是地址。谁把前者变成后者，在什么时候？*
#
# 集群里有一个控制器专做这件事。它寻找符合条件的 Pod，把它们的地址写进一个对象，这个对象你可以像别的对象一样读，叫作**端点切片**（EndpointSlice）：

# %%
t.kubectl("get endpointslices -l kubernetes.io/service-name=web")

# %% [markdown]
# There they are: the three addresses of this moment, and the port. (It is called a *slice* because the list of a
# Service with very many Pods is cut into several.)
#
# > **Guess first.** You start a fourth Pod with the label, and delete `web-2`. Who has to be told?
#
# <!-- zh 73149773 -->
# 就是这些：此刻的三个地址，还有端口。（之所以叫*切片*，是因为 Pod 特别多的 Service，名单会被切成几片。）
#
# > **先猜一猜。** 你启动带着这个标签的第四个 Pod，并删除 `web-2`。要通知谁？

# %%
t.apply(pod.replace("NAME", "web-4"))
t.delete("pod/web-2")
t.wait("service/web", "3 ready pods")
t.graph("service/web", lens="endpoints")

# %% [markdown]
# Nobody. The Service itself was not touched; the list behind it was rewritten as soon as the labels said so. This
# picture shows the list too: the Service has an EndpointSlice, and the slice names the Pods.
#
# It works the other way, too. Change the label of a Pod, and it drops off the list, though it runs on:
#
# <!-- zh 3c0039b2 -->
# 谁也不用通知。Service 本身没有人动过；标签一变，它背后的名单就重写了。这张图把名单也画了出来：Service 有一个端点切片，切片列出 Pod。
#
# 反过来也一样。改掉一个 Pod 的标签，它就从名单上消失，虽然它还在运行：

# %%
t.kubectl("label pod web-3 app=resting --overwrite")
t.wait("service/web", "2 ready pods")
t.graph("service/web")

# %%
t.kubectl("get pod web-3 --show-labels")

# %% [markdown]
# `web-3` is still there, with its address and its log, and gets no more requests. That is a handy way to take a Pod that
# behaves oddly out of the traffic and look at it in peace. Now put it back:
#
# <!-- zh fad960ba -->
# `web-3` 还在，地址和日志也都在，只是不再收到请求。如果一个 Pod 行为异常，用这个办法就能方便地把它从流量里摘出来，慢慢查看。现在把它放回去：

# %%
t.kubectl("label pod web-3 app=web --overwrite")
t.wait("service/web", "3 ready pods")

# %% [markdown]
# ## How is the name found?
#
# *The client asked for* `web`. *Who told it where that is?*
#
# The same system that tells every program on the internet where a name leads: **DNS**, the domain name system. The
# cluster has a DNS server of its own, and every Service gets a name there. In full, that name is longer than `web`:
#
# <!-- zh 63f773aa -->
# ## 名字是怎么找到的？
#
# *客户端请求的是* `web`。*是谁告诉它那在哪里？*
#
# 互联网上每个程序都靠同一个系统知道一个名字指向哪里：**DNS**，域名系统。集群有自己的 DNS 服务器，每个 Service 在那里都有一个名字。完整的名字比 `web` 长：

# %%
t.exec("pod/client", f"nslookup -type=a web.{t.namespace}.svc.cluster.local")

# %% [markdown]
# The first two lines say who was asked, the others what the answer was. Read the name from the right: in this cluster
# (`cluster.local`), among the Services (`svc`), in the namespace `lesson-services`, the one called `web`. Within its
# own namespace `web` is enough; from another namespace it is `web.lesson-services`.
#
# > **Guess first.** The answer is one address.
#
# <!-- zh 64fedd68 -->
# 前两行说的是问了谁，其余各行是得到的回答。名字要从右往左读：在这个集群里（`cluster.local`），在众多 Service 当中（`svc`），在名字空间 `lesson-services` 里，叫作 `web` 的那一个。在它自己的名字空间里，写 `web` 就够了；从别的名字空间来，要写 `web.lesson-services`。
#
# > **先猜一猜。** 回答是一个地址。

# %%
t.guess("services-b")

# %%
t.kubectl("get service web")

# %% [markdown]
# You find it under `CLUSTER-IP`: it is the Service's own. And it belongs to no computer at all. Every node has a rule
# for it, *what is sent to this address goes to one of those Pods*, and applies the rule whenever one of its own Pods
# sends something there. The program that keeps those rules up to date on each node is called **kube-proxy**; it reads
# the EndpointSlices.
#
# So the whole way is: name → DNS → the Service's address → kube-proxy → one of the addresses in the EndpointSlice.
#
# ## Ready, and not ready
#
# *A Pod can run and still be in no state to answer. Does the Service still send it requests?*
#
# podinfo has a switch for that: after a request to `/readyz/disable` it tells its readiness probe "not now" (503).
#
# > **Guess first.** You throw the switch in `web-3`.
#
# <!-- zh 22f9b745 -->
# 它就在 `CLUSTER-IP` 那一列：是 Service 自己的地址。而且它不属于任何一台计算机。每个节点都有一条关于它的规则：*发往这个地址的，转给那些 Pod 中的一个*。只要自己的某个 Pod 往那里发东西，节点就照这条规则办。在每个节点上维护这些规则的程序叫作 **kube-proxy**，它读的就是端点切片。
#
# 所以整条路是：名字 → DNS → Service 的地址 → kube-proxy → 端点切片里的某个地址。
#
# ## 就绪，和未就绪
#
# *Pod 在运行，却可能没法回答。Service 还会把请求发给它吗？*
#
# podinfo 有一个这样的开关：向 `/readyz/disable` 发一个请求之后，它就对自己的就绪探针说“现在不行”（503）。
#
# > **先猜一猜。** 你在 `web-3` 里拨动这个开关。

# %%
t.guess("services-c")

# %%
address = t.get("pod/web-3")["status"]["podIP"]
t.exec("pod/client", f"wget -qO- --post-data= http://{address}:9898/readyz/disable")
t.wait("pod/web-3", "Ready=False")
t.wait("service/web", "2 ready pods")
t.graph("service/web")

# %% [markdown]
# Three, and one of them is cut. `web-3` has the label, so it is still meant, and the EndpointSlice still lists it. But
# the list also says *not ready*, and the line says why: the readiness probe got 503. Nobody removed it; it has excused
# itself. Do the others really stand in for it?
#
# <!-- zh 25a0073a -->
# 三条，其中一条断了。`web-3` 带着这个标签，所以仍然算在内，端点切片也仍然列着它。但名单上还写着*未就绪*，线上也写明了原因：就绪探针得到 503。没有人把它移走，是它自己请了假。其他 Pod 真的替它回答吗？

# %%
t.exec("pod/client", ["sh", "-c", ask])

# %% [markdown]
# They do. And it comes back by itself, the moment its probe gets good answers again:
#
# <!-- zh 26dd0abd -->
# 真的。而且只要它的探针又得到好的回答，它就自己回来：

# %%
t.exec("pod/client", f"wget -qO- --post-data= http://{address}:9898/readyz/enable")
t.wait("service/web", "3 ready pods")

# %% [markdown]
# This is what readiness probes are for. A Pod that is starting, or overloaded, or about to be deleted, is left out, and no client
# ever sees it fail.
#
# ## Other ways in
#
# *The Service's address works inside the cluster. What about somebody outside?*
#
# Leave out the `type` of a Service, as you have done so far, and it is a **ClusterIP**: an address for the inside. A
# **NodePort** is that and more: a port is opened on *every* node.
#
# <!-- zh 41697674 -->
# 就绪探针就是做这个用的。一个 Pod 正在启动、过载，或者快要被删除，请求就绕开它，没有哪个客户端会看到它出错。
#
# ## 别的入口
#
# *Service 的地址在集群里面能用。外面的人怎么办？*
#
# 不写 Service 的 `type`，就像你到现在为止做的那样，它就是 **ClusterIP**：一个供内部使用的地址。**NodePort** 在此之外还多一样：*每个*节点上都打开一个端口。

# %%
t.apply("""
apiVersion: v1
kind: Service
metadata: {name: web-outside}
spec:
  type: NodePort
  selector: {app: web}
  ports: [{port: 80, targetPort: 9898}]
""")
t.wait("service/web-outside", "3 ready pods")
t.kubectl("get services")

# %% [markdown]
# `80:3…/TCP` says: port 80 at its cluster address, and that other number, between 30000 and 32767, at the address of
# every node. Two Services lead to the same Pods now, which is fine: any number of selectors may name the same label.
#
# > **Guess first.** None of the three Pods runs on the control plane. Will the port answer there, too?
#
# <!-- zh 03992859 -->
# `80:3…/TCP` 的意思是：在它的集群地址上是 80 端口，在每个节点的地址上，则是另一个数字，介于 30000 和 32767 之间。现在有两个 Service 通向同样的 Pod，这没有问题：同一个标签，可以写在任意多个选择算符里。
#
# > **先猜一猜。** 三个 Pod 没有一个运行在控制平面上。那里的端口也会有回答吗？

# %%
node = t.objects("nodes")[0]["status"]["addresses"][0]["address"]
port = t.get("service/web-outside")["spec"]["ports"][0]["nodePort"]
t.exec("pod/client", f"wget -qO- http://{node}:{port}/healthz")

# %% [markdown]
# It does: kube-proxy runs there too, and passes the request on to a Pod on another node. (The client asked from
# inside; a request from outside goes the same way. Whether *you* can reach the nodes from your own computer depends on
# the network between you and them.) Still, an odd port on any of several computers is no address to give to people.
# How a Service gets a good one is the next lesson.
#
# Sometimes one address for all is the wrong thing. The members of a database are not alike, and a client wants to choose.
# That is what a **headless** Service is for:
#
# <!-- zh b81c0044 -->
# 有。kube-proxy 在那里也运行着，它把请求转给另一个节点上的 Pod。（客户端是从里面问的；从外面来的请求走的也是同一条路。*你*能不能从自己的计算机连到这些节点，取决于你和它们之间的网络。）不过，几台计算机里随便一台上的一个奇怪端口，实在不是一个能交给别人用的地址。Service 怎么得到一个好地址，是下一课的内容。
#
# 有时候，大家共用一个地址反而不对。数据库的各个成员并不一样，客户端想自己挑选。这时就要用**无头**（headless）Service：

# %%
t.apply("""
apiVersion: v1
kind: Service
metadata: {name: web-direct}
spec:
  clusterIP: None
  selector: {app: web}
""")
t.wait("service/web-direct", "3 ready pods")
t.exec("pod/client", f"nslookup -type=a web-direct.{t.namespace}.svc.cluster.local")

# %% [markdown]
# No address of its own, and no kube-proxy in between: the name gives the addresses of all ready Pods, and the client
# takes its pick. Ports are not translated either: here, clients use podinfo's own, 9898.
#
# | | address of its own | answers at | for |
# |---|---|---|---|
# | ClusterIP (the default) | yes | its address, inside the cluster | programs in the cluster |
# | NodePort | yes | the same, and a port on every node | trying things out; a building block of other ways in |
# | headless (`clusterIP: None`) | no | the Pods themselves | clients that want to choose |
#
# ### Your turn: every voice by itself
#
# <!-- zh 56dab8b7 -->
# 它没有自己的地址，中间也没有 kube-proxy：这个名字直接给出所有就绪 Pod 的地址，由客户端自己挑。端口也不再转换：在这里，客户端要用 podinfo 自己的端口 9898。
#
# | | 自己的地址 | 在哪里回答 | 适合 |
# |---|---|---|---|
# | ClusterIP（默认） | 有 | 它的地址，在集群里面 | 集群里的程序 |
# | NodePort | 有 | 同上，再加每个节点上的一个端口 | 试验；也是其他入口的基石 |
# | 无头（`clusterIP: None`） | 没有 | Pod 自己 | 想自己挑选的客户端 |
#
# ### 轮到你了：每个声部都听得见

# %%
t.exercise("services-2")

# %%
# Change the Service here.

# %%
t.check("services-2")

# %% [markdown]
# ## Why is there no line?
#
# *The name is there, and nobody answers. Where do you look?*
#
# You have seen the whole way, so walk along it and stop at the first thing that is not as it should be:
#
# | ask | look at | if not |
# |---|---|---|
# | Does any Pod have the label? | `t.graph("service/…")`; `kubectl get pods --show-labels` | selector and label differ |
# | Is any of those ready? | the cut lines; `t.events("pod/…")` | the readiness probe gets bad answers |
# | Does anything listen on that port? | `targetPort`, and what the container does | the right Pods, the wrong port |
#
# The last one is the meanest, because the lines in the picture are all there. A line says that requests are sent that
# way, not that anything listens at its end. To see that, send some. `t.traffic` has a client of its own ask a few
# times, and draws what became of each request:
#
# <!-- zh 20faa733 -->
# ## 为什么没有连线？
#
# *名字在，却没有人回答。该看哪里？*
#
# 整条路你都见过了。沿着它走一遍，第一个不对劲的地方，就停下来：
#
# | 问 | 看哪里 | 如果不是 |
# |---|---|---|
# | 有 Pod 带着这个标签吗？ | `t.graph("service/…")`；`kubectl get pods --show-labels` | 选择算符和标签对不上 |
# | 其中有就绪的吗？ | 断开的线；`t.events("pod/…")` | 就绪探针得到坏的回答 |
# | 那个端口上有程序在监听吗？ | `targetPort`，以及容器在做什么 | Pod 对了，端口不对 |
#
# 最后一种最难缠，因为图里的线一条也不少。线只表示请求往那边发，不表示那一头有程序在监听。要看出这一点，就发几个请求。`t.traffic` 用自己的客户端问上几次，再把每个请求的结果画出来：

# %%
t.traffic("service/web", requests=40)

# %% [markdown]
# Every request was answered, and each Pod did its share. Remember what that looks like. The next three Services were
# left behind by somebody who went home, and none of them looks like that.
#
# ### Your turn: the shop without a door
#
# <!-- zh 75caa4f1 -->
# 每个请求都得到了回答，每个 Pod 都出了一份力。记住这个样子。接下来的三个 Service，是有人下班回家时丢下的，没有一个是这个样子。
#
# ### 轮到你了：没有门的商店

# %%
t.exercise("services-3")

# %%
# Look, think, mend.

# %%
t.check("services-3")

# %% [markdown]
# ### Your turn: the bakery that does not answer
#
# <!-- zh 036826ca -->
# ### 轮到你了：不应门的面包店

# %%
t.exercise("services-4")

# %%
# Look, think, mend.

# %%
t.check("services-4")

# %% [markdown]
# ### Your turn: the clinic that is always closed
#
# <!-- zh 8776f2ef -->
# ### 轮到你了：总是关门的诊所

# %%
t.exercise("services-5")

# %%
# Look, think, mend.

# %%
t.check("services-5")

# %% [markdown]
# ## What you have seen
#
# - A Pod's address lasts as long as the Pod. A **Service** is a name and an address that stay.
# - It finds Pods by their **labels**. Its **EndpointSlices** say which Pods those are right now; a controller keeps
#   them up to date.
# - **DNS** turns the name into the Service's address, and **kube-proxy** on every node turns that into one of the ready Pods.
# - A Pod that is **not ready** stays on the list and gets no requests.
# - **ClusterIP** for the inside, **NodePort** for a port on every node, **headless** for the Pods' own addresses.
# - No answer? Label, readiness, port: in that order.
#
# **Read on** in the official documentation:
# [Service](https://kubernetes.io/docs/concepts/services-networking/service/),
# [EndpointSlices](https://kubernetes.io/docs/concepts/services-networking/endpoint-slices/),
# [DNS for Services and Pods](https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/),
# [labels and selectors](https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/),
# [virtual IPs and kube-proxy](https://kubernetes.io/docs/reference/networking/virtual-ips/),
# [debugging Services](https://kubernetes.io/docs/tasks/debug/debug-application/debug-service/).
#
# The last cell removes everything this lesson has made.
#
# <!-- zh 189443b6 -->
# ## 你看到了什么
#
# - Pod 的地址和 Pod 活得一样久。**Service** 是不变的名字和不变的地址。
# - 它靠**标签**找到 Pod。此刻是哪些 Pod，写在它的**端点切片**里，由一个控制器随时更新。
# - **DNS** 把名字变成 Service 的地址，每个节点上的 **kube-proxy** 再把这个地址变成某个就绪的 Pod。
# - **未就绪**的 Pod 仍在名单上，但收不到请求。
# - 供内部使用的 **ClusterIP**，在每个节点上开一个端口的 **NodePort**，给出 Pod 自己地址的**无头** Service。
# - 没有回答？标签、就绪、端口：就按这个顺序查。
#
# **继续阅读**官方文档：[Service](https://kubernetes.io/zh-cn/docs/concepts/services-networking/service/)、[端点切片](https://kubernetes.io/zh-cn/docs/concepts/services-networking/endpoint-slices/)、[Service 与 Pod 的 DNS](https://kubernetes.io/zh-cn/docs/concepts/services-networking/dns-pod-service/)、[标签和选择算符](https://kubernetes.io/zh-cn/docs/concepts/overview/working-with-objects/labels/)、[虚拟 IP 和 kube-proxy](https://kubernetes.io/zh-cn/docs/reference/networking/virtual-ips/)、[调试 Service](https://kubernetes.io/zh-cn/docs/tasks/debug/debug-application/debug-service/)。
#
# 最后一个单元格会删除这一课创建的所有东西。

# %%
t.leave()
