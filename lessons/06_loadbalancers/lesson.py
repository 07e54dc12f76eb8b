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
# # LoadBalancers
#
# Inside the cluster, a Service gives your Pods a name that stays. Now the rest of the world should reach them, too: at
# one good address, with the work shared among the Pods, and without noticing when one of them fails.
#
# By the end you can
#
# - ask for an address that people outside can use, and say who hands it out,
# - explain why it may stay `<pending>`, and do something about it,
# - see how requests are spread over Pods, and what happens when a Pod fails or more are added,
# - let each visitor come back to the same Pod,
# - replace the program behind an address without anyone noticing.
#
# It takes about 40 minutes. You should know what a Service is, and why it matters to one whether a Pod is ready
# ([lesson 5](05_services.ipynb)). Run the cells from top to bottom; running one twice does no harm.
#
# <!-- zh b388271a -->
# # LoadBalancer
#
# 在集群里面，Service 给你的 Pod 一个不变的名字。现在要让外面的世界也能找到它们：用一个好地址，活儿由各个 Pod 分担，其中一个出了故障也没有人察觉。
#
# 学完这一课，你能够
#
# - 申请一个外面的人能用的地址，并说出它由谁来分配，
# - 解释为什么它可能一直是 `<pending>`，并知道怎么办，
# - 看到请求怎样分摊到各个 Pod，以及有 Pod 出故障、或者 Pod 变多时会怎样，
# - 让每个访客都回到同一个 Pod，
# - 换掉一个地址背后的程序，而没有人察觉。
#
# 大约需要 40 分钟。你应该知道 Service 是什么，以及为什么它在意 Pod 是否就绪（[第 5 课](05_services.ipynb)）。从上到下依次运行各个单元格；同一格运行两遍也没关系。

# %%
from k8s_tutor import connect
t = connect()
t.lesson("loadbalancers")

# %% [markdown]
# The lesson begins with a plain cluster, with nothing added. This cell sees to that, whatever was here before:
#
# <!-- zh a04ec130 -->
# 这一课从一个朴素的集群开始，什么也没有添加。不管之前这里有什么，这个单元格都会让它回到那个样子：

# %%
t.load_balancers(on=False)

# %% [markdown]
# ## A wish
#
# *Your program has to be on the internet by tonight. Which address will you give people?*
#
# First, the program: three Pods, and a **Deployment** that keeps them at three.
#
# <!-- zh bb3756dd -->
# ## 一个愿望
#
# *你的程序今晚就要上线。你会把哪个地址告诉大家？*
#
# 先要有程序：三个 Pod，还有一个 **Deployment**，让它们始终保持三个。

# %%
t.apply("""
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 3
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: app, image: "ghcr.io/stefanprodan/podinfo:6.9.2",
      readinessProbe: {periodSeconds: 1, httpGet: {path: /readyz, port: 9898}}}]}
""")

# %% [markdown]
# A Service of type ClusterIP has an address for the inside. A NodePort can be reached from outside, at an odd port of
# any node, as long as that node lives. What you want is one address that does not depend on any node, and port 80.
# There is a type for that:
#
# <!-- zh 04f8c9e1 -->
# ClusterIP 类型的 Service 有一个供内部使用的地址。NodePort 可以从外面访问，用任意一个节点上的一个奇怪的端口，前提是那个节点还活着。你想要的是一个不依赖任何节点的地址，而且是 80 端口。有一种类型就是为此准备的：

# %%
t.apply("""
apiVersion: v1
kind: Service
metadata: {name: web}
spec:
  type: LoadBalancer
  selector: {app: web}
  ports: [{port: 80, targetPort: 9898}]
""")
t.wait("service/web", "3 ready pods")
t.kubectl("get service web")

# %% [markdown]
# Under `EXTERNAL-IP` it says `<pending>`, as if the address were on its way.
#
# > **Guess first.** How long will you have to wait for it? And who is working on it?
#
# <!-- zh 367e0344 -->
# 在 `EXTERNAL-IP` 那一列写着 `<pending>`，好像地址已经在路上了。
#
# > **先猜一猜。** 你要等它多久？又是谁在办这件事？

# %%
t.graph("service/web")

# %% [markdown]
# The picture says it: nobody has given the Service an address. And nobody will. You can wait as long as you like, and
# the events will not tell you more:
#
# <!-- zh 6720ecac -->
# 图里说了：没有人给过这个 Service 地址。以后也不会有人给。你想等多久都可以，事件里也不会告诉你更多：

# %%
t.events("service/web")

# %% [markdown]
# Not even a complaint. An address that the world can reach has to come from the network *around* the cluster, and Kubernetes
# has no say there. `type: LoadBalancer` is a wish, written down where somebody may read it, and in this cluster nobody does.
#
# Otherwise the Service works: it has its cluster address, and even a port on every node (that is the second number
# under `PORT(S)`). Only the address for the world outside is missing.
#
# ## Who gives the address?
#
# *Somebody has to read the wish, and know the network outside. Who?*
#
# A controller that is not part of Kubernetes itself. Which one depends on where the cluster runs:
#
# | the cluster runs | who reads the wish | what it does |
# |---|---|---|
# | in a cloud | the cloud's own controller | orders a load balancer from the cloud, and you pay for it |
# | on machines of your own | something you have installed, often [MetalLB](https://metallb.io) | takes an address from a range you gave it, and answers for it on the network |
# | as a kind cluster on your computer | nobody, until you install MetalLB | takes addresses from the network between the containers |
# | inside this notebook | nobody, until it is switched on | takes addresses from a small simulated cloud |
#
# > **Guess first.** When such a controller arrives, will you have to apply the Service again?
#
# <!-- zh cd41fc8e -->
# 连一句抱怨都没有。全世界都能访问的地址，只能来自集群*外围*的网络，而 Kubernetes 管不到那里。`type: LoadBalancer` 是一个愿望，写在别人看得到的地方；而在这个集群里，没有人看。
#
# 除此之外，这个 Service 一切正常：它有集群地址，连每个节点上的端口都有（就是 `PORT(S)` 那一列的第二个数字）。缺的只是给外面用的地址。
#
# ## 地址由谁来给？
#
# *得有人读到这个愿望，又熟悉外面的网络。是谁？*
#
# 是一个不属于 Kubernetes 本身的控制器。具体是哪一个，要看集群运行在哪里：
#
# | 集群运行在 | 谁来读这个愿望 | 它做什么 |
# |---|---|---|
# | 云上 | 云厂商自己的控制器 | 向云厂商订一个负载均衡器，由你付钱 |
# | 你自己的机器上 | 你安装的某个程序，常常是 [MetalLB](https://metallb.io) | 从你给它的范围里取一个地址，并在网络上替这个地址应答 |
# | 你的计算机上，是一个 kind 集群 | 没有人，直到你装上 MetalLB | 从容器之间的那个网络里取地址 |
# | 这个笔记本里 | 没有人，直到把它打开 | 从一朵小小的模拟云里取地址 |
#
# > **先猜一猜。** 等这样一个控制器来了，你要不要把 Service 再应用一遍？

# %%
t.load_balancers(on=True)
t.wait("service/web", "address")
t.kubectl("get service web")

# %% [markdown]
# No. The wish was there all the time; the controller that has just arrived looked for Services that want an address,
# found this one, and wrote an address into its status.
#
# <!-- zh 89976fe2 -->
# 不用。愿望一直在那里；刚来的控制器去找想要地址的 Service，找到了这一个，就把一个地址写进了它的状态（status）。

# %%
t.graph("service/web")

# %% [markdown]
# Now the way is complete: an address outside, the Service, its Pods. It is built in layers, each resting on the one
# before, and you can read all of them in one line of `kubectl get service`:
#
# | type | column | reached from |
# |---|---|---|
# | ClusterIP | `CLUSTER-IP` | inside the cluster |
# | … NodePort adds | the second number under `PORT(S)` | wherever the nodes can be reached |
# | … LoadBalancer adds | `EXTERNAL-IP` | wherever that address can be reached |
#
# ### Your turn: the museum opens
#
# <!-- zh 21c3ac53 -->
# 现在这条路通了：外面的地址，Service，它的 Pod。它是一层一层搭起来的，每一层都靠着前一层，而在 `kubectl get service` 的一行里就能把各层都读出来：
#
# | 类型 | 列 | 从哪里能访问 |
# |---|---|---|
# | ClusterIP | `CLUSTER-IP` | 集群里面 |
# | ……NodePort 再加上 | `PORT(S)` 那一列的第二个数字 | 能连到节点的任何地方 |
# | ……LoadBalancer 再加上 | `EXTERNAL-IP` | 能连到那个地址的任何地方 |
#
# ### 轮到你了：博物馆开门

# %%
t.exercise("loadbalancers-1")

# %%
# Change the Service here.

# %%
t.check("loadbalancers-1")

# %% [markdown]
# ### Your turn: the mail that waits
#
# Addresses are being handed out now, and yet one Service gets none:
#
# <!-- zh 31360d60 -->
# ### 轮到你了：等着的邮件
#
# 现在已经有人分配地址了，可还有一个 Service 得不到：

# %%
t.exercise("loadbalancers-2")

# %%
# Look, think, mend.

# %%
t.check("loadbalancers-2")

# %% [markdown]
# ## From your own computer
#
# *The address is for people outside. You are outside. Can you reach it?*
#
# `t.url` gives the URL to use from the computer this notebook runs on. Python, for one, can send
# a request there, as to any server in the world:
#
# <!-- zh 365455bb -->
# ## 从你自己的计算机访问
#
# *这个地址是给外面的人用的。你就在外面。你能访问它吗？*
#
# `t.url` 给出的 URL，可以在运行这个笔记本的计算机上使用。比如 Python 就可以去请求它，和请求世界上任何一个服务器一样：

# %%
from urllib.request import urlopen
with urlopen(t.url("service/web") + "/healthz", timeout=10) as answer:
    print(answer.status, answer.read().decode())

# %% [markdown]
# 200, and a page: the request left Python, came in at the address, and one of the Pods answered it. `curl` in a
# terminal, or your browser, can do the same. Take the `#` away, run the cell, and use what it shows:
#
# <!-- zh 2878322a -->
# 200，还有一个网页：请求从 Python 出发，从那个地址进来，由其中一个 Pod 回答。终端里的 `curl`，或者你的浏览器，也可以这样做。去掉 `#`，运行这个单元格，用它显示出来的 URL：

# %%
# t.url("service/web")

# %% [markdown]
# What you see depends on where the cluster is, and it is worth knowing why:
#
# - **A cloud**: the address is on the internet, and everyone can use it.
# - **kind on Linux**: it lies in the network between kind's containers, which your computer is part of. You can use
#   it; your neighbour cannot.
# - **kind on macOS or Windows**: that network is inside a virtual machine. The address is right, but it cannot be
#   reached from outside that machine; `t.url` says so, and says what you can do instead.
# - **The cluster inside this notebook**: its addresses (they begin with 203.0.113, a range reserved for examples) are
#   simulated. So that you can try them all the same, `t.url` opens a port on your computer, at 127.0.0.1, which leads
#   to the address.
#
# ## Who answers?
#
# *Three Pods, one address. Who gets the requests?*
#
# From here on they come from inside the cluster, where the way is the same on every kind of cluster. `t.traffic` has a
# client there that asks again and again, and draws what became of each request.
#
# > **Guess first.** Sixty requests, three Pods. How many for each?
#
# <!-- zh 68555187 -->
# 你看到什么，取决于集群在哪里；其中的原因值得知道：
#
# - **云上**：这个地址在互联网上，人人都能用。
# - **Linux 上的 kind**：它在 kind 的容器之间的网络里，而你的计算机就在这个网络中。你能用，你的邻居不能。
# - **macOS 或 Windows 上的 kind**：那个网络在一台虚拟机里面。地址是对的，但从那台虚拟机外面访问不到；`t.url` 会这样说，并告诉你可以换什么办法。
# - **这个笔记本里的集群**：它的地址（以 203.0.113 开头，这是专门留给例子用的一段）是模拟的。为了让你也能试一试，`t.url` 在你的计算机上打开一个端口，在 127.0.0.1，它通向那个地址。
#
# ## 谁来回答？
#
# *三个 Pod，一个地址。请求归谁？*
#
# 从这里开始，请求都从集群里面发出，因为在哪种集群里，这条路都一样。`t.traffic` 在里面有一个客户端，它一遍又一遍地问，再把每个请求的结果画出来。
#
# > **先猜一猜。** 六十个请求，三个 Pod。每个会得到多少？

# %%
t.traffic("service/web", requests=60)

# %% [markdown]
# Each got its share, some a little more, some a little less: for every new connection, one of the ready Pods is drawn by lot.
# Nobody counts whose turn it is. Run the cell again, and the numbers change.
#
# ## One of them fails
#
# *Sooner or later one of the three cannot answer. How many visitors get an error?*
#
# Now make one fail. podinfo has a switch, `/readyz/disable`: from then on it tells its readiness probe "not now". To
# throw the switch in one particular Pod, a client inside the cluster has to send its request to that Pod's
# own address:
#
# <!-- zh 44fd8a8e -->
# 每个都得到了自己的一份，有的多一点，有的少一点：每来一个新连接，就从就绪的 Pod 里随机抽一个。没有人数着轮到谁。再运行一次这个单元格，数字就变了。
#
# ## 其中一个出了故障
#
# *三个里面，迟早有一个会回答不了。会有多少访客遇到错误？*
#
# 现在就让一个出故障。podinfo 有一个开关 `/readyz/disable`：从那以后，它就对自己的就绪探针说“现在不行”。要在某一个特定的 Pod 里拨动开关，得由集群里面的一个客户端去请求那个 Pod 自己的地址：

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

# %% [markdown]
# > **Guess first.** Of the next sixty requests, how many will the failing Pod get, and how many will be lost?
#
# <!-- zh 4aeb7772 -->
# > **先猜一猜。** 接下来的六十个请求里，出故障的那个 Pod 会得到多少，又有多少会丢掉？

# %%
pod = t.objects("pods", labels="app=web")[0]
name, address = pod["metadata"]["name"], pod["status"]["podIP"]
t.exec("pod/client", f"wget -qO- --post-data= http://{address}:9898/readyz/disable")
t.wait(f"pod/{name}", "Ready=False")
t.wait("service/web", "2 ready pods")
t.traffic("service/web", requests=60)

# %% [markdown]
# None, and none. The line to that Pod is cut, and the other two do its share. The address is the same, and those who
# use it need not know a thing. (Between the moment a Pod breaks and the moment its probe notices, requests do get
# lost. Here that is three seconds: three bad answers, one each second. A probe that asks more often notices sooner.)
#
# When it is well again, it gets its share again:
#
# <!-- zh 323ea857 -->
# 一个也没有，一个也没丢。通向那个 Pod 的线断了，另外两个替它干了活。地址没变，用它的人什么都不必知道。（从 Pod 坏掉，到它的探针发觉，这中间的请求确实会丢。在这里是三秒：三次坏的回答，每秒一次。探针问得越勤，发觉得越早。）
#
# 等它恢复了，又会得到自己的一份：

# %%
t.exec("pod/client", f"wget -qO- --post-data= http://{address}:9898/readyz/enable")
t.wait("service/web", "3 ready pods")

# %% [markdown]
# ## More of them
#
# *There are more visitors than three Pods can serve. What now?*
#
# > **Guess first.** You ask the Deployment for five Pods. Who has to tell the Service, and who the load balancer?
#
# <!-- zh c8ab7483 -->
# ## 再多几个
#
# *访客太多，三个 Pod 应付不过来。怎么办？*
#
# > **先猜一猜。** 你要求 Deployment 提供五个 Pod。谁要去通知 Service，谁要去通知负载均衡器？

# %%
t.kubectl("scale deployment web --replicas=5")
t.wait("service/web", "5 ready pods")
t.traffic("service/web", requests=60)

# %% [markdown]
# Nobody. New Pods have the label, are put on the list, become ready, and get requests. It works the same way
# downwards. That is all there is to scaling: change one number.
#
# ### Your turn: from blue to green
#
# What is behind an address can also be replaced as a whole:
#
# <!-- zh abd60ec2 -->
# 谁也不用通知。新的 Pod 带着标签，被写进名单，变成就绪，收到请求。减少的时候也一样。扩缩就是这么回事：改一个数字。
#
# ### 轮到你了：从蓝到绿
#
# 一个地址背后的东西，也可以整个换掉：

# %%
t.exercise("loadbalancers-3")

# %%
# Change what visitors see here.

# %%
t.check("loadbalancers-3")

# %% [markdown]
# ## Always the same one
#
# *You put a book into your basket, and the next page says that the basket is empty. What happened?*
#
# Another Pod answered. If a Pod keeps something about its visitors in its own memory, each of them should come back to
# the Pod that knows them. A Service can be told to do that: `sessionAffinity: ClientIP`.
#
# > **Guess first.** Three visitors send twenty requests each. How many Pods will each of them meet? Can a Pod end up
# > with no visitor at all?
#
# <!-- zh f7c90336 -->
# ## 总是同一个
#
# *你把一本书放进购物篮，下一个网页却说篮子是空的。发生了什么？*
#
# 是另一个 Pod 回答的。如果 Pod 把访客的什么东西记在自己的内存里，那么每个访客都应该回到认识他的那个 Pod。可以这样告诉 Service：`sessionAffinity: ClientIP`。
#
# > **先猜一猜。** 三个访客，每人发二十个请求。每人会遇到几个 Pod？会不会有 Pod 一个访客也没有？

# %%
t.apply("""
apiVersion: v1
kind: Service
metadata: {name: web}
spec:
  type: LoadBalancer
  sessionAffinity: ClientIP
  selector: {app: web}
  ports: [{port: 80, targetPort: 9898}]
""")
t.wait("service/web", "5 ready pods")
t.traffic("service/web", requests=60, clients=3)

# %% [markdown]
# Each visitor meets one Pod, drawn at the first request and kept from then on (for three hours after the last request,
# unless you say otherwise). So the bars are no longer even: two visitors may have drawn the same Pod, and some Pods
# have no visitor. That is the price. And a visitor is known by their address only: a whole office behind one router
# counts as one.
#
# If the Pod fails, its visitors are given another one, and their baskets are empty after all. What must not be lost
# does not belong in a Pod's memory.
#
# ### Your turn: everybody's own basket
#
# <!-- zh 6a9dc476 -->
# 每个访客只遇到一个 Pod：第一个请求时抽定，之后一直不变（直到最后一个请求过去三小时，除非你另有规定）。所以柱子不再一样高：两个访客可能抽到同一个 Pod，有的 Pod 则一个访客也没有。这就是代价。另外，认访客只认地址：一台路由器后面的整个办公室，只算一个访客。
#
# 如果这个 Pod 出了故障，它的访客就会分到另一个 Pod，篮子终究还是空了。不能丢的东西，就不该放在 Pod 的内存里。
#
# ### 轮到你了：每人一个篮子

# %%
t.exercise("loadbalancers-4")

# %%
# Change the Service here.

# %%
t.check("loadbalancers-4")

# %% [markdown]
# ## What you have seen
#
# - `type: LoadBalancer` is a **wish** for an address outside the cluster. A controller from outside Kubernetes fulfils it:
#   the cloud's, MetalLB, or, in this notebook, a simulated one. Where there is none, the Service stays `<pending>`.
# - A LoadBalancer is also a NodePort, and a NodePort is also a ClusterIP: each adds a way in.
# - Each new connection goes to one of the **ready** Pods, by lot. A failing Pod excuses itself, a new one joins, and the address
#   stays the same.
# - The **selector** decides who is meant: change it, and everybody sees a different program.
# - `sessionAffinity: ClientIP` keeps a visitor with a Pod, at the price of uneven shares.
#
# Every Service of this type costs an address and, in a cloud, money. To have many programs answer at one address, told
# apart by host name and path, there are [Ingress](https://kubernetes.io/docs/concepts/services-networking/ingress/)
# and [Gateway](https://kubernetes.io/docs/concepts/services-networking/gateway/).
#
# **Read on** in the official documentation:
# [type LoadBalancer](https://kubernetes.io/docs/concepts/services-networking/service/#loadbalancer),
# [creating an external load balancer](https://kubernetes.io/docs/tasks/access-application-cluster/create-external-load-balancer/),
# [session affinity](https://kubernetes.io/docs/reference/networking/virtual-ips/#session-affinity),
# [cloud controller manager](https://kubernetes.io/docs/concepts/architecture/cloud-controller/); and
# [MetalLB's own pages](https://metallb.io/concepts/).
#
# The last cell removes everything this lesson has made, and the controller that handed out the addresses.
#
# <!-- zh f17180ee -->
# ## 你看到了什么
#
# - `type: LoadBalancer` 是一个**愿望**：想要一个集群外面的地址。实现它的是 Kubernetes 之外的控制器：云厂商的，MetalLB，或者在这个笔记本里，一个模拟的。没有这样的控制器，Service 就一直是 `<pending>`。
# - LoadBalancer 同时也是 NodePort，NodePort 同时也是 ClusterIP：每一层都多开一个入口。
# - 每个新连接都随机交给一个**就绪**的 Pod。出故障的 Pod 自己请假，新的 Pod 自己加入，地址始终不变。
# - **选择算符**决定谁算在内：改掉它，所有人看到的就是另一个程序。
# - `sessionAffinity: ClientIP` 让访客始终留在同一个 Pod，代价是分得不均匀。
#
# 这种类型的 Service，每一个都要占一个地址；在云上，还要花钱。要让许多程序共用一个地址，按主机名和路径来区分，可以用 [Ingress](https://kubernetes.io/zh-cn/docs/concepts/services-networking/ingress/) 和 [Gateway](https://kubernetes.io/zh-cn/docs/concepts/services-networking/gateway/)。
#
# **继续阅读**官方文档：[LoadBalancer 类型](https://kubernetes.io/zh-cn/docs/concepts/services-networking/service/#loadbalancer)、[创建外部负载均衡器](https://kubernetes.io/zh-cn/docs/tasks/access-application-cluster/create-external-load-balancer/)、[会话亲和性](https://kubernetes.io/zh-cn/docs/reference/networking/virtual-ips/#session-affinity)、[云控制器管理器](https://kubernetes.io/zh-cn/docs/concepts/architecture/cloud-controller/)，以及 [MetalLB 自己的网页](https://metallb.io/concepts/)。
#
# 最后一个单元格会删除这一课创建的所有东西，还有分配地址的那个控制器。

# %%
t.leave()
t.load_balancers(on=False)
