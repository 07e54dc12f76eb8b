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
# Kubernetes runs programs on a group of computers, called a cluster. In these lessons you do not read about it: you ask
# a cluster for things, watch in a picture what happens, and mend what is broken. Every lesson is a notebook; every cell
# can be run and changed.
#
# You need some Python. You need no cluster and no account anywhere: if nothing else is there, the lessons bring a small
# Kubernetes of their own, which lives inside the notebook and forgets everything when you close it.
#
# ## The lessons
#
# | | lesson | you learn |
# |---|---|---|
# | 1 | [Pods](01_pods.ipynb) | what runs, where, at which address; how to see what goes wrong |
# | 5 | [Services](05_services.ipynb) | a name that stays while Pods come and go; who gets requests; why a name leads nowhere |
# | 6 | [LoadBalancers](06_loadbalancers.ipynb) | an address for everyone, and who gives it; requests spread over Pods, also when one fails |
# | 10 | [Operators](10_operators.ipynb) | a kind of object of your own, and a program that looks after it: observe, analyse, act |
#
# More are being written.
#
# ## How to work through one
#
# - Run the cells from top to bottom (**Shift + Enter**). Where it says *Guess first*, do: it is how the lesson sticks.
# - At *Your turn* there is an empty cell for you, and a check below it that looks at the cluster and says how far you are.
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
# Your own kubeconfig file is read at most, and never changed. The lessons are the same on all three.

# %% [markdown]
# ## Is everything there?
#
# This cell connects and lists the computers of the cluster. When each of them is `Ready`, you can begin.

# %%
from k8s_tutor import connect

t = connect()
t.kubectl("get nodes")
