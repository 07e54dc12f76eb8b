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
# # Start four of this image
#
# You say five words, and a moment later four programs run, on computers that you did not choose. In this lesson you
# follow the sentence on its way: who hears it, who writes it down, who reads it, and who decides which node it is to be.
#
# By the end you can
#
# - say what `kubectl` really sends, and send the same with Python and with `curl`,
# - name the programs that turn a stored sentence into running Pods, and what each of them writes,
# - read what a node has, and what is **requested** of it,
# - read a decision of the scheduler: which nodes it ruled out, how it scored the others, and why one won,
# - say what taints keep away and what labels lead to,
# - close a node and open it again, and say what happens, and when, if one dies,
# - give a namespace its share of the whole, and find the Pod that was refused for it.
#
# It takes about 45 minutes. You should know what a Pod is ([lesson 1](01_pods.ipynb)). Run the cells from top to bottom;
# running one twice does no harm.
#
# <!-- zh 4afce7aa -->
# # 把这个镜像启动四份
#
# 你说了一句话，片刻之后，四个程序就在你没有挑选过的计算机上跑起来了。在这一课里，你跟着这句话走一遍：谁听见它，谁把它记下来，谁来读它，又是谁决定用哪个节点。
#
# 学完这一课，你能够
#
# - 说出 `kubectl` 到底发送了什么，并用 Python 和 `curl` 发送同样的东西，
# - 说出哪些程序把一句存下来的话变成运行着的 Pod，各自写下了什么，
# - 读出一个节点有多少资源，被**请求**（request）走了多少，
# - 读懂调度器的一次决定：排除了哪些节点，其余的怎么打分，为什么是这一个胜出，
# - 说出污点把谁挡在外面，标签又把谁引过去，
# - 关闭一个节点再打开，并说出节点坏掉时会发生什么、在什么时候发生，
# - 给一个名字空间分一份，并找出因此被拒绝的 Pod。
#
# 大约需要 45 分钟。你应该知道什么是 Pod（[第 1 课](01_pods.ipynb)）。从上到下依次运行各个单元格；同一格运行两遍也没关系。

# %%
from k8s_tutor import connect
t = connect()
t.lesson("start-four")

# %% [markdown]
# ## Five words
#
# *"Start four of this image." How do you say that to a cluster?*
#
# > **Guess first.** How many things will `kubectl` have to make up for you to turn the five words into something exact?
#
# With `--dry-run=client` it sends nothing, and only shows what it would have sent:
#
# <!-- zh cdd96a95 -->
# ## 一句话
#
# *“把这个镜像启动四份。”这句话要怎么对集群说？*
#
# > **先猜一猜。** 要把这句话变得准确无误，`kubectl` 得替你补上多少东西？
#
# 加上 `--dry-run=client`，它什么也不发送，只把本来要发送的内容给你看：

# %%
t.kubectl("create deployment four --image=ghcr.io/stefanprodan/podinfo:6.9.2 --replicas=4 --dry-run=client -o yaml")

# %% [markdown]
# An object of kind **Deployment**. `replicas: 4` is the *four*, `image` is *this image*; the rest are names and labels,
# so that the four can be found again. Not a word about nodes. (How a Deployment keeps its Pods is a lesson of its own.
# Here it is only the sentence, written down.)
#
# Now send it:
#
# <!-- zh 542e1659 -->
# 一个 **Deployment** 类型的对象。`replicas: 4` 就是“四份”，`image` 就是“这个镜像”；其余是名字和标签，好让这四个以后还找得到。关于节点，一个字也没有。（Deployment 怎样照看它的 Pod，另有一课。在这里，它只是写下来的那句话。）
#
# 现在把它发送出去：

# %%
t.kubectl("create deployment four --image=ghcr.io/stefanprodan/podinfo:6.9.2 --replicas=4")

# %% [markdown]
# What went out was one HTTP request to one program, the **API server**:
#
# ```http
# POST /apis/apps/v1/namespaces/lesson-start-four/deployments
# Content-Type: application/json
#
# {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "four", …}, "spec": {"replicas": 4, …}}
# ```
#
# It answered `201 Created`, and `kubectl` printed `created`.
#
# > **Guess first.** At the moment of that answer, what had the API server done: started four programs? Chosen four
# > nodes? Told somebody to do so? Or none of it?
#
# <!-- zh d10257f9 -->
# 发出去的是一个 HTTP 请求，只发给一个程序，也就是 **API 服务器**（API server）：
#
# ```http
# POST /apis/apps/v1/namespaces/lesson-start-four/deployments
# Content-Type: application/json
#
# {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "four", …}, "spec": {"replicas": 4, …}}
# ```
#
# 它回答 `201 Created`，于是 `kubectl` 打印出 `created`。
#
# > **先猜一猜。** 给出这个回答的那一刻，API 服务器做了什么：启动了四个程序？选好了四个节点？吩咐了别人去做？还是都没有？

# %% tags=["embedded-only"]
t.wait("deploy/four")
t.events()

# %% [markdown]
# None of it. It checked the object, filled in what was left open, and stored it. That is all it ever does. The events
# above tell who did the rest; read their fourth column from top to bottom:
#
# | who | reads | writes |
# |---|---|---|
# | the **API server** | what you send | the Deployment, into its store |
# | `deployment-controller` | Deployments | a ReplicaSet |
# | `replicaset-controller` | ReplicaSets | four Pods, without a node |
# | **scheduler** | Pods without a node | which node each of them gets |
# | **kubelet**, one on each node | Pods of its own node | that they run, and at which address |
#
# No line of this table calls the next one. Each *watches* the API server, finds something to do, does it, and writes it
# down there; and that is what the next one has been watching for. Nobody in the cluster gives orders. There is a store,
# and there are readers.
#
# <!-- zh 2642cdfd -->
# 都没有。它检查这个对象，补上空缺的地方，然后存下来。它从来只做这些。其余的是谁做的，上面的事件都说了；从上到下读它们的第四列：
#
# | 谁 | 读什么 | 写什么 |
# |---|---|---|
# | **API 服务器** | 你发送的内容 | 把 Deployment 写进存储 |
# | `deployment-controller` | Deployment | 一个 ReplicaSet |
# | `replicaset-controller` | ReplicaSet | 四个 Pod，还没有节点 |
# | **调度器**（scheduler） | 没有节点的 Pod | 每个 Pod 用哪个节点 |
# | **kubelet**，每个节点上一个 | 自己节点上的 Pod | 它们在运行，地址是什么 |
#
# 这张表里，没有哪一行去调用下一行。每一个都*监视*（watch）着 API 服务器，发现有事可做，就去做，再写回那里；而下一个等的正是这个。集群里没有人发号施令。只有一份存储，和一群读者。

# %% [markdown]
# ## The same request, three times
#
# *If it is only an HTTP request, does it take* `kubectl`*?*
#
# No. Here is a Pod three times over: by `kubectl`, by Python with the official client, and by `curl`.
#
# > **Guess first.** Will the three Pods differ in anything but their names?
#
# <!-- zh f36eb21d -->
# ## 同一个请求，三种发法
#
# *既然只是一个 HTTP 请求，那么非用* `kubectl` *不可吗？*
#
# 不。下面把一个 Pod 创建三遍：用 `kubectl`，用 Python 的官方客户端，再用 `curl`。
#
# > **先猜一猜。** 除了名字，这三个 Pod 还会有什么不同吗？

# %%
t.kubectl("run by-kubectl --image=ghcr.io/stefanprodan/podinfo:6.9.2")

# %%
import os
from kubernetes import client, config

config.load_kube_config(os.fspath(t.cluster.kubeconfig), context=t.cluster.context)
pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "by-python", "labels": {"run": "by-python"}},
       "spec": {"containers": [{"name": "by-python", "image": "ghcr.io/stefanprodan/podinfo:6.9.2"}]}}
answer = client.CoreV1Api().create_namespaced_pod(t.namespace, pod)
print("Pod", answer.metadata.name, "created")

# %% [markdown]
# And with `curl`, where nothing is hidden any more: the address of the API server, the certificate by which you know it
# (`--cacert`), the certificate by which it knows you (`--cert`, `--key`), and the body.
#
# <!-- zh ce0caf0c -->
# 用 `curl` 就什么都藏不住了：API 服务器的地址，你凭它认出服务器的证书（`--cacert`），服务器凭它认出你的证书（`--cert`、`--key`），还有请求体。

# %%
import json, shutil, subprocess

door = client.Configuration.get_default_copy()
body = json.dumps(pod).replace("by-python", "by-curl")
proof = ["--cert", door.cert_file, "--key", door.key_file] if door.cert_file else \
        ["--header", f"Authorization: {[*door.api_key.values()][0]}"]
curl = ["curl", "--silent", "--output", os.devnull, "--write-out", "%{http_code}", "--cacert", door.ssl_ca_cert,
        *proof, "--header", "Content-Type: application/json", "--data", body,
        f"{door.host}/api/v1/namespaces/{t.namespace}/pods"]
print(subprocess.run(curl, capture_output=True, text=True).stdout if shutil.which("curl") else "no curl here")

# %% [markdown]
# `201`, the answer that `kubectl` translates into `created`. Side by side:
#
# | | kubectl | Python | curl |
# |---|---|---|---|
# | what to do | `run` | `create_namespaced_pod` | `POST …/pods` |
# | where, and who you are | your kubeconfig | the same file | `--cacert`, `--cert`, `--key` |
# | the object | made from its flags | a dict | JSON |
# | the answer | `created` | an object | `201` |
#
# Is there a difference? The API server notes of each field who wrote it:
#
# <!-- zh 309f1910 -->
# `201`，就是 `kubectl` 翻译成 `created` 的那个回答。并排来看：
#
# | | kubectl | Python | curl |
# |---|---|---|---|
# | 做什么 | `run` | `create_namespaced_pod` | `POST …/pods` |
# | 在哪里，你是谁 | 你的 kubeconfig | 同一个文件 | `--cacert`、`--cert`、`--key` |
# | 对象 | 由命令行参数生成 | 一个 dict | JSON |
# | 回答 | `created` | 一个对象 | `201` |
#
# 有区别吗？每个字段是谁写的，API 服务器都记着：

# %%
t.kubectl("get pods -l run -o custom-columns=POD:.metadata.name,WRITTEN-BY:.metadata.managedFields[0].manager")

# %% [markdown]
# That is the whole difference: a note of the writer's name. It is the same door, the same check, the same Pod. Whatever
# `kubectl` can do, any program can do; `kubectl` is only one of the API server's many clients.
#
# <!-- zh b7f397fc -->
# 全部的区别就在这里：记下了是谁写的。门是同一扇门，检查是同样的检查，Pod 也是同样的 Pod。`kubectl` 能做的，任何程序都能做；`kubectl` 只是 API 服务器众多客户端中的一个。

# %%
t.kubectl("delete pod -l run --now")

# %% [markdown]
# ## Stored, and nobody reads it
#
# *So the API server only stores. What if something is stored, and nobody has been waiting for it?*
#
# Every Pod says in `spec.schedulerName` whose job it is to find it a node. If you leave it out, that is the scheduler of
# the cluster. The next cell starts a Pod that names somebody else.
#
# > **Guess first.** There is no scheduler called `nobody`. Will the Pod be refused? Will the usual scheduler help out? Or
# > will nothing happen?
#
# <!-- zh 692072c7 -->
# ## 存下来了，却没有人读
#
# *原来 API 服务器只管存。要是存了一样东西，却没有谁在等它呢？*
#
# 每个 Pod 都在 `spec.schedulerName` 里写明由谁来给它找节点。不写，就是集群自己的调度器。下一个单元格启动的 Pod，写的是别的名字。
#
# > **先猜一猜。** 没有一个叫 `nobody` 的调度器。这个 Pod 会被拒绝吗？平常的调度器会来帮忙吗？还是什么都不会发生？

# %%
t.exercise("start-four-1")

# %% tags=["embedded-only"]
t.graph("pod/orphan", lens="placement")

# %% [markdown]
# Nothing. No error and no event: an object lies in a store, and its reader does not exist.
#
# ### Your turn: you are the scheduler
#
# What a scheduler writes is short. When it has made up its mind, it sends a **binding**:
#
# ```http
# POST /api/v1/namespaces/lesson-start-four/pods/orphan/binding
#
# {"apiVersion": "v1", "kind": "Binding", "metadata": {"name": "orphan"}, "target": {"kind": "Node", "name": "…"}}
# ```
#
# Send it yourself: with `kubectl create -f -`, with Python, or with `curl`.
#
# <!-- zh f5cd7469 -->
# 什么都没有发生。没有错误，也没有事件：一个对象躺在存储里，而该读它的那一位并不存在。
#
# ### 轮到你了：你就是调度器
#
# 调度器要写的很短。它拿定主意之后，就发送一个**绑定**（binding）：
#
# ```http
# POST /api/v1/namespaces/lesson-start-four/pods/orphan/binding
#
# {"apiVersion": "v1", "kind": "Binding", "metadata": {"name": "orphan"}, "target": {"kind": "Node", "name": "…"}}
# ```
#
# 你自己来发送：用 `kubectl create -f -`，用 Python，或者用 `curl`。

# %%
# Which nodes are there? Choose one, and bind the Pod to it.

# %%
t.check("start-four-1")

# %% [markdown]
# If it says *not yet*, it also says why; `t.hint("start-four-1")` helps a little, and a little more each time you ask.
#
# ## What a node is worth
#
# *A real scheduler does not take just any node. It looks for one that has little to do. How does it know?*
#
# > **Guess first.** Four web servers run on the nodes. How much of the nodes' CPU is taken, in the scheduler's book?
#
# <!-- zh 159558aa -->
# 如果它说 *not yet*（还没完成），也会说明原因；`t.hint("start-four-1")` 会给一点提示，每问一次，就多给一点。
#
# ## 一个节点值多少
#
# *真正的调度器不会随便挑一个节点。它要找一个事情少的。它怎么知道谁的事情少？*
#
# > **先猜一猜。** 节点上运行着四个 Web 服务器。在调度器的账本上，节点的 CPU 用掉了多少？

# %% tags=["embedded-only"]
t.graph("deploy/four", lens="placement")

# %% [markdown]
# Nothing is taken: *requests nothing*, say the four. The scheduler does not measure what programs use. It adds up what
# they **request**, and compares that with what the node has for Pods, its **allocatable** CPU and memory. A request is a
# promise that so much is set aside, whether it is used or not. Who promises nothing counts for nothing: a node full of
# busy programs without requests looks empty.
#
# So let the four say what they need. `200m` are 200 thousandths of a CPU, `64Mi` are 64 mebibytes:
#
# <!-- zh 76c2f1b0 -->
# 一点也没用掉：那四个写着 *没有请求资源*（requests nothing）。调度器并不去量程序用了多少。它把它们的**请求**加起来，和节点留给 Pod 的 CPU 和内存相比，后者叫作**可分配**（allocatable）资源。请求是一种承诺：给你留出这么多，用不用都留着。没有请求，就不算数：一个节点上就算挤满了忙碌的程序，只要它们没有写请求，看上去就是空的。
#
# 那就让这四个说出自己需要多少。`200m` 是千分之 200 个 CPU，`64Mi` 是 64 MiB 内存：

# %%
t.kubectl("set resources deployment four --requests=cpu=200m,memory=64Mi")
t.wait("deploy/four", "rolled out")
t.wait("deploy/four", "4 of 4 pods ready")

# %% tags=["embedded-only"]
t.graph("deploy/four", lens="placement")

# %% [markdown]
# Each slice of a bar is one Pod: blue the four, grey all others on that node. The numbers are those that
# `kubectl describe node` prints under *Allocated resources*. (The four are new ones: requests belong to the Pod's
# template, so the Deployment replaced the old Pods; the second wait was for those to be gone.)
#
# Nor does a request hold anybody down. What a program may use at most is its **limit**, and that is written elsewhere.
#
# ### Your turn: three hundred what?
#
# Somebody has heard that Pods should have requests:
#
# <!-- zh 91c27dbc -->
# 横条上的每一小段是一个 Pod：蓝色的是这四个，灰色的是那个节点上其他所有的 Pod。这些数字和 `kubectl describe node` 在 *Allocated resources* 下打印的一样。（这四个是新的：请求属于 Pod 的模板，所以 Deployment 把旧的 Pod 换掉了；第二次等待，就是等旧的走完。）
#
# 请求也不会压住谁。程序最多能用多少，是它的**限制**（limit），写在另外的地方。
#
# ### 轮到你了：三百个什么？
#
# 有人听说 Pod 应该写上请求：

# %%
t.exercise("start-four-2")

# %%
# Look: t.graph("deploy/ledger", lens="placement")

# %%
t.check("start-four-2")

# %% [markdown]
# ## Who can, and who is best
#
# *Now the bars say something. How does the scheduler make a decision out of them?*
#
# In three steps. It **filters**: which nodes could run this Pod at all? It **scores** those that are left. And it
# **binds** the Pod to the best, as you did by hand. Give it a Pod to decide about, one that is rather heavy:
#
# <!-- zh 1a9f99be -->
# ## 谁可以，谁最好
#
# *现在横条上有内容了。调度器怎样由此做出决定？*
#
# 分三步。先**过滤**（filter）：哪些节点能运行这个 Pod？再给剩下的**打分**（score）。最后把 Pod **绑定**到最好的那个节点，就像你刚才亲手做的那样。给它一个 Pod 来决定，要重一点的：

# %%
t.kubectl("delete deployment ledger --ignore-not-found")
t.apply("""
apiVersion: v1
kind: Pod
metadata: {name: heavy}
spec:
  containers:
  - {name: app, image: "ghcr.io/stefanprodan/podinfo:6.9.2", resources: {requests: {cpu: 700m, memory: 64Mi}}}
""")
t.wait("pod/heavy")

# %% tags=["embedded-only"]
t.placement("pod/heavy")

# %% [markdown]
# A row for each node. Read it from left to right:
#
# - **Filters** say yes or no, and the first no ends it. The control plane has a *taint*, so nothing else was asked there.
# - **Scores** go from 0 to 100 and are weighed. *NodeResourcesFit* is the mean of what would be left, CPU and memory, in
#   per cent: work it out. (A container without a request counts there as a small one, not as none.)
#   *NodeResourcesBalancedAllocation* likes both to be used alike. What all nodes score alike stands in one column.
# - The **points** are the sum.
#
# The embedded cluster's scheduler keeps a record of its decisions, and this is it. A real one keeps its scores to itself;
# there the table works the filters out anew, from what the API shows, and says so.
#
# > **Guess first.** One node now carries `heavy`. Two more Pods of `four` are to come. Where will they go?
#
# <!-- zh a5032122 -->
# 每个节点一行。从左往右读：
#
# - **过滤**回答是或否，第一个“否”就到此为止。控制平面有一个*污点*，所以对它没有再问别的。
# - **打分**从 0 到 100，再乘上权重。*NodeResourcesFit* 是 CPU 和内存将会剩下的百分比的平均值：你算算看。（在这里，没有写请求的容器不算作零，而算作一个小的请求。）*NodeResourcesBalancedAllocation* 喜欢两者用得一样多。所有节点得分相同的，合在一列里。
# - **得分**（points）是总和。
#
# 内嵌集群的调度器会记下自己的决定，这就是那份记录。真正的调度器不公开自己的打分；在那里，这张表根据 API 显示的内容重新算出过滤的结果，并说明这一点。
#
# > **先猜一猜。** 现在有一个节点背着 `heavy`。还要来两个 `four` 的 Pod。它们会去哪里？

# %%
t.kubectl("scale deployment four --replicas=6")
t.wait("deploy/four", "6 of 6 pods ready")
fifth, sixth = [f"pod/{pod['metadata']['name']}" for pod in t.objects("pods", "app=four")[-2:]]

# %% tags=["embedded-only"]
t.placement(fifth)

# %% tags=["embedded-only"]
t.placement(sixth)

# %% [markdown]
# The fifth goes where more is left. By then that node has more Pods of this kind than the other, and so a second voice
# speaks up for the sixth: *PodTopologySpread*, fewer Pods of its kind, and it counts double. Six eggs, two baskets. If
# one node dies, it should not take them all.
#
# On your own cluster the two may have gone elsewhere: other Pods are there, nodes are larger or smaller, and between
# equals a real scheduler draws lots. Ask it in the same way; a table is never wrong for lack of the expected answer.
#
# ### Your turn: who can, and who is best
#
# Write the heart of a scheduler. `wanted` is a number, in thousandths of a CPU. `nodes` is a list; a node looks like this:
# `{"name": "ant", "cpu": 4000, "requested": 1200, "taints": [], "cordoned": False}`.
#
# Return the name of the node for the Pod, or `None` if there is none. Out is a node with a taint, one that is cordoned
# (closed for new Pods), and one that has not enough left. Of the others take the one with the largest *share* left,
# once the Pod is on it; between equals the first by name.
#
# <!-- zh 3f366bbf -->
# 第五个去了剩得多的节点。这时那个节点上同类的 Pod 比另一个多，于是轮到第六个时，另一个声音开口了：*PodTopologySpread*，哪里同类的 Pod 少，而且它算双倍。六个鸡蛋，两个篮子。要是一个节点坏了，不该把鸡蛋全带走。
#
# 在你自己的集群上，这两个可能去了别处：那里有别的 Pod，节点有大有小，分数相同时真正的调度器抽签。用同样的方法去问它；答案和预想的不同，不等于表错了。
#
# ### 轮到你了：谁可以，谁最好
#
# 写出调度器的核心。`wanted` 是一个数，单位是千分之一个 CPU。`nodes` 是一个列表；一个节点长这样：`{"name": "ant", "cpu": 4000, "requested": 1200, "taints": [], "cordoned": False}`。
#
# 返回给这个 Pod 用的节点的名字；一个也没有，就返回 `None`。出局的有：带污点的节点，被封锁（cordoned，不再接收新 Pod）的节点，剩余不够的节点。其余的节点里，取放上这个 Pod 之后剩余*比例*最大的；一样大，就取名字排在前面的。

# %% tags=["keep"]
@t.place("start-four-3")
def choose(wanted, nodes):
    """The name of the best node, or None."""
    return ...

# %%
t.check("start-four-3")

# %% [markdown]
# ## Kept away, and led there
#
# *One node never gets any of your Pods. Why is that, and can it be otherwise?*
#
# A **taint** is a note on a node: keep away, unless you put up with this. The control plane has one, so that its own
# programs have it to themselves. A Pod puts up with a taint by a **toleration** in its `spec`.
#
# A **label** works the other way round. A Pod may ask for nodes with a certain label, in `spec.nodeSelector`. The taint
# keeps others away; the label leads yours there. A toleration alone leads nowhere: it only opens a door.
#
# ### Your turn: a way past the taint
#
# <!-- zh 14c27bbe -->
# ## 挡在外面，引到那里
#
# *有一个节点从来分不到你的 Pod。为什么？能不能让它分到？*
#
# **污点**（taint）是贴在节点上的一张条子：不要过来，除非你受得了这个。控制平面就有一个，好让它自己的程序独占这台机器。Pod 用 `spec` 里的**容忍度**（toleration）表示它受得了某个污点。
#
# **标签**（label）正相反。Pod 可以在 `spec.nodeSelector` 里要求带有某个标签的节点。污点挡住别人，标签把你的 Pod 引过去。单有容忍度，哪里也不会把它引去：它只是打开了一扇门。
#
# ### 轮到你了：绕过污点

# %%
t.exercise("start-four-4")

# %% tags=["embedded-only"]
t.wait("pod/watcher", "Unschedulable")
t.placement("pod/watcher")

# %%
# One node has the label, and a taint. Let the Pod in.

# %%
t.check("start-four-4")

# %% [markdown]
# ## Closed for new Pods
#
# *A machine needs a repair tonight. How do you get your programs off it, without anybody noticing?*
#
# In two steps, and `kubectl drain` does both. To **cordon** a node is to close it for new Pods. To **evict** a Pod is to
# ask it to leave; its Deployment then has one too few, makes a new one, and the scheduler finds that a node, somewhere else.
#
# Nodes belong to everybody on a cluster. So the next cells change one only where the cluster is yours alone (an embedded
# one, or the course's own kind); and they ask only the Pods of `four` to leave. Elsewhere, read on. (The first line clears
# away what two exercises have left.)
#
# > **Guess first.** The node is drained, and then opened again. Do the Pods come back?
#
# <!-- zh 23a4a012 -->
# ## 不再接收新的 Pod
#
# *今晚要修一台机器。怎样把你的程序从上面挪走，又不让任何人察觉？*
#
# 分两步，`kubectl drain`（腾空）两步都做。**封锁**（cordon）一个节点，就是让它不再接收新的 Pod。**驱逐**（evict）一个 Pod，就是请它离开；这样它的 Deployment 就少了一个，于是再建一个新的，由调度器在别处给它找一个节点。
#
# 节点属于集群里的每一个人。所以，只有当集群归你一个人时（内嵌集群，或者本课程自己的 kind 集群），下面的单元格才会去改动节点；而且只请 `four` 的 Pod 离开。在别的集群上，往下读就行。（第一行把两个练习留下的东西清理掉。）
#
# > **先猜一猜。** 节点腾空了，然后又重新打开。那些 Pod 会回来吗？

# %% tags=["embedded-only"]
t.kubectl("delete pod orphan watcher --now --ignore-not-found")
node = t.get("pod/heavy")["spec"]["nodeName"]
mine = "personal" in t.cluster.features
if mine:
    print(t.kubectl(f"drain {node} --pod-selector=app=four"))
    t.wait("deploy/four", "6 of 6 pods ready")
t.graph(lens="placement")

# %% [markdown]
# The node is *cordoned*, which you also see as a taint, and the six are on the other one. `heavy` has stayed, because it
# was not asked: it is a Pod without anybody to make it anew. (Without `--pod-selector`, drain would refuse to touch it
# unless you insist with `--force`; then it would be gone for good.)
#
# <!-- zh 635b3c9b -->
# 节点处于*封锁*状态（cordoned），你也可以从它的污点看出来；六个 Pod 都在另一个节点上。`heavy` 留了下来，因为没有请它走：这个 Pod 背后没有谁会重新创建它。（如果不加 `--pod-selector`，drain 会拒绝动它，除非你用 `--force` 坚持；那样它就再也回不来了。）

# %% tags=["embedded-only"]
if mine:
    print(t.kubectl(f"uncordon {node}"))
    t.wait(f"node/{node}", lambda node: not node["spec"].get("taints"))
t.graph(lens="placement")

# %% [markdown]
# They do not come back. The scheduler decides once for each Pod, at its beginning, and a Pod never moves. The node that
# was opened again fills up only as new Pods come.
#
# ## A machine dies
#
# *That was a farewell in good order. Now somebody trips over the plug.*
#
# Nobody is told when a machine dies. There is only silence: its kubelet, which renews a note every ten seconds, does not
# renew it any more. How long is one to wait before one believes it?
#
# > **Guess first.** How long will it take until the lost Pods run elsewhere: a second? A minute? More than five minutes?
#
# That is for the Pod to say: for how long does it tolerate a node that is not heard of? The API server has added such a
# toleration to each of yours. So that you need not wait for it, the next cell gives the Pods of `four` one of ten seconds. (That
# changes their template, so they are made and spread anew.)
#
# <!-- zh e38a0b4d -->
# 没有回来。调度器对每个 Pod 只决定一次，就在它一开始的时候；Pod 从不搬家。重新打开的节点，要等有新的 Pod 来，才会慢慢填满。
#
# ## 一台机器坏了
#
# *刚才是一次井然有序的告别。现在，有人绊到了电源线。*
#
# 机器坏了，不会有人来通知。有的只是沉默：它的 kubelet 本来每十秒更新一次记录，现在不再更新了。要等多久，才能相信它真的坏了？
#
# > **先猜一猜。** 要过多久，丢掉的 Pod 才会在别处运行：一秒？一分钟？五分钟以上？
#
# 这要由 Pod 来说：节点没了音讯，它能容忍多久？API 服务器给你的每个 Pod 都加上了这样一条容忍度。为了不让你久等，下一个单元格给 `four` 的 Pod 一条十秒的。（这改动了它们的模板，所以它们会重新创建，重新分布。）

# %%
patience = {"key": "node.kubernetes.io/unreachable", "operator": "Exists",
            "effect": "NoExecute", "tolerationSeconds": 10}
change = {"spec": {"template": {"spec": {"tolerations": [patience]}}}}
t.kubectl(f"patch deployment four -p '{json.dumps(change)}'")
t.wait("deploy/four", "rolled out")
t.wait("deploy/four", "6 of 6 pods ready")

# %% [markdown]
# Now pull the plug of the node that `heavy` is on. The embedded cluster lets you do that, and so does a kind cluster that
# `k8s-tutor` made; there the cell takes about a minute, since silence has to last. On any other cluster it says that it
# cannot, and the page shows what happened here.
#
# <!-- zh 85660b39 -->
# 现在拔掉 `heavy` 所在节点的电源。内嵌集群允许你这么做，`k8s-tutor` 创建的 kind 集群也允许；在那里这一格大约要一分钟，因为沉默要持续一阵子才算数。在别的集群上，它会说做不到，而这一页展示的是在这里发生的事。

# %% tags=["embedded-only"]
from k8s_tutor import UsageError

dead = False
try:
    t.switch_node(f"node/{node}", on=False)
    t.wait(f"node/{node}", "Ready=Unknown", timeout=120)
    t.wait("deploy/four", lambda four: four["status"].get("readyReplicas", 0) < 6)
    dead = True
except UsageError as error:
    print(error)
t.graph(lens="placement")

# %% [markdown]
# *Not ready: Kubelet stopped posting node status.* For some fifty seconds nobody suspected anything. Then a controller
# wrote down that it no longer knows, and that the Pods there are not ready: no requests are sent to them any more. But
# they still count. Perhaps only a cable is loose, and they run on.
#
# <!-- zh b76dfe89 -->
# *未就绪：Kubelet stopped posting node status.*（kubelet 不再报告节点状态。）大约五十秒里，谁也没有起疑。然后有一个控制器写下：情况不明，那里的 Pod 没有就绪，于是不再有请求发给它们。但它们仍然算数。也许只是网线松了，它们还在运行。

# %% tags=["embedded-only"]
if dead:
    t.wait("deploy/four", lambda four: four["status"].get("readyReplicas") == 6, timeout=120)
t.graph(lens="placement")

# %% [markdown]
# Ten seconds later their patience was over. The taint `unreachable` with the effect `NoExecute` drives out whoever does not
# tolerate it (any longer). In their place new Pods run on the other node. The old ones are `Terminating`, and stay so: only
# their kubelet could say that they have really ended, and it is silent.
#
# `heavy` has the usual patience, and that is 300 seconds: with the silence before, more than five minutes in all. Then it
# will go as well, and nobody will start it anew.
#
# Put the plug back:
#
# <!-- zh c5eca7d6 -->
# 又过了十秒，它们的耐心用完了。污点 `unreachable` 的效果是 `NoExecute`，谁不（再）容忍它，就把谁赶走。顶替它们的新 Pod 在另一个节点上运行。旧的那些是 `Terminating`，而且一直如此：它们是不是真的结束了，只有它们的 kubelet 能说，而它沉默着。
#
# `heavy` 的耐心和平常一样，是 300 秒：加上之前的沉默，一共五分钟以上。到时候它也得走，而且没有谁会重新启动它。
#
# 把电源插回去：

# %% tags=["embedded-only"]
if dead:
    t.switch_node(f"node/{node}", on=True)
    t.wait(f"node/{node}", "Ready")
    t.wait("deploy/four", "6 of 6 pods ready")
t.graph(lens="placement")

# %% [markdown]
# The kubelet speaks again, reads what has been decided in its absence, and clears the old Pods away. `heavy` was in luck.
# And as you know by now, nothing moves back.
#
# | after | what happens | who writes it |
# |---|---|---|
# | 0 s | silence | nobody |
# | about 50 s | the node's condition *Ready* is `Unknown`, its Pods are not ready, and it gets a taint | `node-lifecycle-controller` |
# | 300 s more (or what the Pod says) | its Pods are deleted, and stay `Terminating` | `taint-eviction-controller` |
# | at once | new Pods, on other nodes | `replicaset-controller`, scheduler, kubelets |
#
# ## A share of the whole
#
# *Ten teams share one cluster. What keeps one of them from taking all of it?*
#
# Not the scheduler: it only asks whether a node has room. How much a *namespace* may ask for, in all, is said by a
# **ResourceQuota**. First make room, then give this namespace a share: half a CPU, and no more than ten Pods.
#
# (You need the right to write quotas. Your own cluster gives it; your place in a workshop has its quota already, and lets
# you make no other. There, read on.)
#
# <!-- zh 71887c57 -->
# kubelet 又开口了，读到它不在时做出的决定，把旧的 Pod 清理掉。`heavy` 运气不错。而且你已经知道：没有什么会搬回来。
#
# | 过了多久 | 发生什么 | 谁写下来 |
# |---|---|---|
# | 0 秒 | 沉默 | 没有人 |
# | 大约 50 秒 | 节点的状况 *Ready* 变成 `Unknown`，它的 Pod 未就绪，它得到一个污点 | `node-lifecycle-controller` |
# | 再过 300 秒（或者 Pod 自己写的时间） | 它的 Pod 被删除，停在 `Terminating` | `taint-eviction-controller` |
# | 紧接着 | 别的节点上有了新的 Pod | `replicaset-controller`、调度器、各个 kubelet |
#
# ## 整体中的一份
#
# *十个团队共用一个集群。怎样才能不让其中一个把它全占了？*
#
# 靠调度器不行：它只问节点上有没有地方。一个*名字空间*总共可以请求多少，由**资源配额**（ResourceQuota）规定。先腾出地方，再给这个名字空间一份：半个 CPU，最多十个 Pod。
#
# （你得有权创建资源配额。在自己的集群上你有；工作坊里你的位置已经有了一份配额，不让你再建。在那里，往下读就行。）

# %%
t.kubectl("delete deployment four --ignore-not-found --cascade=foreground")
t.kubectl("delete pod heavy --now --ignore-not-found")
t.apply("""
apiVersion: v1
kind: ResourceQuota
metadata: {name: share}
spec:
  hard: {requests.cpu: 500m, pods: 10}
""")
t.wait("resourcequota/share", lambda quota: quota.get("status", {}).get("used"))
t.kubectl("describe quota share")

# %% [markdown]
# *Hard* is what is allowed, *Used* what is asked for so far. Nothing yet.
#
# > **Guess first.** A Pod that requests nothing takes nothing from the share. Will it get in?
#
# <!-- zh 9cf9ed26 -->
# *Hard* 是允许的，*Used* 是目前已经请求的。现在还什么都没有。
#
# > **先猜一猜。** 一个什么都不请求的 Pod，不占这一份里的任何东西。它进得来吗？

# %%
from k8s_tutor import StatusError, UsageError

silent = """
apiVersion: v1
kind: Pod
metadata: {name: silent}
spec: {containers: [{name: app, image: "ghcr.io/stefanprodan/podinfo:6.9.2"}]}
"""
try:
    t.apply(silent)
except (StatusError, UsageError) as error:
    print(error)

# %% [markdown]
# It does not: *must specify requests.cpu*. Where CPU is counted, each Pod has to say its number. And this is not the
# scheduler speaking but the API server (`Forbidden`, 403): the Pod is refused **before** it is stored. A Pod for which no
# node fits exists, and waits as `Pending`. This one does not exist at all.
#
# > **Guess first.** Now a Deployment with three Pods of `200m` each, 600 thousandths in all. What will it be told:
# > *created*, or *Forbidden*?
#
# <!-- zh 0522bb7d -->
# 进不来：*must specify requests.cpu*（必须写明 requests.cpu）。在统计 CPU 的地方，每个 Pod 都得报出自己的数。而且说话的不是调度器，而是 API 服务器（`Forbidden`，403）：这个 Pod 在存下来**之前**就被拒绝了。没有节点放得下的 Pod 是存在的，以 `Pending` 状态等着。而这一个根本不存在。
#
# > **先猜一猜。** 现在来一个 Deployment，三个 Pod，每个 `200m`，一共千分之 600。它会得到什么回答：*created*，还是 *Forbidden*？

# %%
t.apply("""
apiVersion: apps/v1
kind: Deployment
metadata: {name: crowd}
spec:
  replicas: 3
  selector: {matchLabels: {app: crowd}}
  template:
    metadata: {labels: {app: crowd}}
    spec: {containers: [{name: app, image: "ghcr.io/stefanprodan/podinfo:6.9.2",
                         resources: {requests: {cpu: 200m}}}]}
""")

# %% tags=["embedded-only"]
t.wait("deploy/crowd", "ReplicaFailure=True")
t.wait("deploy/crowd", lambda crowd: crowd["status"].get("readyReplicas") == 2)
t.explain("deploy/crowd")

# %% [markdown]
# Created, since the quota counts no Deployments. Two Pods run; the third was refused, and the one who heard it was not you
# but the ReplicaSet, which makes the Pods. It notes it in an event, and as the condition `ReplicaFailure`: *exceeded
# quota*, with what was requested, what is used, and what is allowed. It tries again and again, ever more seldom.
#
# So a Deployment that lacks Pods, with none of them `Pending`, was refused at the door. Ask it, not the scheduler.
#
# Must everybody write requests now? A **LimitRange** gives a default to containers that ask for nothing:
#
# <!-- zh a302dbf5 -->
# 得到的是 created，因为这个配额不统计 Deployment。两个 Pod 在运行；第三个被拒绝了，而听到这句话的不是你，是创建 Pod 的 ReplicaSet。它记在一个事件里，也记成状况 `ReplicaFailure`：*exceeded quota*（超出配额），后面写着请求了多少、用了多少、允许多少。它会一再重试，间隔越来越长。
#
# 所以，如果一个 Deployment 缺 Pod，又没有哪个 Pod 是 `Pending`，那就是在门口被拒绝了。该问的是它，不是调度器。
#
# 那么人人都得写请求吗？**LimitRange** 会给什么都没请求的容器一个默认值：

# %%
t.apply("""
apiVersion: v1
kind: LimitRange
metadata: {name: modest}
spec:
  limits:
  - {type: Container, defaultRequest: {cpu: 50m}}
""")
t.apply(silent)
t.kubectl("get pod silent -o jsonpath={.spec.containers[0].resources}")

# %% [markdown]
# The same Pod as before, and now it gets in. The default was written into the Pod on its way, before the quota counted. (A
# LimitRange can also set a smallest and a largest value for each container. The quota looks at the sum.)
#
# Clear away, and then it is your turn.
#
# <!-- zh 17c832be -->
# 和刚才一样的 Pod，这回进来了。默认值在半路上写进了 Pod，写在配额统计之前。（LimitRange 还可以给每个容器规定最小值和最大值。配额看的则是总和。）
#
# 收拾一下，然后就轮到你了。

# %%
t.kubectl("delete deployment crowd --ignore-not-found --cascade=foreground")
t.kubectl("delete pod silent --now --ignore-not-found")
t.kubectl("delete limitrange/modest quota/share --ignore-not-found")

# %% [markdown]
# ### Your turn: four voices, one CPU
#
# The office has given this namespace one CPU, and not a thousandth more. The Deployment `choir` has one Pod; four are to
# sing. The quota belongs to the office.
#
# <!-- zh 6464acd7 -->
# ### 轮到你了：四个声部，一个 CPU
#
# 办公室给了这个名字空间一个 CPU，多千分之一也不行。Deployment `choir` 有一个 Pod；要四个一起唱。配额归办公室管。

# %%
t.exercise("start-four-5")

# %%
# Ask for four, and see how many come: t.explain("deploy/choir")

# %%
t.check("start-four-5")

# %% [markdown]
# ## What you can do now
#
# - Send a request to a cluster with `kubectl`, Python or `curl`, and say why it makes no difference.
# - Say who turns a stored sentence into running Pods: readers, each of whom writes what the next one waits for.
# - Tell what a node has from what is **requested** of it, and both from what is used.
# - Read a decision: **filters** say who can, **scores** who is best, a **binding** says who it is.
# - Keep Pods away with **taints**, let them in with tolerations, lead them with labels.
# - **Cordon** and **drain** a node; and say what happens, minute by minute, when one dies.
# - Give a namespace its share with a **ResourceQuota**, a default with a **LimitRange**, and find a Pod that was refused.
#
# **Read on** in the official documentation: [the Kubernetes API](https://kubernetes.io/docs/concepts/overview/kubernetes-api/),
# [the scheduler](https://kubernetes.io/docs/concepts/scheduling-eviction/kube-scheduler/),
# [its plugins](https://kubernetes.io/docs/reference/scheduling/config/),
# [requests and limits](https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/),
# [taints and tolerations](https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/),
# [draining a node](https://kubernetes.io/docs/tasks/administer-cluster/safely-drain-node/),
# [nodes](https://kubernetes.io/docs/concepts/architecture/nodes/),
# [resource quotas](https://kubernetes.io/docs/concepts/policy/resource-quotas/),
# [limit ranges](https://kubernetes.io/docs/concepts/policy/limit-range/).
#
# The last cell removes everything this lesson has made.
#
# <!-- zh 7b12cd87 -->
# ## 现在你会了
#
# - 用 `kubectl`、Python 或 `curl` 向集群发送请求，并说出为什么没有区别。
# - 说出是谁把一句存下来的话变成运行着的 Pod：一群读者，每一个写下的，正是下一个在等的。
# - 分清节点有多少资源、被**请求**走多少，以及实际用了多少。
# - 读懂一次决定：**过滤**说谁可以，**打分**说谁最好，**绑定**说就是谁。
# - 用**污点**挡住 Pod，用容忍度让它进来，用标签引它过去。
# - **封锁**和**腾空**一个节点；并一分钟一分钟地说出节点坏掉时会发生什么。
# - 用**资源配额**（ResourceQuota）给名字空间一份，用 **LimitRange** 给一个默认值，并找出被拒绝的 Pod。
#
# **继续阅读**官方文档：[Kubernetes API](https://kubernetes.io/zh-cn/docs/concepts/overview/kubernetes-api/)、[调度器](https://kubernetes.io/zh-cn/docs/concepts/scheduling-eviction/kube-scheduler/)、[它的插件](https://kubernetes.io/zh-cn/docs/reference/scheduling/config/)、[请求和限制](https://kubernetes.io/zh-cn/docs/concepts/configuration/manage-resources-containers/)、[污点和容忍度](https://kubernetes.io/zh-cn/docs/concepts/scheduling-eviction/taint-and-toleration/)、[腾空节点](https://kubernetes.io/zh-cn/docs/tasks/administer-cluster/safely-drain-node/)、[节点](https://kubernetes.io/zh-cn/docs/concepts/architecture/nodes/)、[资源配额](https://kubernetes.io/zh-cn/docs/concepts/policy/resource-quotas/)、[限制范围](https://kubernetes.io/zh-cn/docs/concepts/policy/limit-range/)。
#
# 最后一个单元格会删除这一课创建的所有东西。

# %%
t.leave()
