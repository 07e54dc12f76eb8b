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
# # The playground
#
# No lesson, no exercises: a cluster, and things to do to it. Run the cell below, put the web application on the
# cluster, give it some traffic, and then be unkind. Kill a Pod. Unplug a node. Roll out another version while requests
# come in, and see whether one is lost.
#
# Whatever you press, the line you could have typed instead stands below. A click on a card aims the controls at it; a
# second click asks why it is as it is. Nothing here can be broken for good.
#
# <!-- zh c59bad32 -->
# # 游乐场
#
# 没有课文，没有练习：只有一个集群，和可以对它做的事。运行下面的单元格，把网页应用放到集群上，给它一些流量，然后就别客气了。杀掉一个 Pod，拔掉一个节点的插头，在请求不断到来时上线另一个版本，看看会不会丢掉一个请求。
#
# 你按下什么，下面就写出本来可以自己输入的那一行命令。点一下卡片，那些按钮就对准它；再点一下，就问它为什么是现在这样。这里没有什么会真的弄坏。

# %%
from k8s_tutor import connect

t = connect()
t.playground()

# %% [markdown]
# Cells work here, too: what you type acts on the same namespace, and the picture above follows.
#
# <!-- zh 6d21a6cb -->
# 单元格在这里照样能用：你输入的命令作用在同一个名字空间里，上面的图也会跟着变。

# %%
t.kubectl("get pods -o wide")

# %% [markdown]
# When you have had enough, this stops the requests, puts the nodes right and removes the namespace with all that is in
# it. Back to the [front page](index.ipynb).
#
# <!-- zh 2ab00482 -->
# 玩够了，就运行这一格：它停止发送请求，让节点恢复原样，并删除这个名字空间和里面的一切。回到[首页](index.ipynb)。

# %%
t.leave()
