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
# # Counting
#
# You want a program to run twice, today and tomorrow. In this lesson you say so once, take one of the two away, and
# watch what happens.
#
# It takes about 10 minutes. Run the cells from top to bottom; running one twice does no harm.
#
# <!-- zh 5821e27e -->
# # 数数
#
# 你想让一个程序运行两份，今天要，明天也要。在这一课里，你只说一次，然后拿走其中一份，看看会发生什么。
#
# 大约需要 10 分钟。从上到下依次运行各个单元格；同一格运行两遍也没关系。

# %%
from k8s_tutor import connect
t = connect()
t.lesson("counting")

# %% [markdown]
# ## Two, and who counts them
#
# *You ask for two Pods. At night one of them disappears. Who notices?*
#
# > **Guess first.** You will ask for two Pods with one manifest. How many objects will the picture show?
#
# <!-- zh 174b5cd5 -->
# ## 要两个，谁来数
#
# *你要了两个 Pod，夜里少了一个。谁会发现？*
#
# > **先猜一猜。** 你用一份清单要两个 Pod。图里会有几个对象？

# %%
t.apply("""
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: podinfo, image: "ghcr.io/stefanprodan/podinfo:6.9.2"}]}
""")
t.wait("deploy/web")

# %%
t.graph("deploy/web")

# %% [markdown]
# Four: the **Deployment** you wrote, the two Pods you wanted, and between them a **ReplicaSet**, which does the
# counting. It has one number, `replicas`, and looks after as many Pods.
#
# > **Guess first.** The next cell deletes one of the two. How many Pods will there be a few seconds later?
#
# <!-- zh 31743156 -->
# 四个：你写的 **Deployment**，你要的两个 Pod，还有它们之间的 **ReplicaSet**，数数的就是它。它只有一个数字 `replicas`，并照看这么多个 Pod。
#
# > **先猜一猜。** 下一格会删除两个中的一个。几秒钟之后会有几个 Pod？

# %%
first = t.objects("pods", "app=web")[0]
t.delete(f"pod/{first['metadata']['name']}")
t.wait("deploy/web")
t.kubectl("get pods")

# %% [markdown]
# Two again, and one of them is younger. Nobody restarted anything: the ReplicaSet counted one, wanted two, and made
# another from the same template.
#
# ### Your turn: three of them
#
# <!-- zh d0359195 -->
# 又是两个，其中一个更年轻。没有人重启过什么：ReplicaSet 数到一个，想要两个，就用同一个模板又做了一个。
#
# ### 轮到你了：三个

# %%
t.exercise("counting-1")

# %%
# Your cell.

# %%
t.check("counting-1")

# %% [markdown]
# If it says *not yet*, it also says why; `t.hint("counting-1")` helps a little, and a little more each time you ask.
#
# The last cell removes everything this lesson has made.
#
# <!-- zh 033e2ff5 -->
# 如果它说 *not yet*（还没完成），也会说明原因；`t.hint("counting-1")` 会给一点提示，每问一次，就多给一点。
#
# 最后一个单元格会删除这一课创建的所有东西。

# %%
t.leave()
