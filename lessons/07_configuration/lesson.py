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
# # Configuration and state
#
# A Pod can be replaced at any moment by another one just like it. That is its strength, as long as two things are not
# *in* it: what it has to be told, and what it must not forget. In this lesson you put both where they belong. On the
# way you lose some data, once, on purpose.
#
# By the end you can
#
# - keep settings apart from programs, in a ConfigMap, and hand them over as variables or as files,
# - predict who notices when a setting changes, and who does not,
# - keep a password in a Secret, and say what that does and does not protect,
# - say where a program's files are kept, and how long,
# - give a Pod a disk that outlives it, and give each Pod of a group its own.
#
# It takes about 45 minutes. You need what you learned about Pods ([lesson 1](01_pods.ipynb)) and headless Services
# ([lesson 5](05_services.ipynb)). Run the cells from top to bottom; running one twice does no harm.
#
# <!-- zh 5bc1718c -->
# # 配置与数据
#
# 一个 Pod 随时可以被另一个一模一样的 Pod 替换。这正是它的长处，前提是有两样东西不在它*里面*：要告诉它的事，和它不能忘记的事。在这一课里，你把这两样都放到该放的地方。途中你会丢一次数据，故意的。
#
# 学完这一课，你能够
#
# - 把设置和程序分开，放进 ConfigMap，再作为变量或者文件交给程序，
# - 预言设置改变时谁会察觉，谁不会，
# - 把密码放进 Secret，并说出它保护了什么、没有保护什么，
# - 说出程序的文件存放在哪里，能存多久，
# - 给 Pod 一块比它活得更久的磁盘，给一组 Pod 每个一块自己的磁盘。
#
# 大约需要 45 分钟。你要学过 Pod（[第 1 课](01_pods.ipynb)）和无头 Service（[第 5 课](05_services.ipynb)）。从上到下依次运行各个单元格；同一格运行两遍也没关系。

# %%
from k8s_tutor import connect
t = connect()
t.lesson("configuration")

# %% [markdown]
# ## What a program has to be told
#
# *The same image runs in your test cluster and in the real one. The greeting, the opening hours, the address of the
# database differ. Where do you write them down?*
#
# Not in the image: you would have to build a new one for every place. And not in the Pod's manifest, if several Pods
# share the same settings. They get an object of their own, a **ConfigMap**. It holds keys and values, and nothing else:
#
# <!-- zh c6baf10c -->
# ## 要告诉程序的事
#
# *同一个镜像，既在你的测试集群里运行，也在正式集群里运行。问候语、营业时间、数据库的地址各不相同。这些写在哪里？*
#
# 不写在镜像里：否则每换一个地方就得重新构建一个。如果几个 Pod 共用同样的设置，也不写在 Pod 的清单里。设置有自己的对象，叫作 **ConfigMap**。它里面只有键和值，没有别的：

# %%
t.apply("""
apiVersion: v1
kind: ConfigMap
metadata: {name: board}
data:
  message: We open at nine.
""")

# %% [markdown]
# Nobody reads it yet. The next Pod does, and in three ways at once, so that you can compare them:
#
# - as a **variable** of its environment: `MESSAGE`,
# - as a **file**: the whole ConfigMap is mounted as a folder, `/board`, with a file for each key,
# - as **one file by itself**: `subPath` picks the key `message` and mounts it at `/pinned/message`.
#
# <!-- zh 05818842 -->
# 还没有人读它。下面这个 Pod 会读，而且同时用三种方式，好让你比较：
#
# - 作为环境里的一个**变量**：`MESSAGE`，
# - 作为**文件**：整个 ConfigMap 挂载成一个文件夹 `/board`，每个键一个文件，
# - 作为**单独一个文件**：`subPath` 挑出键 `message`，挂载到 `/pinned/message`。

# %%
reader = """
apiVersion: v1
kind: Pod
metadata: {name: reader}
spec:
  volumes: [{name: board, configMap: {name: board}}]
  containers:
  - {name: shell, image: "busybox:1.35", command: [sleep, "86400"],
     env: [{name: MESSAGE, valueFrom: {configMapKeyRef: {name: board, key: message}}}],
     volumeMounts: [{name: board, mountPath: /board},
                    {name: board, mountPath: /pinned/message, subPath: message}]}
"""

# %%
t.apply(reader)
t.wait("pod/reader", "Ready")
t.graph("pod/reader", lens="storage")

# %%
look = ["sh", "-c", 'echo variable: $MESSAGE; echo file: $(cat /board/message); echo pinned: $(cat /pinned/message)']
t.exec("pod/reader", look)

# %% [markdown]
# The program in the Pod has never heard of Kubernetes. It finds a variable and two files, as on any computer.
#
# ## When the setting changes
#
# *Tomorrow you open at ten. You change the ConfigMap. What does the running program see?*
#
# > **Guess first.** Three ways to read, and the Pod keeps running. Which of them will say *ten*: all three? None? Some?
#
# <!-- zh 92348e59 -->
# Pod 里的程序从来没有听说过 Kubernetes。它找到一个变量和两个文件，和在任何一台计算机上一样。
#
# ## 设置变了以后
#
# *明天十点才开门。你改了 ConfigMap。正在运行的程序看到的是什么？*
#
# > **先猜一猜。** 三种读法，Pod 一直在运行。哪些会说 *ten*（十点）：三个都会？一个也不会？还是有的会？

# %%
t.apply("""
apiVersion: v1
kind: ConfigMap
metadata: {name: board}
data:
  message: We open at ten.
""")
t.exec("pod/reader", look)

# %% [markdown]
# None, so far. But wait a little. The **kubelet**, the agent on each node, looks after the files of its Pods about once
# a minute. If you would rather not wait that long, give it a reason to look: any change to the Pod will do, an
# annotation for example.
#
# <!-- zh 757a41ee -->
# 到现在为止，一个也没有。不过稍等一下。每个节点上的代理程序 **kubelet** 大约每分钟检查一次自己那些 Pod 的文件。如果你不想等那么久，就给它一个去看的理由：Pod 有任何变动都行，比如加一个注解。

# %%
t.kubectl("annotate pod reader look=again --overwrite")
t.exec("pod/reader", ["sh", "-c", "until grep -q ten /board/message; do sleep 1; done"], timeout=120)
t.exec("pod/reader", look)

# %% [markdown]
# Only the file in the folder has followed. Each of the three has its reason:
#
# | read as | follows a change | because |
# |---|---|---|
# | variable | never | a program gets its environment once, when it is started |
# | file in a mounted folder | within a minute or so | the kubelet puts a new folder in the place of the old one |
# | one file, by `subPath` | never | it was taken out of the *old* folder, and stays what it was |
#
# "Never" means: not while this container lives. The next one reads everything anew:
#
# <!-- zh 40caac83 -->
# 只有文件夹里的那个文件跟上了。三种情形各有各的原因：
#
# | 读法 | 是否跟着变 | 原因 |
# |---|---|---|
# | 变量 | 从不 | 程序的环境只在启动时给一次 |
# | 挂载的文件夹里的文件 | 一分钟左右 | kubelet 用新文件夹换掉旧文件夹 |
# | 用 `subPath` 挂载的单个文件 | 从不 | 它是从*旧*文件夹里取出来的，一直是原样 |
#
# “从不”的意思是：只要这个容器还活着，就不会变。下一个容器会把一切重新读一遍：

# %%
t.delete("pod/reader", now=True)
t.apply(reader)
t.wait("pod/reader", "Ready")
t.exec("pod/reader", look)

# %% [markdown]
# And a file that follows is only half of it: the program has to read it *again*. Many read their settings once, at the
# start. That is why a change of settings is so often followed by a restart.
#
# ### Your turn: yesterday's sign
#
# <!-- zh 59ce4bd0 -->
# 而且文件跟着变只是一半：程序还得*再*读一遍。许多程序只在启动时读一次设置。所以改完设置之后，往往要重启一下。
#
# ### 轮到你了：昨天的告示牌

# %%
t.exercise("configuration-1")

# %%
# Look, think, mend.

# %%
t.check("configuration-1")

# %% [markdown]
# ## What is nobody's business
#
# *redis is a small database that keeps everything in memory and answers in no time. This one wants a password. Where do
# you write that down?*
#
# In a **Secret**. It is used exactly like a ConfigMap. Below, redis gets the password as a variable, and the variable
# as an argument: Kubernetes replaces `$(PASSWORD)` in `args`.
#
# > **Guess first.** The manifest names a Secret that does not exist.
#
# <!-- zh 72d33e57 -->
# ## 与别人无关的事
#
# *redis 是一个小型数据库，把一切都放在内存里，回答得飞快。这一个要密码。密码写在哪里？*
#
# 写在 **Secret** 里。它的用法和 ConfigMap 完全一样。下面，redis 通过变量拿到密码，再把变量用作参数：`args` 里的 `$(PASSWORD)` 由 Kubernetes 替换。
#
# > **先猜一猜。** 清单里写了一个并不存在的 Secret。

# %%
t.guess("configuration-a")

# %%
t.apply("""
apiVersion: v1
kind: Pod
metadata: {name: guarded}
spec:
  containers:
  - name: redis
    image: redis:7
    args: [--requirepass, $(PASSWORD)]
    env: [{name: PASSWORD, valueFrom: {secretKeyRef: {name: door, key: password}}}]
""")

# %%
t.wait("pod/guarded", "CreateContainerConfigError")
t.explain("pod/guarded")

# %% [markdown]
# The Pod is accepted, and has a node; but its container cannot be put together, since a piece is missing. Kubernetes
# neither refuses nor gives up. It tries again every few seconds, so it does not matter in which order you make things.
# Bring the missing piece:
#
# <!-- zh dbddd08c -->
# Pod 被接受了，也有了节点；但是它的容器拼不起来，因为缺了一块。Kubernetes 既不拒绝，也不放弃。每隔几秒它就再试一次，所以先创建哪一个都没关系。把缺的那块补上：

# %%
t.apply("""
apiVersion: v1
kind: Secret
metadata: {name: door}
stringData:
  password: open-sesame
""")
t.wait("pod/guarded", "Ready", timeout=120)
t.exec("pod/guarded", "redis-cli ping")

# %%
t.exec("pod/guarded", ["sh", "-c", "REDISCLI_AUTH=$PASSWORD redis-cli ping"])

# %% [markdown]
# redis guards its door. How well does the Secret guard the password?
#
# > **Guess first.** You may read the objects in this namespace. How much work will it be to find out the password?
#
# <!-- zh 6049c28a -->
# redis 守住了它的门。那么 Secret 把密码守得怎么样？
#
# > **先猜一猜。** 你可以读这个名字空间里的对象。要查出密码，得费多大力气？

# %%
t.kubectl("describe secret door")

# %%
import base64
written = t.get("secret/door")["data"]["password"]
print(written, "is", base64.b64decode(written).decode())

# %% [markdown]
# One line of Python. The values of a Secret are *encoded*, in base64, so that any bytes fit into YAML. They are not
# *encrypted*. What a Secret gives you is something else: passwords are in objects of their own, so that rights can be
# given on everything else but not on them; `describe` does not show them; nobody copies them by accident with the rest of a manifest.
# (Whoever runs the cluster can have them encrypted on its disks, too.)
#
# ### Your turn: the safe that does not open
#
# <!-- zh e958d2fb -->
# 一行 Python。Secret 里的值是用 base64 *编码*的，这样任何字节都能写进 YAML。它们没有*加密*。Secret 给你的是别的东西：密码在单独的对象里，所以可以把其他一切的权限交给别人，唯独不给这些；`describe` 不显示它们；谁也不会在复制清单时不小心把它们带走。（管理集群的人还可以让它们在磁盘上加密存放。）
#
# ### 轮到你了：打不开的保险箱

# %%
t.exercise("configuration-2")

# %%
# Look, think, mend.

# %%
t.check("configuration-2")

# %% [markdown]
# ## Where does it keep what you tell it?
#
# *So much for what goes into a program. Now for what must not get lost.*
#
# Here is another redis, without a password. You tell it something. Usually it writes to disk only now and then; with
# `save` you have it write at once.
#
# <!-- zh c9caf167 -->
# ## 它把你说的话记在哪里？
#
# *要交给程序的，就说到这里。现在来说不能丢的。*
#
# 这里又是一个 redis，没有密码。你告诉它一件事。平时它只是偶尔写一次磁盘；用 `save`，你让它马上写。

# %%
memo = """
apiVersion: v1
kind: Pod
metadata: {name: memo}
spec:
  containers:
  - {name: redis, image: "redis:7"}
"""
t.apply(memo)
t.wait("pod/memo", "Ready")

# %%
t.exec("pod/memo", "redis-cli set tea Assam")
t.exec("pod/memo", "redis-cli save")
t.exec("pod/memo", "ls /data")

# %% [markdown]
# There it is, in a file: `dump.rdb`. redis reads that file when it starts.
#
# > **Guess first.** You delete the Pod and start it again from the same manifest.
#
# <!-- zh 831ad335 -->
# 就在这里，在一个文件里：`dump.rdb`。redis 启动时会读这个文件。
#
# > **先猜一猜。** 你删除这个 Pod，再用同一份清单启动它。

# %%
t.guess("configuration-b")

# %%
t.delete("pod/memo")
t.apply(memo)
t.wait("pod/memo", "Ready")
t.exec("pod/memo", "redis-cli --no-raw get tea")
t.graph("pod/memo", lens="storage")

# %% [markdown]
# `(nil)`: nothing. This is what losing data looks like. No error, no warning, every light is green. redis did all it
# could, it had even written to disk. But that disk was a part of the container, and it went with the container. Look at
# the picture: no line leads out of this Pod. Whatever it has is inside.
#
# ## A disk that stays
#
# *How do you get a disk that does not belong to the Pod?*
#
# You ask for one. A **PersistentVolumeClaim** says how much you need and in what manner you want to use it, not where
# it is to come from:
#
# <!-- zh f8e10953 -->
# `(nil)`：什么也没有。数据丢失就是这个样子。没有错误，没有警告，所有的灯都是绿的。redis 已经尽力了，它甚至写了磁盘。但是那块磁盘是容器的一部分，跟着容器一起没了。看看图：没有一条线通向这个 Pod 外面。它有的一切，都在里面。
#
# ## 留得住的磁盘
#
# *怎么才能得到一块不属于 Pod 的磁盘？*
#
# 去申请一块。**PersistentVolumeClaim**（持久卷申领）说的是你要多大、打算怎么用，而不是它从哪里来：

# %%
t.apply("""
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: shelf}
spec:
  accessModes: [ReadWriteOnce]
  resources: {requests: {storage: 64Mi}}
""")
t.kubectl("get pvc shelf")

# %% [markdown]
# *Pending*: this cluster makes the disk only when a Pod wants to use it, because only then it is known on which node. So
# here is the Pod. Two pieces are new: `volumes` says which claim, `volumeMounts` says in which folder it shall appear.
#
# <!-- zh e0651ef0 -->
# *Pending*：在这个集群里，等到有 Pod 要用的时候才创建磁盘，因为到那时才知道在哪个节点上。那么，这就是 Pod。新的有两处：`volumes` 说的是哪个申领，`volumeMounts` 说的是它要出现在哪个文件夹里。

# %%
memo = """
apiVersion: v1
kind: Pod
metadata: {name: memo}
spec:
  volumes: [{name: disk, persistentVolumeClaim: {claimName: shelf}}]
  containers:
  - {name: redis, image: "redis:7", volumeMounts: [{name: disk, mountPath: /data}]}
"""

# %%
t.delete("pod/memo")
t.apply(memo)
t.wait("pod/memo", "Ready")
t.graph("pod/memo", lens="storage")

# %% [markdown]
# From left to right: the Pod, its claim, and what the claim was given, a **PersistentVolume**. Somebody made it to
# measure: a program called a *provisioner*, which every cluster has for its own kind of disks. The claim and the
# volume are **bound** to each other now. Tell redis about the tea again, and this time do not ask it to save:
#
# <!-- zh a9a46878 -->
# 从左到右：Pod，它的申领，以及申领得到的东西，**PersistentVolume**（持久卷）。它是有人量身定做的：一个叫作 *provisioner*（制备器）的程序，每个集群都有一个，管自己那一种磁盘。申领和卷现在互相**绑定**（bound）。再把茶的事告诉 redis，这一次不要求它保存：

# %%
t.exec("pod/memo", "redis-cli set tea Assam")
t.delete("pod/memo")
t.apply(memo)
t.wait("pod/memo", "Ready")
t.exec("pod/memo", "redis-cli --no-raw get tea")

# %% [markdown]
# Another Pod, the same memory. And nobody had asked it to save. A Pod that is deleted is first *asked* to stop; redis uses
# that moment to write everything down. What it found when it started again is in its log:
#
# <!-- zh 0a6e43c1 -->
# 换了一个 Pod，记忆还是那份。而且没有人要求它保存。删除一个 Pod 时，会先*请*它停下；redis 就用这个时刻把一切都写下来。它再次启动时找到了什么，日志里有：

# %%
t.logs("pod/memo", tail=3)

# %% [markdown]
# So there are three places for a program's files, and the question is always the same: what do they live as long as?
#
# | where | lives as long as | good for |
# |---|---|---|
# | the container's own files | the container | what can be thrown away |
# | a volume of kind `emptyDir` | the Pod: it survives a crash of the container | a workbench; what two containers share |
# | a claim | itself: until somebody deletes the *claim* | what must not get lost |
#
# ### Your turn: the till that forgets
#
# <!-- zh 419a3e07 -->
# 所以程序的文件有三个地方可放，要问的总是同一个问题：它们和什么活得一样久？
#
# | 在哪里 | 活多久 | 适合 |
# |---|---|---|
# | 容器自己的文件 | 和容器一样久 | 可以扔掉的东西 |
# | `emptyDir` 卷 | 和 Pod 一样久：容器崩溃了它还在 | 工作台；两个容器共用的东西 |
# | 申领 | 由它自己决定：直到有人删除*申领* | 不能丢的东西 |
#
# ### 轮到你了：健忘的收银机

# %%
t.exercise("configuration-3")

# %%
# Look, think, mend.

# %%
t.check("configuration-3")

# %% [markdown]
# ## Each its own
#
# *One database is not enough; you want three. Three Pods from one template, as with a Deployment. But then all three
# share one claim, and they have names that nobody can remember. What is missing?*
#
# An identity. A **StatefulSet** gives each of its Pods a number, and everything that hangs on it: a name, a DNS name,
# and a claim of its own, made from a template. The names are found through a headless Service, which `serviceName` says.
#
# > **Guess first.** It begins with one Pod; then you ask for three.
#
# <!-- zh 1c05f1de -->
# ## 每个都有自己的
#
# *一个数据库不够，你要三个。用一个模板创建三个 Pod，就像 Deployment 那样。可是那样的话，三个会共用一个申领，名字也没有人记得住。缺了什么？*
#
# 缺的是身份。**StatefulSet** 给自己的每个 Pod 一个编号，以及跟着编号来的一切：名字、DNS 名字，还有按模板创建的、自己的申领。这些名字要通过一个无头 Service 找到，`serviceName` 说的就是它。
#
# > **先猜一猜。** 一开始只有一个 Pod，然后你要三个。

# %%
t.guess("configuration-c")

# %%
t.apply("""
apiVersion: v1
kind: Service
metadata: {name: db}
spec: {clusterIP: None, selector: {app: db}, ports: [{port: 6379}]}
""")

# %%
t.apply("""
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db}
spec:
  serviceName: db
  selector: {matchLabels: {app: db}}
  template: {metadata: {labels: {app: db}}, spec: {containers: [
    {name: redis, image: "redis:7", volumeMounts: [{name: data, mountPath: /data}]}]}}
  volumeClaimTemplates:
  - {metadata: {name: data}, spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 64Mi}}}}
""")

# %%
t.kubectl("scale statefulset db --replicas=3")
t.wait("statefulset/db", lambda db: db["status"].get("readyReplicas") == 3, timeout=120)
t.graph("statefulset/db", lens="storage")

# %%
t.events("statefulset/db")

# %% [markdown]
# One after the other: first a claim, then its Pod, and the next one only when that Pod is ready. `db-0` always comes
# first; many databases rely on that.
#
# Tell number 1 something that only it knows, and then take it away.
#
# > **Guess first.** It has a name, an address and a memory.
#
# <!-- zh 101ca7c3 -->
# 一个接一个：先是申领，再是它的 Pod，等那个 Pod 就绪了才轮到下一个。`db-0` 总是第一个；许多数据库都指望这一点。
#
# 告诉 1 号一件只有它知道的事，然后把它拿走。
#
# > **先猜一猜。** 它有名字，有地址，有记忆。

# %%
t.guess("configuration-d")

# %%
t.exec("pod/db-1", "redis-cli set secret-of db-1")
before = t.get("pod/db-1")["status"]["podIP"]
t.delete("pod/db-1")
t.wait("pod/db-1", "exists")
t.wait("pod/db-1", "Ready")
t.wait("service/db", "3 ready pods")
print(before, "→", t.get("pod/db-1")["status"]["podIP"])
t.exec("pod/db-0", "redis-cli -h db-1.db get secret-of")

# %% [markdown]
# Name and memory are the same, the address is not, and it need not be: `db-0` asked for `db-1.db`, a name of that Pod
# alone, and found it. The new `db-1` was given the claim `data-db-1`, because that is what its name says.
#
# > **Guess first.** You scale down to one.
#
# <!-- zh 63a13992 -->
# 名字和记忆一样，地址不一样，也不必一样：`db-0` 找的是 `db-1.db`，一个只属于那个 Pod 的名字，而且找到了。新的 `db-1` 得到了申领 `data-db-1`，因为它的名字就是这么说的。
#
# > **先猜一猜。** 你缩到一个。

# %%
t.guess("configuration-e")

# %%
t.kubectl("scale statefulset db --replicas=1")
t.wait("pod/db-1", "deleted")
t.wait("statefulset/db", lambda db: db["status"].get("readyReplicas") == 1)
t.graph("statefulset/db", lens="storage")

# %%
t.kubectl("scale statefulset db --replicas=3")
t.wait("statefulset/db", lambda db: db["status"].get("readyReplicas") == 3, timeout=120)
t.exec("pod/db-1", "redis-cli get secret-of")

# %% [markdown]
# The highest numbers went first, and their claims stayed behind, with everything on them: in the picture, two disks wait
# for two Pods. When `db-1` came back, it found its own. Kubernetes is careful here: Pods are easy to make again, data is
# not. So whoever really wants to be rid of it has to delete the claims, by name.
#
# (Three redis side by side are three databases, not one of three parts. That they should know of each other, copy and
# vote is up to the program. A StatefulSet gives it what it needs for that: names that stay, and a disk to each.)
#
# ### Your turn: three who know their names
#
# <!-- zh e942c2df -->
# 编号最大的先走，它们的申领留了下来，上面的东西也都在：图里，两块磁盘等着两个 Pod。`db-1` 回来时，找到了自己的那块。Kubernetes 在这里很小心：Pod 重做一个很容易，数据可不行。真想丢掉的人，得按名字去删除那些申领。
#
# （三个并排的 redis 是三个数据库，而不是一个分成三份的数据库。要互相认识、复制、投票，是程序自己的事。StatefulSet 给了它需要的东西：不变的名字，和各自的磁盘。）
#
# ### 轮到你了：记得自己名字的三个

# %%
t.exercise("configuration-4")

# %%
# Write your manifest here: t.apply(""" … """)

# %%
t.check("configuration-4")

# %% [markdown]
# ## What you can do now
#
# - Settings live in a **ConfigMap**, passwords in a **Secret**; programs get them as variables or files. What is missing
#   holds the container back, and is waited for.
# - A change reaches the **files of a mounted folder**, after a minute or so. Variables and `subPath` keep the old value
#   until the container is replaced.
# - A Secret is encoded, not encrypted. It is a place to give rights on.
# - A container's own files go with the container, an `emptyDir` goes with the Pod. A **claim** stays until it is deleted.
# - A **StatefulSet** gives each Pod a number, and with it a name, a DNS name and a disk; it works in order, and never
#   deletes data by itself.
#
# **Read on** in the official documentation:
# [ConfigMaps](https://kubernetes.io/docs/concepts/configuration/configmap/),
# [Secrets](https://kubernetes.io/docs/concepts/configuration/secret/),
# [volumes](https://kubernetes.io/docs/concepts/storage/volumes/),
# [persistent volumes](https://kubernetes.io/docs/concepts/storage/persistent-volumes/),
# [StatefulSets](https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/),
# [how redis keeps data](https://redis.io/docs/latest/operate/oss_and_stack/management/persistence/).
#
# The last cell removes everything this lesson has made, claims and data included.
#
# <!-- zh 4c3d7704 -->
# ## 你现在会了什么
#
# - 设置放在 **ConfigMap** 里，密码放在 **Secret** 里；程序通过变量或者文件得到它们。缺了什么，容器就启动不了，会一直等着。
# - 改动会到达**挂载的文件夹里的文件**，大约要一分钟。变量和 `subPath` 保留旧值，直到容器被换掉。
# - Secret 是编码，不是加密。它是一个可以单独授权的地方。
# - 容器自己的文件跟着容器走，`emptyDir` 跟着 Pod 走。**申领**一直留着，直到有人删除它。
# - **StatefulSet** 给每个 Pod 一个编号，连同名字、DNS 名字和磁盘；它按顺序办事，从不自作主张删除数据。
#
# **继续阅读**官方文档：[ConfigMap](https://kubernetes.io/zh-cn/docs/concepts/configuration/configmap/)、[Secret](https://kubernetes.io/zh-cn/docs/concepts/configuration/secret/)、[卷](https://kubernetes.io/zh-cn/docs/concepts/storage/volumes/)、[持久卷](https://kubernetes.io/zh-cn/docs/concepts/storage/persistent-volumes/)、[StatefulSet](https://kubernetes.io/zh-cn/docs/concepts/workloads/controllers/statefulset/)、[redis 怎样保存数据](https://redis.io/docs/latest/operate/oss_and_stack/management/persistence/)。
#
# 最后一个单元格会删除这一课创建的所有东西，包括申领和数据。

# %%
t.leave()
