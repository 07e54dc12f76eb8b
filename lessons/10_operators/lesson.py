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
# # Operators
#
# Kubernetes keeps Pods going without knowing what runs in them. For some programs that is not enough: they need
# looking after, by somebody who knows them. In this lesson you write that somebody.
#
# By the end you can
#
# - say what a **quorum** is, and why new Pods alone do not heal a database,
# - write the three steps of an operator, and watch a database grow, lose a member, and heal,
# - say what an operator can do when the majority is lost, and what only a person should do,
# - give an operator a home in the cluster: a Deployment, a name of its own, and just enough rights,
# - read an operator written with kopf, the library that people use for this in Python.
#
# It takes about 45 minutes. You need Python, and what you learned in [lesson 8](08_control_loop.ipynb) (the control
# loop) and [lesson 9](09_kinds.ipynb) (kinds of your own). Run the cells from top to bottom; running one twice does no
# harm.
#
# <!-- zh 741fbeaf -->
# # Operator
#
# Kubernetes 让 Pod 一直运行，却不知道里面跑的是什么。对有些程序来说，这还不够：它们需要有人照看，而且得是懂行的人。在这一课里，你来写出这个人。
#
# 学完这一课，你能够
#
# - 说出什么是**法定人数**，以及为什么光补上新的 Pod 救不了数据库，
# - 写出 Operator 的三个步骤，看着一个数据库扩大、失去一个成员、再恢复，
# - 说出失去多数之后 Operator 还能做什么，什么只该由人来做，
# - 在集群里给 Operator 一个家：一个 Deployment，一个自己的身份，刚好够用的权限，
# - 读懂用 kopf 写的 Operator，在 Python 里大家就用这个库来写。
#
# 大约需要 45 分钟。你需要会 Python，还要学过[第 8 课](08_control_loop.ipynb)（控制回路）和[第 9 课](09_kinds.ipynb)（你自己的对象种类）。从上到下依次运行各个单元格；同一格运行两遍也没关系。

# %%
from k8s_tutor import connect
t = connect()
t.lesson("operators")

# %% [markdown]
# ## A program that needs looking after
#
# *A Deployment replaces Pods that are lost. Is that not enough for a database?*
#
# **etcd** is a small database that several **members** keep together. Each holds everything, and what more than half of
# them have written down counts. Such a majority is called a **quorum**. (Kubernetes itself keeps all its objects in
# etcd.) Who is a member stands on a list, and the list is part of what they have agreed on:
#
# <!-- zh 31795b43 -->
# ## 需要人照看的程序
#
# *Pod 没了，Deployment 会补上。对数据库来说，这还不够吗？*
#
# **etcd** 是一个小型数据库，由几个**成员**（member）共同维护。每个成员都保存全部内容，过半的成员都写下的东西才算数。这样的多数叫作**法定人数**（quorum）。（Kubernetes 自己的所有对象，也都保存在 etcd 里。）谁是成员，写在一份名单上，而名单本身也是成员们商定的内容：

# %%
t.picture("quorum")

# %% [markdown]
# A newcomer cannot join just by being there: somebody has to put it on the list. A lost member stays on the list, and
# counts, until somebody takes it off. A Deployment knows nothing of lists. In the last panel three Pods run, and the
# database stands still.
#
# Somebody who knows etcd would have taken the lost member off, put the new one on, and only then started it. People who
# know such things about a program wrote them down as another program, and called it an **operator**.
#
# ## The wish
#
# *Where do you tell an operator what you want?*
#
# In an object of a kind of its own. You know from [lesson 9](09_kinds.ipynb) how a cluster is taught one: here the
# schema has a `size`, 3 if you leave it out, and a `status` with a door of its own, for the operator's report. (The
# first operator, in 2016, was one for etcd.)
#
# <!-- zh 85966e53 -->
# 新成员不是到场就算加入：得有人把它写进名单。没了的成员还在名单上，还要计数，直到有人把它划掉。Deployment 不知道什么名单。在最后一格里，三个 Pod 在运行，而数据库停着不动。
#
# 懂 etcd 的人会先把没了的成员划掉，把新的写上，然后才启动它。懂得某个程序的人，把这些知识写成了另一个程序，称它为 **Operator**。
#
# ## 期望
#
# *你要什么，在哪里告诉 Operator？*
#
# 写在一个它自己种类的对象里。怎样教会集群一个种类，你在[第 9 课](09_kinds.ipynb)学过：这里的模式有一个 `size`，不写就是 3；还有一个 `status`，走自己的门，留给 Operator 写报告。（2016 年的第一个 Operator，就是 etcd 的。）

# %%
version = """
  - name: v1
    served: true
    storage: true
    subresources: {status: {}}
    additionalPrinterColumns: [{name: Size, type: integer, jsonPath: .spec.size},
      {name: Ready, type: integer, jsonPath: .status.ready}, {name: Doing, type: string, jsonPath: .status.doing}]
    schema: {openAPIV3Schema: {type: object, properties: {
      spec: {type: object, default: {}, properties: {size: {type: integer, minimum: 1, maximum: 7, default: 3}}},
      status: {type: object, properties: {ready: {type: integer}, doing: {type: string}}}}}}
"""

# %%
t.apply("""
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: etcdclusters.tutor.example, labels: {app.kubernetes.io/managed-by: k8s-tutor}}
spec:
  group: tutor.example
  scope: Namespaced
  names: {kind: EtcdCluster, singular: etcdcluster, plural: etcdclusters}
  versions:
""" + version)
t.wait("crd/etcdclusters.tutor.example", "Established")

# %% tags=["keep"]
def order(size):
    t.apply(f"{{apiVersion: tutor.example/v1, kind: EtcdCluster, metadata: {{name: db}}, spec: {{size: {size}}}}}")

order(3)
t.kubectl("get etcdclusters")

# %% [markdown]
# Nothing more happens: a sheet of paper, and nobody who reads it. Here is the reader:
#
# <!-- zh 5e9991ae -->
# 别的什么也没有发生：一张纸，没有人读。读它的人在这里：

# %%
t.picture("plan")

# %% [markdown]
# It goes round like every controller: observe, analyse, act, and look again ([lesson 8](08_control_loop.ipynb)). What is
# new is that it acts in two places, and that its knowledge is in the *order*. Most of it is written already. Four places
# are yours, marked **①②③④**. As long as one is open, the course's own answer stands in for it, so that you can read on
# and come back.
#
# ## Observe
#
# *Three places to look. Which of them tells the truth about members?*
#
# Only etcd itself knows its list. Its command-line tool `etcdctl` is inside every member's Pod, so ask there. `me` is
# whoever the operator works as; for now that is you.
#
# <!-- zh cdf9cca1 -->
# 它和每个控制器一样转圈：观察、分析、行动，再看一遍（[第 8 课](08_control_loop.ipynb)）。新鲜的是，它在两个地方动手，而且它的知识就在*顺序*里。大部分已经写好。留给你的有四处，标着 **①②③④**。只要一处还空着，就由课程自己的答案顶替，所以你可以先往下读，回头再写。
#
# ## 观察
#
# *要看三个地方。关于成员，哪个地方说的才是真的？*
#
# 名单只有 etcd 自己知道。它的命令行工具 `etcdctl` 在每个成员的 Pod 里都有，所以就到那里去问。`me` 是 Operator 以谁的身份干活；眼下就是你。

# %% tags=["keep"]
import json
from k8s_tutor import StatusError
from k8s_tutor.errors import TutorError

me = t

def etcdctl(member, command):
    return str(me.exec(f"pod/{member}", f"etcdctl --command-timeout=3s {command}"))

# %% tags=["keep"]
def member_list(running):
    """etcd's own list, ids by name, from the first member that answers."""
    for one in running:
        try:
            listed = json.loads(etcdctl(one, "member list --consistency=s -w json"))["members"]
            ids = {each["peerURLs"][0].split("/")[2].split(".")[0]: f"{each['ID']:x}" for each in listed}
            return dict(sorted(ids.items()))  # etcd's own order is that of the ids: chance
        except StatusError:
            raise
        except TutorError:
            continue  # it is starting, or has stopped
    return {}

# %% [markdown]
# (The long line takes the name out of the address, `http://db-1.db:2380`: a member that is on the list and has not
# started yet has an address and no name. Ids are written in hexadecimal.)
#
# Not every Pod that is listed is a Pod to count on.
#
# ### ① Your turn: dead or alive
#
# `is_alive` is given a Pod, as a dict like the ones `t.get` returns. It should return `True` for one that runs or is
# still starting (phase *Running* or *Pending*), unless somebody is deleting it: then its `metadata` holds a
# `deletionTimestamp`.
#
# <!-- zh d3f48f17 -->
# （那个长行从地址 `http://db-1.db:2380` 里取出名字：一个成员已经在名单上、但还没有启动，这时它有地址，没有名字。ID 用十六进制书写。）
#
# 列得出来的 Pod，未必都靠得住。
#
# ### ① 轮到你了：是死是活
#
# `is_alive` 会拿到一个 Pod，是一个 dict，和 `t.get` 返回的一样。Pod 正在运行或还在启动（阶段为 *Running* 或 *Pending*），就应该返回 `True`；除非有人正在删除它：这时它的 `metadata` 里会有 `deletionTimestamp`。

# %% tags=["keep"]
@t.place("operators-1")
def is_alive(pod):
    """① Does this Pod count?"""
    return ...

# %%
t.check("operators-1")

# %% [markdown]
# Alive is not yet ready: a member is ready when the database answers there. That is all the first step needs. (`steps`
# only writes down what the operator sees, thinks and does.)
#
# <!-- zh f378a5c4 -->
# 活着，还不等于就绪：数据库在那里有回答，成员才算就绪。第一步需要的就是这些。（`steps` 只是把 Operator 看到的、想到的、做了的记下来。）

# %% tags=["keep"]
steps = t.steps("etcdcluster/db")

def names_of(pods, condition=None):
    return sorted(pod["metadata"]["name"] for pod in pods if condition is None or any(
        one["type"] == condition and one["status"] == "True" for one in pod["status"].get("conditions", [])))

# %% tags=["keep", "words"]
def observe(name):
    wish = me.get(f"etcdcluster/{name}")
    pods = [pod for pod in me.objects("pods", labels=f"etcd={name}") if is_alive(pod)]
    alive, ready = names_of(pods), names_of(pods, "Ready")
    running = names_of([pod for pod in pods if pod["status"]["phase"] == "Running"])
    members = member_list([*ready, *running])
    sources = f"spec.size · Pods etcd={name} · etcdctl member list"
    steps.observe(sources, wanted=wish["spec"]["size"], alive=alive, ready=ready, members=sorted(members))
    return {"wish": wish, "alive": alive, "ready": ready, "members": members}

# %% tags=["words"]
seen = observe("db")
print("wanted:", seen["wish"]["spec"]["size"], " alive:", seen["alive"], " on the list:", list(seen["members"]))

# %% [markdown]
# ## Analyse
#
# *Two things need doing at once. Which comes first?*
#
# This step talks to nobody. It compares the wish with what is there, and decides on *one* thing to do: etcd wants its
# list changed one member at a time.
#
# ### ② Your turn: who is lost?
#
# `lost` is given the members, a dict from names to ids, and the names of the living Pods. It should return a list: the
# names of the members without a living Pod.
#
# <!-- zh 74e94e82 -->
# ## 分析
#
# *两件事同时要办。先办哪一件？*
#
# 这一步不和任何人说话。它把期望和现有的比较一下，决定去做*一件*事：etcd 的名单，一次只能改动一个成员。
#
# ### ② 轮到你了：谁没了？
#
# `lost` 会拿到成员（一个从名字到 ID 的 dict），还有活着的 Pod 的名字。它应该返回一个列表：没有活着的 Pod 与之对应的那些成员的名字。

# %% tags=["keep"]
@t.place("operators-2")
def lost(members, alive):
    """② Members without a living Pod."""
    return ...

# %%
t.check("operators-2")

# %% tags=["keep", "words"]
def compare(have, wanted, free, last):
    if have < wanted:
        return "add", free, f"{have} of {wanted} members"
    if have > wanted:
        return "remove", last, f"{have} members, {wanted} wanted"
    return "rest", "", "all is as wanted"

# %% tags=["keep", "words"]
def analyse(name, seen):
    wanted, members, alive = seen["wish"]["spec"]["size"], seen["members"], seen["alive"]
    free = next(f"{name}-{number}" for number in range(9) if f"{name}-{number}" not in members)
    if starting := [one for one in alive if one not in seen["ready"]]:
        return "wait", starting[0], f"{starting[0]} is still starting"
    if not alive:
        return "start", free, "there is no member yet"
    if dead := lost(members, alive):
        return "remove", dead[0], f"{dead[0]} is on the list and has no Pod"
    return compare(len(members), wanted, free, alive[-1])

decide = analyse

# %% [markdown]
# > **Guess first.** `db-1` is lost, and somebody has just ordered five members instead of three. What comes first?
#
# It needs no cluster to find out. Make up what was seen:
#
# <!-- zh ce17fdaf -->
# > **先猜一猜。** `db-1` 没了，又有人刚刚把三个成员改订为五个。先办哪一件？
#
# 要知道答案，不需要集群。把看到的情形编出来就行：

# %% tags=["keep"]
def imagine(wanted, members, alive):
    seen = {"wish": {"spec": {"size": wanted}}, "alive": alive, "ready": alive, "members": dict.fromkeys(members, "id")}
    verb, member, why = analyse("db", seen)
    print(f"{wanted} wanted, list {members}, alive {alive}: {verb} {member} ({why})")

imagine(3, ["db-0"], ["db-0"])
imagine(5, ["db-0", "db-1", "db-2"], ["db-0", "db-2"])
imagine(3, ["db-0", "db-1", "db-2"], ["db-0", "db-1", "db-2"])

# %% [markdown]
# The lost one is taken off the list first. Now two of three answer; with a fourth on the list it would be two of four,
# and that is no majority. (etcd knows that too, and refuses.)
#
# ## Act
#
# *What has to happen first: the list, or the Pod?*
#
# A member is a Pod with etcd in it. It has to be told its own name, who the others are, and whether it founds a cluster
# (`new`) or joins one (`existing`):
#
# <!-- zh 9288b3a3 -->
# 没了的，先从名单上划掉。现在是三个里面有两个回答；名单上再添一个，就成了四个里面有两个，不成多数。（这一点 etcd 也知道，它会拒绝。）
#
# ## 行动
#
# *什么必须在先：名单，还是 Pod？*
#
# 一个成员，就是一个里面运行着 etcd 的 Pod。要告诉它自己叫什么，别的成员是谁，以及它是要创建一个集群（`new`），还是加入一个集群（`existing`）：

# %% tags=["keep"]
def address(member):
    return f"http://{member}.{member.rpartition('-')[0]}:2380"

def command(member, members, state):
    others = ",".join(f"{one}={address(one)}" for one in members)
    client = address(member).replace("2380", "2379")
    return ["etcd", f"--name={member}", "--data-dir=/tmp/etcd", f"--initial-cluster={others}",
            f"--initial-cluster-state={state}", f"--initial-advertise-peer-urls={address(member)}",
            f"--advertise-client-urls={client}", "--listen-peer-urls=http://0.0.0.0:2380",
            "--listen-client-urls=http://0.0.0.0:2379"]

# %%
print(*command("db-1", ["db-0", "db-1"], "existing")[3:5], sep="\n")

# %% [markdown]
# The Pod belongs to its `EtcdCluster`: an **owner reference** says so. Its probe asks etcd whether it can reach a
# majority, and wants six good answers in a row, a second apart, and forgives a minute of bad ones. That is no idle wait:
# etcd changes its list only when the members have been in touch for five seconds, and calls itself unhealthy before (on
# a slow machine the other side may count from later on: `tell` then asks again). And a headless Service gives every
# member a name in DNS, `db-1.db`, even before it is ready, since the members have to find each other first.
#
# <!-- zh 6f270bf8 -->
# 这个 Pod 属于它的 `EtcdCluster`：这由**属主引用**（owner reference）来说明。它的探针问的是 etcd 能不能联系到多数成员，要连续六次得到好的回答，每次隔一秒；坏的回答，它容忍一分钟。这不是白等：成员之间连上满五秒，etcd 才肯改动名单，在那之前它说自己不健康（机器慢的时候，另一边也许开始数得更晚：`tell` 就再问一次）。还有一个无头 Service，给每个成员一个 DNS 名字 `db-1.db`，未就绪的也有，因为它们得先找到彼此。

# %% tags=["keep"]
def pod(member, name, members, state):
    probe = {"httpGet": {"path": "/health", "port": 2379}, "periodSeconds": 1, "successThreshold": 6,
             "failureThreshold": 60}
    container = {"name": "etcd", "image": "registry.k8s.io/etcd:3.7.0-0",
                 "command": command(member, members, state), "readinessProbe": probe}
    spec = {"hostname": member, "subdomain": name, "restartPolicy": "Never", "containers": [container]}
    return {"kind": "Pod", "metadata": {"name": member, "labels": {"etcd": name}}, "spec": spec}

def service(name):
    ports = [{"name": "client", "port": 2379}, {"name": "peer", "port": 2380}]
    spec = {"clusterIP": "None", "publishNotReadyAddresses": True, "selector": {"etcd": name}, "ports": ports}
    return {"kind": "Service", "metadata": {"name": name}, "spec": spec}

# %% tags=["keep"]
def create(wish, thing):
    owner = {key: wish[key] for key in ("apiVersion", "kind")}
    owner |= {key: wish["metadata"][key] for key in ("name", "uid")}
    thing["metadata"]["ownerReferences"] = [owner | {"controller": True}]
    with steps.act(f"Kubernetes: create {thing['kind']} {thing['metadata']['name']}"):
        me.client.apply({"apiVersion": "v1", **thing}, t.namespace)

# %% tags=["keep"]
def tell(member, line, tries=20):
    with steps.act(f"etcd: {line}"):
        while True:
            tries -= 1
            try:
                return etcdctl(member, line)
            except TutorError as refusal:
                if "unhealthy cluster" not in str(refusal) or not tries:
                    raise

# %% [markdown]
# ### ③ Your turn: letting somebody in
#
# `join` lets a new member in. It is given the member's name, its address, and two functions: `etcd("member list")`,
# for example, runs `etcdctl member list` in a member that is up, and `start()` creates the new member's Pod. The
# command that puts a member on the list is `member add NAME --peer-urls=ADDRESS`. Which comes first?
#
# <!-- zh 0d3f3025 -->
# ### ③ 轮到你了：放新成员进来
#
# `join` 放一个新成员进来。它会拿到成员的名字、成员的地址，还有两个函数：比如 `etcd("member list")` 会在一个已经起来的成员里运行 `etcdctl member list`，而 `start()` 会创建新成员的 Pod。把成员写进名单的命令是 `member add NAME --peer-urls=ADDRESS`。哪一个在先？

# %% tags=["keep"]
@t.place("operators-3")
def join(member, address, etcd, start):
    """③ Let a new member in."""
    return ...

# %%
t.check("operators-3")

# %% [markdown]
# Put together, this is the third step, and one **run**. Before it acts, the operator reports what it is about to do.
#
# <!-- zh 0e6f4777 -->
# 合在一起，就是第三步，以及一**轮**（run）。在行动之前，Operator 先报告自己要做什么。

# %% tags=["keep"]
def act(name, seen, verb, member):
    wish, members = seen["wish"], [*seen["members"], member]
    if verb == "start":
        create(wish, service(name))
        create(wish, pod(member, name, members, "new"))
    if verb == "add":
        join(member, address(member), lambda line: tell(seen["ready"][0], line),
             lambda: create(wish, pod(member, name, members, "existing")))
    if verb == "remove":
        tell(next(one for one in seen["alive"] if one != member), f"member remove {seen['members'][member]}")
        remove_pod(member, seen)

# %% tags=["keep"]
def remove_pod(member, seen):
    if member in seen["alive"]:
        with steps.act(f"Kubernetes: delete Pod {member}"):
            me.client.delete("pods", member, t.namespace)

def report(name, seen, doing):
    status = {"ready": len(seen["ready"]), "doing": doing}
    me.client.patch("etcdclusters", name, {"status": status}, t.namespace, subresource="status")

# %% tags=["keep"]
def run(name):
    with steps.run():
        seen = observe(name)
        verb, member, why = decide(name, seen)
        doing = f"{verb} {member}".strip()
        steps.analyse(doing, because=why)
        report(name, seen, doing)
        act(name, seen, verb, member)
    return verb, member

# %% [markdown]
# ## One run after the other
#
# > **Guess first.** Three members are ordered, and nothing is there yet. What will the first run do?
#
# <!-- zh 44afb5e3 -->
# ## 一轮接一轮
#
# > **先猜一猜。** 订了三个成员，现在一个也没有。第一轮会做什么？

# %%
t.guess("operators-a")

# %%
steps = t.steps("etcdcluster/db")  # a fresh page
run("db")
steps

# %% [markdown]
# It starts one, with a list of one. More is for later runs: each looks at what is there, and nobody tells it "now for
# part two". So an operator can be stopped at any moment and started again. This loop lets it go on until there is
# nothing left to do:
#
# <!-- zh bf7f9a50 -->
# 它启动一个，名单上也只有这一个。其余的留给后面几轮：每一轮都看现在有什么，没有人告诉它“现在进行第二部分”。所以 Operator 随时可以停下，也随时可以再启动。下面这个循环让它一直做下去，直到没有事可做：

# %% tags=["keep"]
def operate(name):
    verb, member = run(name)
    while verb not in ("rest", "call"):
        t.wait(f"pod/{member}", "deleted" if verb == "remove" else "Ready", timeout=120)
        verb, member = run(name)

# %%
operate("db")
t.graph("etcdcluster/db", lens="ownership")

# %% [markdown]
# Three members, and each belongs to `db`. So much for Kubernetes. What does etcd say? And write something into it, to
# have something to lose:
#
# <!-- zh cd607f6b -->
# 三个成员，个个都属于 `db`。这是 Kubernetes 的说法。etcd 怎么说呢？再往里面写点东西，好有东西可以失去：

# %%
print(*sorted(member_list(["db-0"])))
print(etcdctl("db-0", "put lesson ten"))

# %% [markdown]
# ## One is lost
#
# *A Pod is gone. Nobody has told etcd. What happens?*
#
# <!-- zh 634b7ccf -->
# ## 没了一个
#
# *一个 Pod 没了。没有人告诉 etcd。会怎么样？*

# %%
t.delete("pod/db-1", now=True)
run("db")
steps

# %% [markdown]
# Three on the list, two alive: `db-1` is lost, so it is taken off. And then two members, three wanted: that is a case
# for "add", the same lines as before. Healing needs no code of its own. The new `db-1` shares nothing with the old one
# but its name. Does it have what the others have?
#
# <!-- zh 97143bc5 -->
# 名单上三个，活着的两个：`db-1` 没了，所以被划掉。接下来是现有两个、期望三个：这属于“添加”，用的还是前面那几行。恢复不需要另写代码。新的 `db-1` 和旧的除了名字，没有一点相同。别的成员有的东西，它有吗？

# %%
operate("db")
print(etcdctl("db-1", "get lesson"))

# %% [markdown]
# Everything. Here is the whole story so far, run by run. Use the buttons, or the arrow keys:
#
# <!-- zh b58e4380 -->
# 全都有。到现在为止的经过，一轮一轮都在这里。用按钮或方向键来走：

# %%
steps.stepper()

# %% [markdown]
# ## The majority is lost
#
# *Two of three burn down in the same night. What can the operator do?*
#
# > **Guess first.** It did so well with one. `db-1` and `db-2` are lost at once: what does it manage?
#
# <!-- zh 68e7c650 -->
# ## 多数没了
#
# *三个里面有两个，同一夜烧坏了。Operator 能做什么？*
#
# > **先猜一猜。** 没了一个，它应付得很好。`db-1` 和 `db-2` 同时没了呢：它办得成什么？

# %%
t.guess("operators-b")

# %% tags=["keep"]
def attempt(deed, *given):
    """Does it, or prints in a line why not."""
    try:
        print(deed(*given))
    except TutorError as refusal:
        lines = str(refusal).splitlines()
        print(next(("Error:" + line.partition("Error:")[2] for line in lines if "Error:" in line), lines[0]))

# %%
t.delete("pod/db-1", now=True)
t.delete("pod/db-2", now=True)
attempt(run, "db")
t.kubectl("get etcdclusters")

# %% [markdown]
# Nothing. To take a member off the list is a decision, too, and for that it needs a majority, which is just what is
# missing. And look at the report: "remove db-1". That is what it will say tomorrow, too, and it is not true. What does
# the survivor still do?
#
# <!-- zh d8d6aca2 -->
# 什么也办不成。从名单上划掉一个成员，也是一个决定，需要多数同意，而缺的正是多数。再看看报告：“remove db-1”。明天它还会这么说，而这不是真的。剩下的那个还能做什么？

# %%
attempt(etcdctl, "db-0", "put lesson eleven")
attempt(etcdctl, "db-0", "get lesson")
attempt(etcdctl, "db-0", "get lesson --consistency=s")

# %% [markdown]
# It takes no writing. It does not even answer an ordinary question, since the others might know something newer. Only to
# "what do *you* remember?" (`--consistency=s`, a *serializable* read) does it have an answer. So an operator should at
# least notice where it stands.
#
# ### ④ Your turn: a majority
#
# `has_majority` is given the members, a dict from names to ids, and the names of the living Pods. It should return `True`
# if the members that live are more than half of all members.
#
# <!-- zh e1bf79a1 -->
# 写不进去。连普通的问题它也不回答，因为别的成员也许知道更新的东西。只有问它“*你自己*记得什么？”（`--consistency=s`，*可串行化*的读），它才有回答。所以，Operator 至少应该看出自己落到了什么地步。
#
# ### ④ 轮到你了：多数
#
# `has_majority` 会拿到成员（一个从名字到 ID 的 dict），还有活着的 Pod 的名字。活着的成员超过全体成员的一半，就应该返回 `True`。

# %% tags=["keep"]
@t.place("operators-4")
def has_majority(members, alive):
    """④ Can those who live decide?"""
    return ...

# %%
t.check("operators-4")

# %% [markdown]
# This question comes before all others:
#
# <!-- zh 64ac95e4 -->
# 这个问题要排在所有问题之前：

# %% tags=["keep", "words"]
def decide(name, seen):
    members, alive = seen["members"], seen["alive"]
    if members and not has_majority(members, alive):
        return "call", "somebody", f"of {len(members)} members there are {len(alive)}: no majority"
    return analyse(name, seen)

# %%
run("db")
steps.picture(steps.runs[-1].number)

# %% [markdown]
# It does nothing, and says so. Why does it not simply start afresh from `db-0`? Because it cannot know whether the two are
# gone for good. If they were only cut off, they would still be a majority, and go on writing; then there would be two
# databases that both call themselves `db`. And whatever those two wrote down without `db-0` would be thrown away. To give
# that up is a decision for a person. You make it now:
#
# <!-- zh 8e176209 -->
# 它什么也不做，并且说了出来。它为什么不干脆从 `db-0` 重新开始呢？因为它没法知道那两个是不是真的没了。如果只是网络断开，那两个还是多数，还会继续写；那样就会有两个数据库，都自称 `db`。而且，那两个在 `db-0` 不知道时写下的东西，就全扔掉了。放弃这些，要由人来决定。现在由你来决定：

# %%
t.picture("restore")

# %% tags=["keep"]
from base64 import b64decode

def copy_of(member):
    """What a member remembers, majority or not."""
    found = json.loads(etcdctl(member, "get '' --prefix --consistency=s -w json"))["kvs"]
    return {b64decode(one["key"]).decode(): b64decode(one["value"]).decode() for one in found}

saved = copy_of("db-0")
saved

# %%
t.delete("pod/db-0", now=True)
operate("db")
for key, value in saved.items():
    etcdctl("db-0", f"put {key} {value}")
print(etcdctl("db-2", "get lesson"))

# %% [markdown]
# You copied, and you deleted the survivor: that was the decision. The rest was the operator's trade. It saw no member,
# founded a cluster with a list of one, and added two. (etcd's own way is `etcdctl snapshot save` and then
# `etcdutl snapshot restore`: that keeps the history of each key, too. With the keys alone you have what most programs
# need. Better is not to need it: copy every night, while all is well.)
#
# ## A home in the cluster
#
# *So far the operator works in your name, and may do whatever you may. Whose name should it have?*
#
# An operator is a program, and programs belong in Pods: a **Deployment** keeps it going. In a Pod it works in the name
# of a **ServiceAccount**, which may do nothing at all until a **Role** says what, and a **RoleBinding** says whose that
# Role is:
#
# <!-- zh 8e77fa31 -->
# 抄下来，再删掉剩下的那个：这就是你的决定。其余是 Operator 的本行。它看到一个成员也没有，就创建一个名单上只有一个的集群，再添上两个。（etcd 自己的办法是先 `etcdctl snapshot save`，再 `etcdutl snapshot restore`：每个键的历史也会保留。只有键和值，对大多数程序也够用了。最好是用不着：趁一切正常，每天夜里备份。）
#
# ## 集群里的家
#
# *到现在为止，Operator 以你的身份干活，你能做什么，它就能做什么。它应该有谁的身份？*
#
# Operator 是一个程序，程序就该在 Pod 里：由一个 **Deployment** 让它一直运行。在 Pod 里，它以一个 **ServiceAccount**（服务账号）的身份干活；这个账号什么也不许做，直到有一个 **Role** 说明可以做什么，再有一个 **RoleBinding** 说明这个 Role 归谁：

# %%
t.picture("home")

# %%
t.apply("{apiVersion: v1, kind: ServiceAccount, metadata: {name: operator}}")

# %%
t.apply("""
apiVersion: apps/v1
kind: Deployment
metadata: {name: operator}
spec:
  selector: {matchLabels: {app: operator}}
  template:
    metadata: {labels: {app: operator}}
    spec:
      serviceAccountName: operator
      containers: [{name: home, image: "busybox:1.35", command: [sleep, infinity]}]
""")

# %% [markdown]
# In that container should be your program. For that it needs an image with Python, kopf and your cells in it, built from
# four lines like these:
#
# ```
# FROM python:3.14-slim
# RUN pip install kopf
# COPY operator.py .
# CMD ["kopf", "run", "--standalone", "operator.py"]
# ```
#
# Nobody has built that image, and so no cluster can run it here. This Pod only keeps the place, and the program goes on
# running in your notebook. But the name is real. Kubernetes has put a **token** into the Pod, a signed letter that says
# "I am `operator`", and the operator takes that letter and shows it with each request. To the API server it is all the same:
# the same name, the same rights, and a letter that is void when the Pod is gone.
#
# <!-- zh 90e51f59 -->
# 那个容器里本来应该是你的程序。为此需要一个镜像，里面有 Python、kopf 和你的这些单元格，用下面这样的四行来构建：
#
# ```
# FROM python:3.14-slim
# RUN pip install kopf
# COPY operator.py .
# CMD ["kopf", "run", "--standalone", "operator.py"]
# ```
#
# 这个镜像没有人构建过，所以在这里哪个集群都运行不了它。这个 Pod 只是占着位置，程序还在你的笔记本里运行。但身份是真的。Kubernetes 往 Pod 里放了一个**令牌**（token），是一封签了名的信，写着“我是 `operator`”；Operator 拿着这封信，每次请求都出示它。在 API 服务器看来完全一样：一样的身份，一样的权限，Pod 没了，这封信也就作废。

# %%
t.wait("deployment/operator", "Available")
home = t.objects("pods", labels="app=operator")[-1]["metadata"]["name"]
letter = str(t.exec(f"pod/{home}", "cat /var/run/secrets/kubernetes.io/serviceaccount/token"))
me = t.sign_in(letter)
attempt(run, "db")

# %% [markdown]
# `403 Forbidden`, word for word: who, what, where. It may not even read the wish. So give it rights, one rule for each
# kind of thing it works with:
#
# <!-- zh 9bfccf75 -->
# 这就是 `403 Forbidden`，原话说得清清楚楚：谁，做什么，在哪里。它连期望都不能读。那就给它权限，它要打交道的每一类东西写一条规则：

# %% tags=["keep"]
def give(*rules):
    rbac = "rbac.authorization.k8s.io"
    t.apply([{"apiVersion": f"{rbac}/v1", "kind": "Role", "metadata": {"name": "operator"}, "rules": list(rules)},
             {"apiVersion": f"{rbac}/v1", "kind": "RoleBinding", "metadata": {"name": "operator"},
              "subjects": [{"kind": "ServiceAccount", "name": "operator"}],
              "roleRef": {"apiGroup": rbac, "kind": "Role", "name": "operator"}}])

def rule(group, resources, *verbs):
    return {"apiGroups": [group], "resources": resources, "verbs": list(verbs)}

# %% tags=["keep"]
wishes = rule("tutor.example", ["etcdclusters"], "get", "list", "watch", "patch")
members = rule("", ["pods", "services"], "get", "list", "watch", "create", "patch", "delete")
etcd = rule("", ["pods/exec"], "get", "create")
give(wishes, members, etcd)

# %% [markdown]
# > **Guess first.** It may read the wish, make and remove Pods, and run `etcdctl` in them. One thing was forgotten: its
# > report, which goes through a door of its own. Now `db-1` is lost. Does it come back?
#
# <!-- zh 68510fc7 -->
# > **先猜一猜。** 它可以读期望，可以创建和删除 Pod，可以在里面运行 `etcdctl`。忘了一样：它的报告，要走自己的门。现在 `db-1` 没了。它会回来吗？

# %%
t.guess("operators-c")

# %%
t.delete("pod/db-1", now=True)
attempt(run, "db")

# %% [markdown]
# It does not. The run ended at the report, before the deed. One forgotten word, `etcdclusters/status`, and the whole
# operator stands still; this is the most common of all mistakes with operators, and the message says what is missing. Give
# it that right:
#
# <!-- zh e33ab902 -->
# 不会。这一轮停在报告上，还没有轮到行动。忘了一个词，`etcdclusters/status`，整个 Operator 就停住了；这是写 Operator 时最常犯的错，而消息里写着缺的是什么。把这个权限给它：

# %%
give(wishes, members, etcd, rule("tutor.example", ["etcdclusters/status"], "patch"))
who = f"--as=system:serviceaccount:{t.namespace}:operator"
attempt(t.kubectl, f"auth can-i patch etcdclusters.tutor.example/db --subresource=status {who}")

# %%
operate("db")
t.kubectl("get etcdclusters")

# %% [markdown]
# ### Your turn: rights, just enough
#
# A small program is to write reports. It works in the name of ServiceAccount `reporter`: it looks at Pods and EtcdClusters
# (`get`, `list`), and reports through `etcdclusters/status` (`patch`). Give it these rights in this namespace, and no
# others, with a Role and a RoleBinding that are called `reporter`, too.
#
# <!-- zh 9db25466 -->
# ### 轮到你了：刚好够用的权限
#
# 有个小程序要写报告。它以 ServiceAccount `reporter` 的身份干活：查看 Pod 和 EtcdCluster（`get`、`list`），并通过 `etcdclusters/status` 报告（`patch`）。在这个名字空间里给它这些权限，别的一概不给；Role 和 RoleBinding 也都叫 `reporter`。

# %%
t.exercise("operators-5")

# %%
# A Role and a RoleBinding, both yours to write.

# %%
t.check("operators-5")

# %% [markdown]
# ### Your turn: one, in its own name
#
# Somebody has put an operator into the Deployment `nightwatch`. ServiceAccount, Role and RoleBinding of that name are
# right, but it gets 403 for everything, and two copies of it run. Let exactly one run, in the name of the ServiceAccount
# `nightwatch`, and leave its rights as they are.
#
# <!-- zh 4dc74b39 -->
# ### 轮到你了：一个，用自己的身份
#
# 有人把一个 Operator 放进了 Deployment `nightwatch`。同名的 ServiceAccount、Role 和 RoleBinding 都没问题，可是它做什么都得到 403，而且有两份在运行。让恰好一个在运行，用 ServiceAccount `nightwatch` 的身份；它的权限保持原样。

# %%
t.exercise("operators-6")

# %%
# Look around: t.kubectl("get pods -l app=nightwatch -o yaml")
# Then do something.

# %%
t.check("operators-6")

# %% [markdown]
# ## The same with kopf
#
# *`operate` stops when it has nothing to do. Who calls it when the next Pod dies, at night?*
#
# A real operator is woken by changes, and tries again when something goes wrong. You wrote such a loop in
# [lesson 8](08_control_loop.ipynb); for operators there are libraries, and in Python it is **kopf**. You say which changes
# concern you; the three steps remain yours.
#
# <!-- zh 1bdd1429 -->
# ## 用 kopf 再做一遍
#
# *`operate` 没事可做就停了。夜里又有 Pod 没了，谁来叫它？*
#
# 真正的 Operator 由变化来唤醒，出了错会再试。这样的循环，你在[第 8 课](08_control_loop.ipynb)写过；写 Operator 有现成的库，在 Python 里就是 **kopf**。你说出自己关心哪些变化；三个步骤，仍然由你来写。

# %% tags=["keep"]
import kopf, logging, threading, yaml

logging.getLogger("kopf").setLevel(logging.CRITICAL)  # kopf has much to tell; here the cluster shows it
kopf.set_default_registry(kopf.OperatorRegistry())
awake = threading.Event()

# %% tags=["keep"]
@kopf.on.resume("etcdclusters", backoff=1)
@kopf.on.create("etcdclusters", backoff=1)
@kopf.on.update("etcdclusters", backoff=1)
def reconcile(name, **_):
    awake.set()
    verb, member = run(name)
    if verb not in ("rest", "call"):
        raise kopf.TemporaryError(f"{verb} {member}", delay=1)

# %% [markdown]
# `run` is the function from above. *TemporaryError* says: not there yet, call me again in a second. A lost Pod should
# wake the operator, too. So its loss is noted on the object it belonged to, and that is a change:
#
# <!-- zh 8b00be1f -->
# `run` 就是前面那个函数。*TemporaryError* 的意思是：还没到位，一秒之后再叫我。没了一个 Pod，也应该唤醒 Operator。所以要在它所属的对象上记一笔，而这就是一个变化：

# %% tags=["keep"]
@kopf.on.event("pods", labels={"etcd": kopf.PRESENT})
def note_loss(type, labels, uid, **_):
    if type == "DELETED" and me.client.find("etcdclusters", labels["etcd"], t.namespace):
        note = {"metadata": {"annotations": {"tutor.example/lost": uid}}}
        me.client.patch("etcdclusters", labels["etcd"], note, t.namespace)

# %% [markdown]
# In a Pod, kopf finds the letter by itself. Here it is handed the one from the operator's Pod, so that kopf's own requests
# are asked for their rights as well:
#
# <!-- zh 96acffa6 -->
# 在 Pod 里，kopf 自己就能找到那封信。在这里，把 Operator 的 Pod 里的那封交给它，这样连 kopf 自己的请求也要查权限：

# %% tags=["keep"]
@kopf.on.login()
def show_the_letter(**_):
    server = yaml.safe_load(t.cluster.kubeconfig.read_text())["clusters"][0]["cluster"]
    return kopf.ConnectionInfo(server=server["server"], ca_data=server.get("certificate-authority-data"), token=letter)

@kopf.on.startup()
def keep_quiet(settings, **_):
    settings.posting.enabled = False  # no events: the Role has no rule for them
    settings.scanning.disabled = True  # no new kinds are looked for: that would be a right for the whole cluster

# %%
if "operator" not in [thread.name for thread in threading.enumerate()]:
    stop = threading.Event()
    options = {"standalone": True, "namespaces": [t.namespace], "stop_flag": stop}
    operator = threading.Thread(name="operator", target=kopf.run, kwargs=options, daemon=True)
    operator.start()
print("awake:", awake.wait(180))

# %% [markdown]
# The first thing it did was look at every `EtcdCluster` there is (*resume*). Now it is awake. Five members would survive
# the loss of two. So say so, and do nothing else:
#
# <!-- zh 87480d7d -->
# 它做的第一件事，是把现有的每个 `EtcdCluster` 看一遍（*resume*）。现在它醒着。五个成员经得起失去两个。那就这样说一声，别的什么也不做：

# %% tags=["keep"]
def settled(size):
    t.wait("etcdcluster/db", lambda db: db["status"] == {"ready": size, "doing": "rest"}, timeout=300, timed=False)

order(5)
settled(5)
t.graph("etcdcluster/db", lens="ownership")

# %% [markdown]
# One number, and no commands at all: those are written down in the operator. And at night?
#
# <!-- zh 58ae1ad0 -->
# 改一个数字，一条命令也不用：命令都写在 Operator 里了。那么夜里呢？

# %%
t.kubectl("delete pod db-1 --now")
t.wait("pod/db-1", "exists", timeout=120, timed=False)
settled(5)
print(etcdctl("db-1", "get lesson"))

# %% [markdown]
# Nobody had to call anything. Before you go, send the operator to bed.
#
# > **Guess first.** Then you delete the `EtcdCluster`, while nobody is awake. What becomes of its five Pods?
#
# <!-- zh 92ae8829 -->
# 谁也不用去叫。走之前，让 Operator 去睡觉。
#
# > **先猜一猜。** 然后你删掉 `EtcdCluster`，这时没有人醒着。它的五个 Pod 会怎么样？

# %%
stop.set()
operator.join(60)
t.guess("operators-d")

# %%
t.kubectl("delete etcdcluster db")
for number in range(5):
    t.wait(f"pod/db-{number}", "deleted", timed=False)

# %% [markdown]
# They go with it. The owner references did that, and the garbage collector. That is one more controller: it observes
# objects whose owner is gone, and acts.
#
# ## What you can do now
#
# - A **quorum** is more than half of a *list*. New Pods alone do not heal: somebody has to change the list.
# - An **operator** is a controller that knows a program. Its knowledge is in the order of its questions; healing is no
#   special case.
# - With the majority lost, it says so and stops. To start afresh from what one member remembers is for a person to decide.
# - An operator lives in a **Deployment**, works in the name of a **ServiceAccount**, and may do what a **Role** says, bound
#   by a **RoleBinding**. `etcdclusters` and `etcdclusters/status` are two rights.
# - **Owner references** say what belongs to whom; **kopf** takes care of waking up and trying again.
#
# **Read on** in the official documentation:
# [the operator pattern](https://kubernetes.io/docs/concepts/extend-kubernetes/operator/),
# [rights with RBAC](https://kubernetes.io/docs/reference/access-authn-authz/rbac/),
# [ServiceAccounts](https://kubernetes.io/docs/concepts/security/service-accounts/),
# [owners and dependents](https://kubernetes.io/docs/concepts/overview/working-with-objects/owners-dependents/);
# [kopf](https://docs.kopf.dev/);
# [changing etcd's members](https://etcd.io/docs/latest/op-guide/runtime-configuration/), and
# [restoring etcd](https://etcd.io/docs/latest/op-guide/recovery/).
#
# The last cell removes everything this lesson has made.
#
# <!-- zh 0059ee5d -->
# 它们跟着一起没了。这是属主引用和垃圾收集器做的。垃圾收集器也是一个控制器：它观察哪些对象的属主已经不在，然后行动。
#
# ## 你现在会做什么
#
# - **法定人数**是*名单*的一半以上。光补上新的 Pod 救不了：得有人去改名单。
# - **Operator** 是懂得某个程序的控制器。它的知识就在提问的顺序里；恢复不是什么特例。
# - 失去多数的时候，它说出来，然后停下。要不要靠一个成员记得的东西重新开始，由人来决定。
# - Operator 住在 **Deployment** 里，以 **ServiceAccount** 的身份干活，可以做的是 **Role** 里写的，由 **RoleBinding** 连起来。`etcdclusters` 和 `etcdclusters/status` 是两个权限。
# - **属主引用**说明什么属于谁；**kopf** 负责唤醒和重试。
#
# **继续阅读**官方文档：[Operator 模式](https://kubernetes.io/zh-cn/docs/concepts/extend-kubernetes/operator/)、[用 RBAC 授权](https://kubernetes.io/zh-cn/docs/reference/access-authn-authz/rbac/)、[服务账号](https://kubernetes.io/zh-cn/docs/concepts/security/service-accounts/)、[属主与附属](https://kubernetes.io/zh-cn/docs/concepts/overview/working-with-objects/owners-dependents/)；[kopf](https://docs.kopf.dev/)；[变更 etcd 的成员](https://etcd.io/docs/latest/op-guide/runtime-configuration/)，以及[恢复 etcd](https://etcd.io/docs/latest/op-guide/recovery/)。
#
# 最后一个单元格会删除这一课创建的所有东西。

# %%
t.leave()
