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
# # Acme's lessons
#
# The table is made from `course.toml`.
#
# <!-- lessons -->
#
# Run the cells of a lesson from top to bottom. The next cell connects and lists the cluster's computers; when all of
# them are `Ready`, you can begin.
#
# <!-- zh 6fe45d5e -->
# # Acme 的课程
#
# 这张表由 `course.toml` 生成。
#
# <!-- lessons -->
#
# 从上到下依次运行一课的各个单元格。下一格会连接集群，并列出其中的计算机；当它们全部是 `Ready` 时，你就可以开始了。

# %%
from k8s_tutor import connect

t = connect()
t.kubectl("get nodes")
