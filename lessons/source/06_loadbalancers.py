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
# # LoadBalancers
#
# Inside the cluster, a Service gives your Pods a name that stays. Now the rest of the world is to reach them: at one good
# address, with the work shared among the Pods, and without noticing when one of them fails.
#
# When you are through, you can
#
# - ask for an address that people outside can use, and say who gives it,
# - explain why it may stay `<pending>`, and do something about it,
# - see how requests are spread over Pods, and what happens when a Pod fails or more are added,
# - let each visitor come back to the same Pod,
# - exchange the program behind an address without anyone noticing.
#
# It takes about 40 minutes. You should know what a Service is, and what a ready Pod is to it
# ([lesson 5](05_services.ipynb)). Run the cells from top to bottom; running one twice does no harm.

# %%
from k8s_tutor import connect
t = connect()
t.lesson("loadbalancers")

# %% [markdown]
# The lesson begins with a cluster as Kubernetes makes it, with nothing added. This cell sees to it, whatever was here before:

# %%
t.load_balancers(on=False)

# %% [markdown]
# ## A wish
#
# *Your program is to be on the internet by tonight. Which address will you tell people?*
#
# First, the program: three Pods, and a **Deployment** that keeps them three.

# %%
t.apply("""
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 3
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: app, image: "ghcr.io/stefanprodan/podinfo:6.9.2",
      readinessProbe: {periodSeconds: 1, httpGet: {path: /readyz, port: 9898}}}]}
""")

# %% [markdown]
# A Service of type ClusterIP has an address for the inside. A NodePort can be reached from outside, at an odd port of any node,
# as long as that node lives. What you want is one address that does not depend on any node, and port 80. There is a type for
# that, too:

# %%
t.apply("""
apiVersion: v1
kind: Service
metadata: {name: web}
spec:
  type: LoadBalancer
  selector: {app: web}
  ports: [{port: 80, targetPort: 9898}]
""")
t.wait("service/web", "3 ready pods")
t.kubectl("get service web")

# %% [markdown]
# Under `EXTERNAL-IP` stands `<pending>`: the address is on its way.
#
# > **Guess first.** How long will you have to wait for it? And who is working on it?

# %%
t.graph("service/web")

# %% [markdown]
# The picture says it: nobody has given it an address. And nobody will. You can wait as long as you like, and the events will
# not tell you more:

# %%
t.events("service/web")

# %% [markdown]
# Not even a complaint. An address that the world can reach has to come from the network *around* the cluster, and Kubernetes
# has no say there. `type: LoadBalancer` is a wish, written down where somebody may read it, and in this cluster nobody does.
#
# Otherwise the Service works; it has its cluster address, and even a port on every node (that is the second number under
# `PORT(S)`). Only the way in from outside is missing.
#
# ## Who gives the address?
#
# *Somebody has to read the wish, and know the network outside. Who?*
#
# A controller that does not belong to Kubernetes. Which one depends on where the cluster stands:
#
# | the cluster runs | who reads the wish | what it does |
# |---|---|---|
# | in a cloud | the cloud's own controller | orders a load balancer from the cloud, and pays for it with your money |
# | on machines of your own | something you have installed, often [MetalLB](https://metallb.io) | takes an address from a range you gave it, and answers for it in the network |
# | as a kind cluster on your computer | nobody, until you install MetalLB | addresses of the network between the containers |
# | inside this notebook | nobody, until it is switched on | a small simulated cloud |
#
# > **Guess first.** When somebody like that arrives, will you have to apply the Service again?

# %%
t.load_balancers(on=True)
t.wait("service/web", "address")
t.kubectl("get service web")

# %% [markdown]
# No. The wish was there all the time; the controller that has just arrived looked for Services that want an address, found one,
# and wrote the address into its status.

# %%
t.graph("service/web")

# %% [markdown]
# Now the way is whole: an address outside, the Service, its Pods. It has grown by layers, each one resting on the one
# before, and you can read all of them in that one line of `kubectl get service`:
#
# | type | column | reached from |
# |---|---|---|
# | ClusterIP | `CLUSTER-IP` | inside the cluster |
# | … NodePort adds | the second number under `PORT(S)` | wherever the nodes can be reached |
# | … LoadBalancer adds | `EXTERNAL-IP` | wherever that address can be reached |
#
# ### Your turn: the museum opens

# %%
t.exercise("loadbalancers-1")

# %%
# Change the Service here.

# %%
t.check("loadbalancers-1")

# %% [markdown]
# ### Your turn: the mail that waits
#
# Addresses are given now, and yet there is one Service that gets none:

# %%
t.exercise("loadbalancers-2")

# %%
# Look, think, mend.

# %%
t.check("loadbalancers-2")

# %% [markdown]
# ## From your own computer
#
# *The address is for people outside. You are outside. Can you reach it?*
#
# `t.url` gives the URL to use from the computer this notebook runs on. Python, for one, can ask there, as it would ask any
# server in the world:

# %%
from urllib.request import urlopen
with urlopen(t.url("service/web") + "/healthz", timeout=10) as answer:
    print(answer.status, answer.read().decode())

# %% [markdown]
# 200, and a page: the request left Python, came in at the address, and one of the Pods has answered. `curl` in a terminal, or
# your browser, can do the same. Take the `#` away and use what it shows:

# %%
# t.url("service/web")

# %% [markdown]
# What you see depends on where the cluster is, and it is worth knowing why:
#
# - **A cloud**: the address is on the internet, and everyone can use it.
# - **kind on Linux**: it lies in the network between kind's containers, which your computer is part of. You can use it, your
#   neighbour cannot.
# - **kind on macOS or Windows**: that network is inside a virtual machine. The address is right, and not to be reached from
#   outside that machine; `t.url` says so, and what you can do instead.
# - **The cluster inside this notebook**: its addresses (they begin with 203.0.113, a range kept for examples) are simulated.
#   So that you can try it all the same, `t.url` opens a port on your computer, at 127.0.0.1, which leads to that address.
#
# ## Who answers?
#
# *Three Pods, one address. Who gets the requests?*
#
# From here on they shall come from inside the cluster, where the way is the same on every kind of cluster. `t.traffic` has a
# client there that asks again and again, and draws what became of each request.
#
# > **Guess first.** Sixty requests, three Pods. How many for each?

# %%
t.traffic("service/web", requests=60)

# %% [markdown]
# Each got its share, some a little more, some a little less: for every new connection, one of the ready Pods is drawn by lot.
# Nobody counts whose turn it is. Run the cell again, and the numbers change.
#
# ## One of them fails
#
# *Sooner or later one of the three cannot answer. How many visitors get an error?*
#
# Now make one fail. podinfo's switch `/readyz/disable` turns its readiness probe to "not now". To throw it in one certain
# Pod, somebody inside has to ask at that Pod's own address:

# %%
t.apply("""
apiVersion: v1
kind: Pod
metadata: {name: client}
spec:
  containers:
  - {name: shell, image: "busybox:1.35", command: [sleep, "86400"]}
""")
t.wait("pod/client", "Ready")

# %% [markdown]
# > **Guess first.** Of the next sixty requests, how many will the failing Pod get, and how many will be lost?

# %%
pod = t.objects("pods", labels="app=web")[0]
name, address = pod["metadata"]["name"], pod["status"]["podIP"]
t.exec("pod/client", f"wget -qO- --post-data= http://{address}:9898/readyz/disable")
t.wait(f"pod/{name}", "Ready=False")
t.wait("service/web", "2 ready pods")
t.traffic("service/web", requests=60)

# %% [markdown]
# None, and none. The line to that Pod is cut, and the other two do its share. The address is the same, and nobody who uses it
# has had to know anything. (Between the moment a Pod breaks and the moment its probe has noticed, requests do get
# lost. Here that is three seconds: three bad answers, one each second. A probe that asks more often notices sooner.)
#
# When it is well again, it gets its share again:

# %%
t.exec("pod/client", f"wget -qO- --post-data= http://{address}:9898/readyz/enable")
t.wait("service/web", "3 ready pods")

# %% [markdown]
# ## More of them
#
# *The visitors become more than three Pods can serve.*
#
# > **Guess first.** You ask the Deployment for five Pods. Who has to tell the Service, and who the load balancer?

# %%
t.kubectl("scale deployment web --replicas=5")
t.wait("service/web", "5 ready pods")
t.traffic("service/web", requests=60)

# %% [markdown]
# Nobody. New Pods have the label, are put on the list, become ready, and get requests. It works the same downwards, and that is
# all the scaling there is: change one number.
#
# ### Your turn: from blue to green
#
# What stands behind an address can also be exchanged as a whole:

# %%
t.exercise("loadbalancers-3")

# %%
# Change what visitors see here.

# %%
t.check("loadbalancers-3")

# %% [markdown]
# ## Always the same one
#
# *You put a book into your basket, and the next page says that it is empty. What has happened?*
#
# Another Pod has answered. If a Pod keeps something about its visitors in its own memory, each of them should come back to the
# Pod that knows them. A Service can be told so: `sessionAffinity: ClientIP`.
#
# > **Guess first.** Three visitors send twenty requests each. How many Pods will each of them meet? Can a Pod stay without any
# > visitor?

# %%
t.apply("""
apiVersion: v1
kind: Service
metadata: {name: web}
spec:
  type: LoadBalancer
  sessionAffinity: ClientIP
  selector: {app: web}
  ports: [{port: 80, targetPort: 9898}]
""")
t.wait("service/web", "5 ready pods")
t.traffic("service/web", requests=60, clients=3)

# %% [markdown]
# Each visitor meets one Pod, drawn at the first request and kept from then on (for three hours after the last request, unless you
# say otherwise). So the bars are no longer even: two visitors may have drawn the same Pod, and some Pods have
# none. That is the price. And a visitor is known by their address only: a whole office behind one router counts as one.
#
# If the Pod fails, its visitors are given another one, and their baskets are empty after all. What must not be lost does not
# belong into a Pod's memory.
#
# ### Your turn: everybody's own basket

# %%
t.exercise("loadbalancers-4")

# %%
# Change the Service here.

# %%
t.check("loadbalancers-4")

# %% [markdown]
# ## What you have seen
#
# - `type: LoadBalancer` is a **wish** for an address outside the cluster. A controller from outside Kubernetes fulfils it:
#   the cloud's, MetalLB, or, in this notebook, a simulated one. Where there is none, the Service stays `<pending>`.
# - A LoadBalancer is a NodePort is a ClusterIP: each adds a way in.
# - Each new connection goes to one of the **ready** Pods, by lot. A failing Pod excuses itself, a new one joins, and the address
#   stays the same.
# - The **selector** decides who is meant: change it, and everybody sees another program.
# - `sessionAffinity: ClientIP` keeps a visitor with a Pod, at the price of uneven shares.
#
# Every Service of this type costs an address, and in a cloud money. To have many programs answer at one address, told apart by
# host name and path, there are [Ingress](https://kubernetes.io/docs/concepts/services-networking/ingress/) and
# [Gateway](https://kubernetes.io/docs/concepts/services-networking/gateway/).
#
# **To read on**, in the official documentation:
# [type LoadBalancer](https://kubernetes.io/docs/concepts/services-networking/service/#loadbalancer),
# [creating an external load balancer](https://kubernetes.io/docs/tasks/access-application-cluster/create-external-load-balancer/),
# [session affinity](https://kubernetes.io/docs/reference/networking/virtual-ips/#session-affinity),
# [cloud controller manager](https://kubernetes.io/docs/concepts/architecture/cloud-controller/);
# and [MetalLB's own pages](https://metallb.io/concepts/).
#
# The last cell removes everything this lesson has made, and whoever gave the addresses.

# %%
t.leave()
t.load_balancers(on=False)
