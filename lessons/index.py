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
# # Learn Kubernetes, in notebooks
#
# Kubernetes runs programs on a group of computers, called a cluster. In these lessons you do not read about it: you
# ask a cluster for things, watch what happens in a live picture, and mend what is broken. Every lesson is a notebook;
# every cell can be run and changed.
#
# You need some Python. You need no cluster and no account anywhere: if nothing else is there, the lessons bring a small
# Kubernetes of their own, which lives inside the notebook and forgets everything when you close it.
#
# ## The lessons
#
# <!-- lessons -->
#
# Or no lesson at all: [the playground](playground.ipynb) is a cluster to try anything on.
#
# More are being written. This cell connects to a cluster and shows how far you are, and where to go on; run it with
# **Shift + Enter**:
#
# <!-- zh bfaacdc9 -->
# # 在笔记本里学 Kubernetes
#
# Kubernetes 在一组计算机上运行程序，这组计算机就叫集群。在这些课里，你不是读关于它的文章：你向集群提出要求，在会动的图里看它怎么做，再把坏掉的东西修好。每一课都是一个笔记本，每个单元格都可以运行，也可以改。
#
# 你需要会一点 Python，不需要集群，也不需要任何账号：如果手边什么都没有，课程会自带一个小小的 Kubernetes。它就住在笔记本里，笔记本一关，它就什么都忘了。
#
# ## 课程
#
# <!-- lessons -->
#
# 也可以不上课：[游乐场](playground.ipynb)是一个可以随便试的集群。
#
# 更多课程正在编写。下面的单元格会连接一个集群，并显示你学到了哪里、从哪里继续；按 **Shift + Enter** 运行它：

# %%
from k8s_tutor import connect

t = connect()
t.progress()

# %% [markdown]
# ## How to work through one
#
# - Run the cells from top to bottom (**Shift + Enter**). Where it says *Guess first*, do: a guess makes the lesson
#   stick.
# - At *Your turn* there is an empty cell for you, and a check below it that looks at the cluster and says how far you
#   have got.
# - Each lesson has a part of the cluster to itself. Running a cell twice does no harm, and `t.reset()` takes you back to
#   the beginning of the lesson.
#
# ## Which cluster
#
# Every lesson begins with `t = connect()`, which says which cluster it has found, and why:
#
# | | what it is | when |
# |---|---|---|
# | `connect("embedded")` | Kubernetes inside this notebook: real API, simulated containers; starts in a second | always works |
# | `connect("kind")` | a real Kubernetes in containers on your machine, made for you on the first call | a container engine (such as Docker) and [kind](https://kind.sigs.k8s.io) are installed |
# | `connect("context:NAME")` | a cluster you already use, by its name in your kubeconfig | you ask for it |
#
# Your own kubeconfig file is only ever read, never changed. The lessons are the same on all three.
#
# <!-- zh 2ad3b625 -->
# ## 怎么学一课
#
# - 从上到下依次运行各个单元格（**Shift + Enter**）。看到*先猜一猜*，就真的猜一下：猜过，才记得牢。
# - 在*轮到你了*那里，有一个留给你的空单元格；下面是一个检查，它查看集群，告诉你做到了哪一步。
# - 每一课在集群里都有自己的一块地方。同一格运行两遍也没关系，`t.reset()` 会带你回到这一课的开头。
#
# ## 用哪个集群
#
# 每一课都从 `t = connect()` 开始，它会告诉你找到了哪个集群，以及为什么：
#
# | | 是什么 | 什么时候用 |
# |---|---|---|
# | `connect("embedded")` | 就在这个笔记本里的 Kubernetes：API 是真的，容器是模拟的；一秒钟就能启动 | 任何时候都能用 |
# | `connect("kind")` | 在你的机器上、运行在容器里的真正的 Kubernetes，第一次调用时为你建好 | 装好了容器引擎（例如 Docker）和 [kind](https://kind.sigs.k8s.io) |
# | `connect("context:NAME")` | 你已经在用的集群，按它在你的 kubeconfig 里的名字来选 | 由你指定 |
#
# 你自己的 kubeconfig 文件最多只会被读取，绝不会被改动。这些课在三种集群上都一样。

# %% [markdown]
# ## Is everything there?
#
# This cell lists the cluster's computers. When all of them are `Ready`, you can begin.
#
# <!-- zh a404b612 -->
# ## 都准备好了吗？
#
# 这个单元格会列出集群里的计算机。等它们都是 `Ready`，就可以开始了。

# %%
t.kubectl("get nodes")
