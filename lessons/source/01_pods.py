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
# # Pods
#
# A cluster is a few computers that run programs for you. In this lesson you hand it programs, watch what it does with
# them, and find out what is wrong when it does not do what you meant.
#
# When you are through, you can
#
# - start a program on a cluster, and say where it runs and at which address,
# - tell what a Pod is made of, and what its containers share,
# - read a Pod's life, its log and its events,
# - recognise a wrong image, a crashing command and a request that fits nowhere,
# - say why hardly anybody starts Pods by hand.
#
# It takes about 40 minutes. You need some Python, and nothing of Kubernetes. Run the cells from top to bottom; running
# one twice does no harm.

# %%
from k8s_tutor import connect
t = connect()
t.lesson("pods")

# %% [markdown]
# The first line above says which cluster this is. The second says that the lesson has a **namespace** of its own: a
# part of the cluster where its names cannot clash with others. It starts empty, and you can empty it again with
# `t.reset()`.
#
# ## A program needs a place
#
# *You have a program: a small web server called podinfo. The cluster has several computers (**nodes**). How does the
# one get onto the other?*
#
# > **Guess first.** What will you have to tell the cluster: which node to use? How to install the program? Which port
# > is free? Or less than that?

# %%
t.apply("""
apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  containers:
  - name: podinfo
    image: ghcr.io/stefanprodan/podinfo:6.9.2
""")
t.wait("pod/web", "Ready")

# %% [markdown]
# Less. A description in four parts was enough:
#
# - `apiVersion` and `kind` say what sort of thing this is: a **Pod**, the smallest thing Kubernetes runs.
# - `metadata` gives it a name.
# - `spec` says what you want. Here: one **container**, which is a running program walled off from all others on its
#   computer, made from an **image**, which is the program packed with every file it needs. That is why nothing had to
#   be installed.
#
# A text like this is called a **manifest**. To *apply* it means: make it so.
#
# Not a word about the node. Somebody has chosen one:

# %%
t.kubectl("get pods -o wide")

# %% [markdown]
# `kubectl` is the command everybody uses to talk to a cluster, and its table is worth getting used to. Under `NODE`
# stands the computer that was chosen, under `IP` an address that belongs to this Pod alone. That is why you did not
# need a free port either: ten Pods on one node may all listen on port 9898, each at an address of its own.
#
# ## What a Pod is made of
#
# *What is it that got started: the container, or something around it?*

# %%
t.graph("pod/web")

# %% [markdown]
# Something around it. The Pod has the address and the place on a node; the container inside has the image. One
# container to a Pod is the usual case; further down you will meet a Pod with two, and see why there is a wrapper at all.
#
# Everything the cluster knows of the Pod is in one object. Its `spec` is what you asked for, with the gaps filled in. Its
# `status` is what is the case. Among other things the status holds **conditions**, which are answers to yes-or-no
# questions:

# %%
for condition in t.get("pod/web")["status"]["conditions"]:
    print(condition["type"], condition["status"])

# %% [markdown]
# Read them from the bottom up. *PodScheduled*: does it have a node? *ContainersReady*: are its programs up? *Ready*: may it
# be sent requests? That is the one the first cell waited for, with `t.wait("pod/web", "Ready")`. The other two are about
# preparations: the address, and programs that run before the others.
#
# ### Your turn: a pod of your own
#
# Start a Pod called `hello` that runs the image `nginx:1.22`, a well-known web server. The container inside may have
# any name. (Instead of `t.apply("""…""")` you may write `%%apply` in a cell's first line, and below it just the manifest.)

# %%
# Write your manifest here: t.apply(""" … """)

# %%
t.check("pods-1")

# %% [markdown]
# The check looks at the cluster, not at what you typed. If it says *not yet*, it says why; `t.hint("pods-1")` helps a
# little, and a little more each time you ask. After a try of your own, `t.solution("pods-1")` shows one way.
#
# ## A life from beginning to end
#
# *A web server runs until somebody stops it. What becomes of a Pod whose program simply comes to its end?*
#
# First open a live picture of the namespace. It moves when something changes, so keep it in sight while you run the
# cells below it (in JupyterLab: right-click the picture, *Create New View for Output*).

# %%
t.watch()

# %% [markdown]
# > **Guess first.** The next Pod prints a line, sleeps three seconds, prints another line, and is done. Which states
# > will it pass through? Is the Pod gone at the end?

# %%
with t.life("pod/count"):
    t.apply("""
apiVersion: v1
kind: Pod
metadata: {name: count}
spec:
  restartPolicy: Never
  containers:
  - {name: job, image: "busybox:1.35", command: [sh, -c, "echo one; sleep 3; echo two"]}
""")
    t.wait("pod/count", "Succeeded")

# %% [markdown]
# It went through four states, from left to right. Kubernetes counts three **phases** in a life like this:
#
# - **Pending**: known to the cluster, running nowhere yet. First it needs a node; then, on the node, the image is fetched
#   and the container set up. kubectl calls that second part `ContainerCreating`.
# - **Running**: at least one of its programs is running.
# - **Succeeded**: all its programs have ended, and all ended well (exit code 0). kubectl shows `Completed`.
#   Had one ended badly, the Pod would be **Failed**.
#
# It is not gone. It has ended, and a Pod that has ended stays where it is, to be read like a finished page, until
# somebody deletes it. `restartPolicy: Never` was needed for that: without it Kubernetes takes any end for an
# accident and starts the program again.
#
# ## What did it say?
#
# *Nobody sat in front of the program. Where are the two lines?*

# %%
t.logs("pod/count")

# %% [markdown]
# Whatever a program prints is kept by its node as the container's **log**, and can be read for as long as the Pod
# exists. So programs that run in containers need no log files: they just print.
#
# ### Your turn: the answer
#
# Start a Pod called `answer` from the image `busybox:1.35` that prints `42`, ends, and stays ended.

# %%
# Write your manifest here: t.apply(""" … """)

# %%
t.check("pods-2")

# %% [markdown]
# ## Two containers, one address
#
# *So why is there a wrapper around the container?*
#
# Some programs belong together: a web server and the little program that fetches its pages, an application and the one
# that sends its logs away. They come from different images, and yet they should be in the same place, start together, and
# reach each other without looking far.
#
# > **Guess first.** The Pod below has two containers, `app` (the web server podinfo) and `shell` (which only sleeps, so
# > that you can run commands in it). At which address does `shell` find `app`?

# %%
t.apply("""
apiVersion: v1
kind: Pod
metadata: {name: duo}
spec:
  containers:
  - {name: app, image: "ghcr.io/stefanprodan/podinfo:6.9.2"}
  - {name: shell, image: "busybox:1.35", command: [sleep, "3600"]}
""")
t.wait("pod/duo", "Ready")

# %% [markdown]
# `t.exec` runs a command inside a container. In `shell`, `wget` asks for a page and prints it:

# %%
t.exec("pod/duo", "wget -qO- localhost:9898/healthz", container="shell")

# %% [markdown]
# At `localhost`, as if both were installed on the same computer. As far as the network goes, they are:

# %%
t.graph("pod/duo")

# %% [markdown]
# One Pod, one address, one set of ports, two programs from two images. The containers of a Pod share the network and
# the node, they start together and are deleted together. Their files they do not share: `shell` has busybox's, `app` has
# podinfo's.
#
# One set of ports also means that only one of them can listen on a given port. You may run into that now.
#
# ### Your turn: somebody who asks
#
# Start a Pod called `pair` with two containers. `web` runs `nginx:1.22`. `reader` runs `busybox:1.35`, asks `localhost`
# for its page every few seconds, and prints what it gets.

# %%
# Write your manifest here: t.apply(""" … """)

# %%
t.check("pods-3")

# %% [markdown]
# ## Running is not ready
#
# *A program can run and still be in no state to answer: it is warming up, or has lost its database. How would
# Kubernetes know?*
#
# It can only ask. A **probe** is a question put to a container again and again; this one is an HTTP request to `/readyz`
# every two seconds:

# %%
t.apply("""
apiVersion: v1
kind: Pod
metadata: {name: moody}
spec:
  containers:
  - name: app
    image: ghcr.io/stefanprodan/podinfo:6.9.2
    readinessProbe: {periodSeconds: 2, httpGet: {path: /readyz, port: 9898}}
  - {name: shell, image: "busybox:1.35", command: [sleep, "3600"]}
""")
t.wait("pod/moody", "Ready")

# %% [markdown]
# podinfo has a switch, made for lessons like this one: after a request to `/readyz/disable` it says "not now" (503).
#
# > **Guess first.** You throw the switch. Will the container be stopped? Restarted? How soon will anybody notice?

# %%
t.exec("pod/moody", "wget -qO- --post-data= localhost:9898/readyz/disable", container="shell")
t.wait("pod/moody", "Ready=False")
t.graph("pod/moody")

# %% [markdown]
# Neither stopped nor restarted. It runs on, with the same address; but the Pod is no longer *Ready*, and whoever passes
# on requests will leave it out. It took three bad answers in a row, one alone might be a hiccup. Good answers bring it back:

# %%
t.exec("pod/moody", "wget -qO- --post-data= localhost:9898/readyz/enable", container="shell")
t.wait("pod/moody", "Ready")

# %% [markdown]
# There are two more kinds of probe, written the same way. To a **livenessProbe** three bad answers mean that the program is
# stuck, and its container is restarted. A **startupProbe** holds the other two back until a slow starter is up.
#
# ### Your turn: ready only when it says so
#
# Start a Pod called `shop` from `ghcr.io/stefanprodan/podinfo:6.9.2` that counts as ready only while `/readyz` on port
# 9898 answers well.

# %%
# Write your manifest here: t.apply(""" … """)

# %%
t.check("pods-4")

# %% [markdown]
# ## When it does not run
#
# Most of what goes wrong with Pods goes wrong in one of three ways. You will cause each of them once, so that you know them
# when you meet them.
#
# *The first: somebody mistyped the image.*
#
# > **Guess first.** There is no `nginx:1.222`. Will `t.apply` refuse it?

# %%
t.apply("""
apiVersion: v1
kind: Pod
metadata: {name: typo}
spec:
  containers:
  - {name: web, image: "nginx:1.222"}
""")
t.wait("pod/typo", "ImagePullBackOff", timeout=120)

# %% [markdown]
# It was accepted: whether an image exists shows only when a node tries to fetch it. What the node found is written down
# as **events**, short messages about an object from everybody who works on it:

# %%
t.events("pod/typo")

# %% [markdown]
# Read from top to bottom. The scheduler chose a node; the node's **kubelet**, the program that runs Pods there, tried
# to pull the image and could not (`ErrImagePull`); so it waits a little longer before each new try, which it
# calls `ImagePullBackOff`. It will go on trying: put the image right and the Pod starts. The image is one of the
# few things about a Pod that may be changed after the fact.
#
# *The second: a request that fits nowhere.* A container may say how much processor and memory it needs. This one asks
# for a tebibyte:

# %%
t.apply("""
apiVersion: v1
kind: Pod
metadata: {name: huge}
spec:
  containers:
  - {name: web, image: "nginx:1.22", resources: {requests: {memory: 1Ti}}}
""")
t.wait("pod/huge", "Unschedulable")

# %%
t.events("pod/huge")

# %% [markdown]
# One message, from the scheduler, and it is a complete answer: three nodes were considered. One is the control
# plane, whose **taint** keeps ordinary Pods away. Two have not enough memory. And throwing others out (*preemption*) would
# not help. Nothing is started, nothing fails: the Pod stays Pending until a node with room turns up.
#
# *The third: the program starts and falls over.*
#
# > **Guess first.** The command below has a typing error, `slep`. The shell prints `starting` and then cannot go on. How
# > often will that line be printed?

# %%
t.apply("""
apiVersion: v1
kind: Pod
metadata: {name: crash}
spec:
  containers:
  - {name: job, image: "busybox:1.35", command: [sh, -c, "echo starting; slep 5"]}
""")
t.wait("pod/crash", "CrashLoopBackOff")
t.graph("pod/crash")

# %% [markdown]
# Again and again. Kubernetes restarts what ends (remember `restartPolicy`), at once the first time, then after 10
# seconds, 20, 40, up to five minutes. That waiting is `CrashLoopBackOff`. It is not a cause: it says that the program
# keeps ending. The cause is in what the program said last:

# %%
t.logs("pod/crash")

# %% [markdown]
# So, when a Pod does not run, look in this order:
#
# | `kubectl get pods` says | it means | the cause is in |
# |---|---|---|
# | `Pending` | no node has taken it | `t.events`: the scheduler's message |
# | `ErrImagePull`, `ImagePullBackOff` | the image cannot be fetched | `t.events`: the kubelet's message; the image's name |
# | `Error`, `CrashLoopBackOff` | the program runs and ends | `t.logs`, also with `previous=True` |
# | `Running`, but `0/1` ready | it runs, and its readiness probe gets bad answers | `t.events`: what the probe got |
#
# ### Your turn: the cold oven
#
# Somebody started a Pod called `oven` and went home. The next cell brings it here and says what is to be done; run it
# again whenever you want to start over.

# %%
t.exercise("pods-5")

# %%
# Look, think, mend.

# %%
t.check("pods-5")

# %% [markdown]
# ### Your turn: a request that fits
#
# Another one that somebody left behind:

# %%
t.exercise("pods-6")

# %%
# Look, think, mend.

# %%
t.check("pods-6")

# %% [markdown]
# ## Nobody brings it back
#
# *Kubernetes restarts containers that end. So it looks after your Pods?*
#
# > **Guess first.** You delete `web`. What is there a moment later: a new `web`? The same `web`? Nothing?

# %%
t.delete("pod/web")
t.graph("pod/web")

# %% [markdown]
# Nothing. The Pod was asked to end, given time to do so, and removed, and with it went its address and its log. A container
# that ends is restarted *inside its Pod*, by the kubelet of its node. The Pod itself has nobody: if it is deleted, or if
# its node breaks down, it is simply not there any more.
#
# That is why hardly anybody starts Pods by hand. One describes how many there should be, and leaves it to something that
# counts them and makes new ones. What that is and how it counts is the next lesson.
#
# ## What you have seen
#
# - A **Pod** is the smallest thing Kubernetes runs: one or more **containers** that share an address and a node.
# - You write down what you want (`spec`), the cluster says what is (`status`), and its **events** say how it got there.
# - A Pod lives once: Pending, Running, then Succeeded or Failed. It never moves to another node and never comes back.
# - Running and Ready are two things; a **readiness probe** tells them apart.
# - `get` for the state, `events` for the cluster's side of the story, `logs` for the program's.
#
# **To read on**, in the official documentation:
# [Pods](https://kubernetes.io/docs/concepts/workloads/pods/),
# [Pod lifecycle](https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/),
# [probes](https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/),
# [requests and limits](https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/),
# [debugging Pods](https://kubernetes.io/docs/tasks/debug/debug-application/debug-pods/).
#
# The last cell removes everything this lesson has made.

# %%
t.leave()
