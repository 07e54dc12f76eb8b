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
# # From Docker to orchestration
#
# You have a program, and it runs on your computer. From there to a shop that is open day and night, on machines that you
# have never seen, it takes two steps: the program goes into a box, and somebody looks after the boxes. In this lesson you
# take both.
#
# By the end you can
#
# - read a Dockerfile line by line, and say what a change of one line costs,
# - tell **image**, **layer** and **container** apart, and say what a container loses when it ends,
# - make an image of your own, and find its Dockerfile's lines again in a running container,
# - name the four things that `docker run` leaves to you,
# - say what an **orchestrator** does about them: deploy, plan, update, maintain.
#
# It takes about 45 minutes. You should know what a Pod is ([lesson 1](01_pods.ipynb)). You need no Docker; if you have it,
# one section says how to do the same with it. Run the cells from top to bottom; running one twice does no harm.
#
# <!-- zh a5bf2a3b -->
# # 从 Docker 到编排
#
# 你有一个程序，它在你的计算机上能跑。从这里到一家日夜营业的商店，开在你从没见过的机器上，要走两步：先把程序装进箱子，再有人照看这些箱子。这一课，你把两步都走一遍。
#
# 学完这一课，你能够
#
# - 逐行读懂一个 Dockerfile，并说出改动一行要付出什么代价，
# - 分清**镜像**（image）、**层**（layer）和**容器**（container），并说出容器结束时会失去什么，
# - 做一个自己的镜像，并在运行着的容器里找到 Dockerfile 的每一行，
# - 说出 `docker run` 留给你自己去做的四件事，
# - 说出**编排系统**（orchestrator）怎样处理它们：部署、安排、更新、维护。
#
# 大约需要 45 分钟。你应该知道什么是 Pod（[第 1 课](01_pods.ipynb)）。你不需要 Docker；如果有，其中一节会说明怎样用它做同样的事。从上到下依次运行各个单元格；同一格运行两遍也没关系。

# %%
from k8s_tutor import connect
t = connect()
t.lesson("orchestration")

# %% [markdown]
# ## A recipe, line by line
#
# *Your program runs on your computer. Why does it not run on the next one?*
#
# Because it never came alone. It needs a certain Python, a few libraries, some files in the right place. An **image** is
# a program together with all of that, in one package. And the recipe for an image is a short text, a **Dockerfile**. This
# one makes an image of a small shop:
#
# ```dockerfile
# FROM python:3.11-slim
# WORKDIR /app
# COPY requirements.txt .
# RUN pip install -r requirements.txt
# COPY shop.py .
# USER 1000
# CMD ["python", "shop.py"]
# ```
#
# > **Guess first.** You change one word in `shop.py` and build the image again. How many of the seven lines will have to
# > be carried out again?
#
# <!-- zh 0f1cf56d -->
# ## 一份配方，一行一行读
#
# *程序在你的计算机上能跑。为什么换一台就不行？*
#
# 因为它从来不是一个人来的。它要某个版本的 Python，要几个库，还要几个文件放在对的地方。**镜像**（image）就是程序加上这一切，打成一包。镜像的配方是一段短短的文本，叫作 **Dockerfile**。下面这一份，做的是一家小店的镜像：
#
# ```dockerfile
# FROM python:3.11-slim
# WORKDIR /app
# COPY requirements.txt .
# RUN pip install -r requirements.txt
# COPY shop.py .
# USER 1000
# CMD ["python", "shop.py"]
# ```
#
# > **先猜一猜。** 你改了 `shop.py` 里的一个词，再构建一次镜像。七行里有几行要重新执行？

# %%
t.picture("layers")

# %% [markdown]
# From top to bottom:
#
# | line | what it does |
# |---|---|
# | `FROM python:3.11-slim` | begins with somebody else's image: a small Debian with Python |
# | `WORKDIR /app` | from here on, everything happens in the folder `/app` |
# | `COPY requirements.txt .` | copies a file of yours into the image: the list of libraries |
# | `RUN pip install …` | runs a command, now, while the image is being made |
# | `COPY shop.py .` | copies your program |
# | `USER 1000` | who runs it later: not root |
# | `CMD ["python", "shop.py"]` | what is run later, each time a container is started |
#
# Each line that changes files makes a **layer**, laid upon the one before: what this line has changed, and no more. The
# builder keeps layers. As long as a line and everything above it are as they were, it takes the layer that it has. So a
# new word in `shop.py` costs one copy. Nothing is fetched and nothing is installed.
#
# ### Your turn: what changes often comes last
#
# A colleague wrote a shorter one. `COPY . .` copies all files of the folder at once:
#
# ```dockerfile
# FROM python:3.11-slim
# WORKDIR /app
# COPY . .
# RUN pip install -r requirements.txt
# USER 1000
# CMD ["python", "shop.py"]
# ```
#
# It works, and yet each changed comma in `shop.py` installs all libraries anew. Write a better one. The function returns
# the Dockerfile, as text; the check goes through it as a builder would.
#
# <!-- zh b8df7b5f -->
# 从上往下读：
#
# | 这一行 | 做什么 |
# |---|---|
# | `FROM python:3.11-slim` | 从别人的镜像开始：一个带 Python 的小 Debian |
# | `WORKDIR /app` | 从这里起，一切都在文件夹 `/app` 里进行 |
# | `COPY requirements.txt .` | 把你的一个文件拷进镜像：要用哪些库的清单 |
# | `RUN pip install …` | 运行一条命令，就在现在，在做镜像的时候 |
# | `COPY shop.py .` | 拷进你的程序 |
# | `USER 1000` | 以后由谁来运行：不是 root |
# | `CMD ["python", "shop.py"]` | 以后运行什么，每启动一个容器就运行一次 |
#
# 凡是改动文件的行，都会做出一个**层**（layer），叠在前一层上面：这一行改了什么，层里就是什么，一点不多。构建工具会把层留着。只要一行和它上面的一切都和原来一样，就直接用已有的层。所以 `shop.py` 里改一个词，只要拷一次文件。不用下载，也不用安装。
#
# ### 轮到你了：常改的放在后面
#
# 有位同事写了一份更短的。`COPY . .` 一次拷进文件夹里的所有文件：
#
# ```dockerfile
# FROM python:3.11-slim
# WORKDIR /app
# COPY . .
# RUN pip install -r requirements.txt
# USER 1000
# CMD ["python", "shop.py"]
# ```
#
# 它能用，可是 `shop.py` 里每改一个逗号，所有的库都要重新安装一遍。写一份更好的。这个函数返回 Dockerfile 的文本；检查会像构建工具那样把它走一遍。

# %% tags=["keep"]
@t.place("orchestration-1")
def dockerfile():
    return ...

# %%
t.check("orchestration-1")

# %% [markdown]
# If it says *not yet*, it also says why; `t.hint("orchestration-1")` helps a little, and a little more each time you ask.
#
# ## An image of your own
#
# *Enough paper. Where does the image come from?*
#
# With Docker you build it; there is a section on that below. The embedded cluster of this course makes it easier: there
# the program of an image may be a Python function. It is called for each request, and all else in the image is what the
# Dockerfile says. Here is a whole shop:
#
# <!-- zh 05cd3daa -->
# 如果它说 *not yet*（还没完成），也会说明原因；`t.hint("orchestration-1")` 会给一点提示，每问一次，就多给一点。
#
# ## 自己的镜像
#
# *纸上谈兵够了。镜像从哪里来？*
#
# 有 Docker，就用它来构建；下面有一节专门讲。本课程的内嵌集群更省事：在那里，镜像里的程序可以是一个 Python 函数。每来一个请求，就调用它一次；镜像里其余的一切，和 Dockerfile 说的一样。下面是一整家店：

# %% tags=["keep", "embedded-only"]
@t.image("shop:1", port=9898, elsewhere="ghcr.io/stefanprodan/podinfo:6.9.1")
def shop(request):
    print(request.method, request.path)
    return {"hostname": request.pod, "menu": "tea"}

# %% [markdown]
# What it returns is the answer, what it prints goes to the log, and `request.pod` is the name of the Pod it runs in.
#
# (Where containers are real, as on kind, a function cannot be one. There the cell says which image stands in: a small web
# server that somebody else has built, and that answers in much the same way. From here on, `shop` is the name of the image
# on either cluster.)
#
# With Docker you would now type `docker run --name stall shop:1`. A cluster is told nearly the same:
#
# <!-- zh d6aefec2 -->
# 它返回的就是回答，它打印的进日志，`request.pod` 是它所在的 Pod 的名字。
#
# （在容器是真容器的地方，比如 kind，函数当不了容器。在那里，单元格会说明用哪个镜像顶替：一个别人构建好的小 Web 服务器，回答的样子差不多。从这里起，不管在哪种集群上，`shop` 都是镜像的名字。）
#
# 用 Docker，你现在会敲 `docker run --name stall shop:1`。对集群说的几乎一样：

# %%
t.kubectl("delete pod stall --ignore-not-found --now")
t.kubectl(f"run stall --image={shop}")
t.wait("pod/stall")

# %% [markdown]
# A **container** is what becomes of an image when it runs. Look inside for the lines of the Dockerfile: in which folder is
# it, what lies there, and who is it?
#
# <!-- zh dd2c16cc -->
# 镜像运行起来，就成了**容器**（container）。到里面去找 Dockerfile 的那几行：它在哪个文件夹，那里有什么，它是谁？

# %% tags=["embedded-only"]
t.exec("pod/stall", ["sh", "-c", "pwd; ls; id -u"])

# %% [markdown]
# `/app` is from `WORKDIR`, `shop.py` from `COPY`, `1000` from `USER`; and that it runs at all is from `CMD`. (Another image
# gives other answers, by the same four lines of its own Dockerfile.)
#
# Now a customer, to ask for the menu. At which address? At the Pod's, whatever that is today:
#
# <!-- zh e45a7589 -->
# `/app` 来自 `WORKDIR`，`shop.py` 来自 `COPY`，`1000` 来自 `USER`；而它能运行起来，是因为 `CMD`。（换一个镜像，回答就不同，但出自它自己的 Dockerfile 里同样的四行。）
#
# 现在来一位顾客，问问菜单。去哪个地址问？去 Pod 的地址，今天是多少就是多少：

# %%
t.apply("""
apiVersion: v1
kind: Pod
metadata: {name: customer}
spec:
  terminationGracePeriodSeconds: 1
  containers: [{name: shell, image: "busybox:1.35", command: [sleep, "86400"]}]
""")
t.wait("pod/customer")

# %% tags=["embedded-only"]
address = t.get("pod/stall")["status"]["podIP"]
t.exec("pod/customer", f"wget -qO- {address}:9898")

# %% tags=["embedded-only"]
t.logs("pod/stall")

# %% [markdown]
# Play with it, if you like: write something else into `shop`, run its cell, and ask again. Nothing new? Of course not: the
# container that runs was made of the old image, and images never change. Run the cell that starts `stall` as well. (An
# error in your function is a line in the log, and the customer gets a 500, as on any server.)
#
# ## One image, many containers
#
# *A container reads the files of its image. And if it writes some?*
#
# The program below looks for a note, writes one, and falls over. Its node starts it again, as you know from lesson 1.
#
# <!-- zh 35efbbd4 -->
# 想玩就玩一会儿：在 `shop` 里写点别的，运行它那一格，再问一次。没有变化？当然没有：正在运行的容器是用旧镜像做的，而镜像从不改变。把启动 `stall` 的那一格也运行一遍。（函数里出了错，就是日志里的一行，顾客得到 500，和任何服务器一样。）
#
# ## 一个镜像，许多容器
#
# *容器读的是镜像里的文件。要是它写文件呢？*
#
# 下面的程序先找一张便条，再写一张，然后倒下。它的节点会再把它启动起来，这在第 1 课里见过。

# %%
t.guess("orchestration-a")

# %%
t.apply("""
apiVersion: v1
kind: Pod
metadata: {name: note}
spec:
  containers:
  - name: writer
    image: busybox:1.35
    command: [sh, -c, "cat /note 2> /dev/null || echo no note here; echo remember the milk > /note; exit 1"]
""")
t.wait("pod/note", "CrashLoopBackOff")
t.logs("pod/note")

# %%
t.picture("containers")

# %% [markdown]
# A container is the image, and on top of it one thin layer of its own, for what it writes. Nobody writes into the image, so
# a hundred containers can share it, and take hardly more room than one. But a container that is started again is a new
# container, with a new, empty layer. What has to last must be kept elsewhere ([lesson 7](07_configuration.ipynb)).
#
# ### Your turn: a line of docker run
#
# Say this to the cluster, as a Pod:
#
# ```sh
# docker run --detach --name greeter --env GREETING=welcome busybox:1.35 sh -c 'echo $GREETING; sleep 3600'
# ```
#
# <!-- zh 256783d5 -->
# 容器就是镜像，再加上顶上薄薄的一层，用来放它自己写的东西。谁也不往镜像里写，所以一百个容器可以共用它，占的地方几乎不比一个多。但是重新启动的容器是一个新容器，带着新的、空的一层。要留住的东西，得放到别处去（[第 7 课](07_configuration.ipynb)）。
#
# ### 轮到你了：一行 docker run
#
# 把下面这一行用 Pod 的形式说给集群听：
#
# ```sh
# docker run --detach --name greeter --env GREETING=welcome busybox:1.35 sh -c 'echo $GREETING; sleep 3600'
# ```

# %%
# Write it here: t.kubectl("run …"), or t.apply(""" … """)

# %%
t.check("orchestration-2")

# %% [markdown]
# ## If you have Docker
#
# You do not need it here, and no cell below asks for it. But if it is there, do the same by hand: put the Dockerfile from
# above into a folder, beside it an empty `requirements.txt`, and as `shop.py`
#
# ```python
# import json, socket
# from http.server import BaseHTTPRequestHandler, HTTPServer
#
# class Shop(BaseHTTPRequestHandler):
#     def do_GET(self):
#         self.send_response(200)
#         self.end_headers()
#         self.wfile.write(json.dumps({"hostname": socket.gethostname(), "menu": "tea"}).encode())
#
# HTTPServer(("", 9898), Shop).serve_forever()
# ```
#
# Then, in a terminal in that folder:
#
# ```sh
# docker build -t shop:1 .
# docker history shop:1
# docker run --rm -p 9898:9898 shop:1
# kind load docker-image shop:1 --name k8s-tutor
# ```
#
# The second line shows a row for each line of the Dockerfile; after the third, your browser finds the shop at
# `http://localhost:9898`, until you press Ctrl-C. The fourth brings the image onto the nodes of a kind cluster. There, run
# the cell `@t.image("shop:1", …)` once more: it finds your image on the nodes, and takes it instead of the stand-in.
#
# *And if you forget the last line?*
#
# ### Your turn: it works on my machine
#
# <!-- zh 5f8e051e -->
# ## 如果你有 Docker
#
# 这里用不着它，下面的单元格也都不需要。不过，要是你有，就亲手做一遍：把上面的 Dockerfile 放进一个文件夹，旁边放一个空的 `requirements.txt`，再放一个 `shop.py`：
#
# ```python
# import json, socket
# from http.server import BaseHTTPRequestHandler, HTTPServer
#
# class Shop(BaseHTTPRequestHandler):
#     def do_GET(self):
#         self.send_response(200)
#         self.end_headers()
#         self.wfile.write(json.dumps({"hostname": socket.gethostname(), "menu": "tea"}).encode())
#
# HTTPServer(("", 9898), Shop).serve_forever()
# ```
#
# 然后在这个文件夹里打开终端：
#
# ```sh
# docker build -t shop:1 .
# docker history shop:1
# docker run --rm -p 9898:9898 shop:1
# kind load docker-image shop:1 --name k8s-tutor
# ```
#
# 第二行把 Dockerfile 的每一行列成一行；第三行之后，用浏览器打开 `http://localhost:9898` 就能看到这家店，按 Ctrl-C 结束。第四行把镜像送到 kind 集群的各个节点上。在那里，再运行一遍 `@t.image("shop:1", …)` 那一格：它会在节点上找到你的镜像，就用它，不再用顶替的那个。
#
# *要是忘了最后一行呢？*
#
# ### 轮到你了：在我的机器上能跑

# %%
t.exercise("orchestration-3")

# %%
# Look, think, mend.

# %%
t.check("orchestration-3")

# %% [markdown]
# ## What docker run leaves to you
#
# *`docker run` gives a program a box, an address and a log, and with* `--restart=always` *it even starts it again. What is
# missing for a shop that is open day and night?*
#
# > **Guess first.** Four things. Which come to your mind?
#
# <!-- zh d974ad8e -->
# ## docker run 留给你的事
#
# *`docker run` 给程序一个箱子、一个地址、一份日志，加上* `--restart=always`*，它甚至会把程序再启动起来。对一家日夜营业的商店来说，还缺什么？*
#
# > **先猜一猜。** 缺四样。你想到了哪几样？

# %%
t.picture("alone")

# %% [markdown]
# None of them is impossible. You could write scripts, keep a list of addresses, and set your alarm clock for three in the
# morning. People did. A program that does it for you is called an **orchestrator**, and Kubernetes is one. It has four jobs:
# **deploy, plan, update, maintain**. You are going to see each of them once, for a minute.
#
# ## Deploy
#
# *How many, of what, under which name?*
#
# The wish goes into two objects. (The first goes into a variable, with a gap for the image.)
#
# <!-- zh f5318f4d -->
# 没有哪一样是做不到的。你可以写脚本，记一份地址清单，再把闹钟定在凌晨三点。以前大家就是这样做的。替你做这些的程序，叫作**编排系统**（orchestrator），Kubernetes 就是一个。它有四件事要做：**部署、安排、更新、维护**。接下来，每一件你都看一次，各用一分钟。
#
# ## 部署
#
# *要几个，要什么，叫什么名字？*
#
# 愿望写在两个对象里。（第一个先放进变量，镜像那里留个空。）

# %%
wish = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: shop}
spec:
  replicas: 3
  selector: {matchLabels: {app: shop}}
  template:
    metadata: {labels: {app: shop}}
    spec:
      containers: [{name: shop, image: "IMAGE", readinessProbe: {periodSeconds: 1, tcpSocket: {port: 9898}}}]
"""

# %%
t.apply("""
apiVersion: v1
kind: Service
metadata: {name: shop}
spec:
  selector: {app: shop}
  ports: [{port: 80, targetPort: 9898}]
""")

# %%
t.apply(wish.replace("IMAGE", str(shop)))
t.wait("svc/shop", "3 ready pods")
t.graph("deploy/shop")

# %% [markdown]
# Three containers of one image, and you started none of them. The first object, a **Deployment**, says how many and of what
# (how it keeps them is the subject of [lesson 4](04_deployments.ipynb)). The second, a **Service**, gives them a name. The
# customer needs no address any more:
#
# <!-- zh 5124f1f5 -->
# 一个镜像，三个容器，没有一个是你启动的。第一个对象 **Deployment** 说明要几个、要什么（它怎样保持这个数量，是[第 4 课](04_deployments.ipynb)的内容）。第二个对象 **Service** 给它们一个名字。顾客再也不用知道地址：

# %% tags=["embedded-only"]
t.exec("pod/customer", "wget -qO- http://shop")

# %% [markdown]
# ## Plan
#
# *Business is good: six copies, please. Who finds the machines for them?*
#
# <!-- zh 69fca72e -->
# ## 安排
#
# *生意不错：来六份。谁给它们找机器？*

# %%
t.guess("orchestration-b")

# %%
t.kubectl("scale deploy/shop --replicas=6")
t.wait("deploy/shop", "6 ready pods")

# %% tags=["embedded-only"]
t.graph("deploy/shop", lens="placement")

# %% [markdown]
# The **scheduler** has chosen a node for each. It looks for one that has room, and spreads copies of the same thing, so that
# no single machine takes all of them with it. The control plane got none. How it weighs that, and what "room" means, is the
# subject of [lesson 3](03_start_four.ipynb).
#
# ## Update
#
# *Version 2 has cake. Nobody in the queue is to be sent away.*
#
# <!-- zh 2ded191e -->
# **调度器**（scheduler）给每一个选了节点。它找有地方的，并且把同样的副本分散开，免得一台机器倒下就带走全部。控制平面上一个也没有。它怎样权衡，“有地方”又是什么意思，是[第 3 课](03_start_four.ipynb)的内容。
#
# ## 更新
#
# *第 2 版有蛋糕了。排队的人，一个也不能打发走。*

# %% tags=["keep", "embedded-only"]
@t.image("shop:2", port=9898, elsewhere="ghcr.io/stefanprodan/podinfo:6.9.2")
def shop(request):
    print(request.method, request.path)
    return {"hostname": request.pod, "menu": "tea, cake"}

# %% [markdown]
# You change one word of the wish, the image, and customers keep coming while it is being fulfilled:
#
# <!-- zh 746f869b -->
# 你只改愿望里的一个词，也就是镜像；在它实现的过程中，顾客照样不断地来：

# %%
t.kubectl(f"set image deploy/shop shop={shop}")

# %% tags=["embedded-only"]
queue = "for i in 1 2 3 4 5 6 7 8 9 10; do wget -qO- http://shop | grep -E 'menu|version'; sleep 0.15; done"
t.exec("pod/customer", ["sh", "-c", queue])

# %% [markdown]
# Ten customers, ten answers. For a moment two versions were there at once, and each request went to a Pod that was ready. A
# few new ones come, then a few old ones go, and so on, until all are new:
#
# <!-- zh 346870da -->
# 十位顾客，十个回答。有一会儿，两个版本同时都在，每个请求都去了一个就绪的 Pod。来几个新的，走几个旧的，这样下去，直到全是新的：

# %%
t.wait("deploy/shop", "rolled out")

# %% tags=["embedded-only"]
t.graph("deploy/shop", lens="rollout")

# %% [markdown]
# With `docker stop` and `docker run` there would have been a moment without a shop. Here you gave no order to stop or to
# start anything. You said what is wanted, and somebody worked out the steps.
#
# ## Maintain
#
# *Three in the morning. Somebody deletes all the Pods: those of* `shop`*, and* `stall`*.*
#
# > **Guess first.** Who has to get up?
#
# <!-- zh 6d932fed -->
# 用 `docker stop` 和 `docker run`，中间会有一会儿没有店。在这里，你没有下令停掉什么，也没有下令启动什么。你只说了想要什么，步骤是别人想出来的。
#
# ## 维护
#
# *凌晨三点。有人把所有的 Pod 都删了：* `shop` *的，还有* `stall`*。*
#
# > **先猜一猜。** 谁得起床？

# %%
t.kubectl("delete pod -l app=shop")
t.delete("pod/stall")

# %%
t.wait("deploy/shop", "6 ready pods")
t.graph()

# %% [markdown]
# Nobody. Six were wanted, fewer were there, so new ones were made: other names, the same image, the same name on the door.
# `stall` is gone for good, because it was only started, and nobody was asked to keep it. That is the difference between an
# order and a wish.
#
# ### Your turn: handed over
#
# <!-- zh 89ee5676 -->
# 谁也不用。要六个，不够六个，就造新的：名字换了，镜像没变，门上的名字也没变。`stall` 却再也回不来，因为它只是被启动过，没有人受托照看它。这就是命令和愿望的区别。
#
# ### 轮到你了：交接

# %%
t.exercise("orchestration-4")

# %%
# Look, think, hand over.

# %%
t.check("orchestration-4")

# %% [markdown]
# ### Your turn: the new menu
#
# <!-- zh b9d40be6 -->
# ### 轮到你了：新菜单

# %%
t.exercise("orchestration-5")

# %%
# Look, think, update.

# %%
t.check("orchestration-5")

# %% [markdown]
# ## What you have seen
#
# <!-- zh 430a82a8 -->
# ## 你看到了什么

# %%
t.picture("jobs")

# %% [markdown]
# - An **image** is a program with all it needs, made of **layers**, one for each line of a **Dockerfile** that changes files.
#   What changes often comes last.
# - A **container** is an image that runs, with a thin layer of its own, which ends with it.
# - A cluster does not know your laptop: its nodes get images from the registry in the image's name, or have them loaded.
# - `docker run` is an order to one machine. A wish to an **orchestrator** lasts:
#
# | you want | with `docker run` | with Kubernetes |
# |---|---|---|
# | a second machine | log in there, and start again | **plan**: the scheduler chooses a node |
# | nobody called at night | be called | **maintain**: what is missing is made again |
# | a new version | stop, start, and hope | **update**: a few at a time |
# | a name that stays | a list that you keep | **deploy**: a Deployment and a Service |
#
# **Read on** in the official documentation: [Dockerfiles](https://docs.docker.com/reference/dockerfile/),
# [images](https://kubernetes.io/docs/concepts/containers/images/),
# [containers](https://kubernetes.io/docs/concepts/containers/),
# [what Kubernetes is, and is not](https://kubernetes.io/docs/concepts/overview/),
# [Deployments](https://kubernetes.io/docs/concepts/workloads/controllers/deployment/).
#
# Next: what happens between a sentence and four running Pods ([lesson 3](03_start_four.ipynb)). The last cell removes
# everything this lesson has made.
#
# <!-- zh 9876b090 -->
# - **镜像**（image）是程序加上它需要的一切，由**层**（layer）叠成；**Dockerfile** 里凡是改动文件的行，各做一层。常改的放在后面。
# - **容器**（container）是运行起来的镜像，带着自己薄薄的一层，这一层跟着它结束。
# - 集群不认识你的笔记本：节点按镜像的名字，到镜像仓库去取，或者由人事先送上去。
# - `docker run` 是对一台机器的一道命令。对**编排系统**（orchestrator）许下的愿望，则一直有效：
#
# | 你想要 | 用 `docker run` | 用 Kubernetes |
# |---|---|---|
# | 第二台机器 | 登录过去，再启动一遍 | **安排**：调度器选一个节点 |
# | 夜里不被叫醒 | 被叫醒 | **维护**：少了的会再造出来 |
# | 新版本 | 停掉，启动，听天由命 | **更新**：一次换几个 |
# | 不变的名字 | 自己记一份清单 | **部署**：一个 Deployment，一个 Service |
#
# **继续阅读**官方文档：[Dockerfile](https://docs.docker.com/reference/dockerfile/)、[镜像](https://kubernetes.io/zh-cn/docs/concepts/containers/images/)、[容器](https://kubernetes.io/zh-cn/docs/concepts/containers/)、[Kubernetes 是什么，不是什么](https://kubernetes.io/zh-cn/docs/concepts/overview/)、[Deployment](https://kubernetes.io/zh-cn/docs/concepts/workloads/controllers/deployment/)。
#
# 下一课：一句话和四个运行着的 Pod 之间发生了什么（[第 3 课](03_start_four.ipynb)）。最后一个单元格会删除这一课创建的所有东西。

# %%
t.leave()
