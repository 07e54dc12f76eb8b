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
# # Services
#
# Pods come and go, and their addresses come and go with them. In this lesson you give a group of Pods one name that
# stays, find out how Kubernetes keeps track of who is behind it, and mend three Services that lead nowhere.
#
# When you are through, you can
#
# - give Pods a name and an address that outlive them,
# - say how a Service knows its Pods: labels, a selector, EndpointSlices,
# - look a name up, and predict who will answer it,
# - choose between a cluster address, a node port and a headless Service,
# - find out why a Service leads nowhere.
#
# It takes about 40 minutes. You should know what a Pod is and what it means that one is *ready*
# ([lesson 1](01_pods.ipynb)). Run the cells from top to bottom; running one twice does no harm.

# %%
from k8s_tutor import connect
t = connect()
t.lesson("services")

# %% [markdown]
# ## An address that does not last
#
# *One web server is not enough, so you start three of the same. Somebody wants a page from them. At which address?*
#
# Here are the three. They differ in their names only, so one manifest will do; each of them says by a **label** what it
# is, `app: web`. A label is a word of your choice, and by itself it does nothing.

# %%
pod = """
apiVersion: v1
kind: Pod
metadata: {name: NAME, labels: {app: web}}
spec:
  containers:
  - name: app
    image: ghcr.io/stefanprodan/podinfo:6.9.2
    readinessProbe: {periodSeconds: 1, httpGet: {path: /readyz, port: 9898}}
"""
for name in ["web-1", "web-2", "web-3"]:
    t.apply(pod.replace("NAME", name))

# %%
for name in ["web-1", "web-2", "web-3"]:
    t.wait(f"pod/{name}", "Ready")
t.kubectl("get pods -o wide")

# %% [markdown]
# Three Pods, three addresses. You could write one of them down and use that.
#
# > **Guess first.** Pod `web-1` is deleted and started again from the same manifest. Will it have its old address?

# %%
before = t.get("pod/web-1")["status"]["podIP"]
t.delete("pod/web-1")
t.apply(pod.replace("NAME", "web-1"))
t.wait("pod/web-1", "Ready")
print("It was at", before, "and is now at", t.get("pod/web-1")["status"]["podIP"])

# %% [markdown]
# The name is the same, the manifest is the same, and still it is another Pod, with another address. Whoever wrote the old one
# down now asks nobody, or, worse, whoever gets that address next. And Pods are replaced all the time: with each new
# version, with each node that breaks down.
#
# ## A name that stays
#
# *So how does anyone find "the web"?*
#
# By asking something that stays while Pods come and go. It is called a **Service**:

# %%
t.apply("""
apiVersion: v1
kind: Service
metadata: {name: web}
spec:
  selector: {app: web}
  ports: [{port: 80, targetPort: 9898}]
""")
t.wait("service/web", "3 ready pods")
t.graph("service/web")

# %% [markdown]
# Three lines, though you have not named a single Pod. A Service says *which label* it wants (that is its **selector**),
# and every Pod that has the label is meant. The other line is about ports: clients ask at `port` 80, as one does with web
# servers, and are passed on to `targetPort` 9898, where podinfo listens.
#
# To try it you need somebody inside the cluster who asks. This Pod only sleeps, so that you can run commands in it:

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
t.exec("pod/client", "wget -qO- http://web/healthz")

# %% [markdown]
# `http://web`: that is the name of the Service, and no address at all. Somebody has answered. podinfo's front page says who
# it comes from, in a line with the word `hostname`.
#
# > **Guess first.** The client asks thirty times in a row. Who will answer: always the same Pod? All three in turn? Any of
# > them?

# %%
ask = "for i in $(seq 30); do wget -qO- http://web | grep hostname; done | sort | uniq"
t.exec("pod/client", ["sh", "-c", ask])

# %% [markdown]
# All three. For each connection one of them is drawn by lot; the client notices nothing of it. (`sort | uniq` leaves of
# equal lines only one; how often each was drawn is another number every time.)
#
# So a Service is two things in one: a name that stays, and a fair way to share the work.
#
# ### Your turn: a name for the books
#
# The next cell starts two Pods and says what is to be done; run it again whenever you want to start over.

# %%
t.exercise("services-1")

# %%
# Write your manifest here: t.apply(""" … """)

# %%
t.check("services-1")

# %% [markdown]
# If it says *not yet*, it says why; `t.hint("services-1")` helps a little, and a little more each time you ask.
#
# ## Who keeps the list?
#
# *The Service knows a label. Requests need addresses. Who turns the one into the other, and when?*
#
# A controller in the cluster does nothing else: it looks for Pods that match, and writes their addresses down in an
# object that you can read like every other, an **EndpointSlice**:

# %%
t.kubectl("get endpointslices -l kubernetes.io/service-name=web")

# %% [markdown]
# There they are, the three addresses of now, and the port. (It is called a *slice* because a Service with very many Pods
# has its list cut into several.)
#
# > **Guess first.** You start a fourth Pod with the label, and delete `web-2`. Who has to be told?

# %%
t.apply(pod.replace("NAME", "web-4"))
t.delete("pod/web-2")
t.wait("service/web", "3 ready pods")
t.graph("service/web", lens="endpoints")

# %% [markdown]
# Nobody. The Service itself was not touched; the list behind it was rewritten as soon as the labels said so. This
# picture shows the list too: the Service has an EndpointSlice, and the slice names the Pods.
#
# It works the other way round as well. Take the label off a Pod, and it leaves, though it runs on:

# %%
t.kubectl("label pod web-3 app=resting --overwrite")
t.wait("service/web", "2 ready pods")
t.graph("service/web")

# %%
t.kubectl("get pod web-3 --show-labels")

# %% [markdown]
# `web-3` is still there, with its address and its log, and gets no more requests. That is a handy way to take a Pod that
# behaves oddly out of the traffic and look at it in peace. Now put it back:

# %%
t.kubectl("label pod web-3 app=web --overwrite")
t.wait("service/web", "3 ready pods")

# %% [markdown]
# ## How is the name found?
#
# *The client asked for* `web`. *Who told it where that is?*
#
# What tells every program on the internet where a name is: **DNS**, the domain name system. The cluster has a DNS server
# of its own, and every Service gets a name there. In full it is longer than `web`:

# %%
t.exec("pod/client", "nslookup -type=a web.lesson-services.svc.cluster.local")

# %% [markdown]
# The first two lines say who was asked, the others what it answered. Read the name from the right: in this cluster
# (`cluster.local`), among the Services (`svc`), in the namespace `lesson-services`, the one called `web`. Within its own
# namespace `web` is enough; from another namespace it is `web.lesson-services`.
#
# > **Guess first.** Whose address is that: the address of one of the Pods, of a node, or of something else?

# %%
t.kubectl("get service web")

# %% [markdown]
# It stands under `CLUSTER-IP`: it is the Service's own. And it belongs to no computer at all. Every node knows a rule for it,
# *what is meant for this address goes to one of those Pods*, and applies the rule whenever a Pod of its own sends something
# there. The program that keeps those rules up to date on each node is called **kube-proxy**; it reads the EndpointSlices.
#
# So the whole way is: name → DNS → the Service's address → kube-proxy → one of the addresses in the EndpointSlice.
#
# ## Ready, and not ready
#
# *A Pod can run and still be in no state to answer. Does the Service send requests there all the same?*
#
# podinfo has a switch for that: after a request to `/readyz/disable` it tells its readiness probe "not now" (503).
#
# > **Guess first.** You throw the switch in `web-3`. How many of the three lines will you see in the picture?

# %%
address = t.get("pod/web-3")["status"]["podIP"]
t.exec("pod/client", f"wget -qO- --post-data= http://{address}:9898/readyz/disable")
t.wait("pod/web-3", "Ready=False")
t.wait("service/web", "2 ready pods")
t.graph("service/web")

# %% [markdown]
# Three, and one of them is cut. `web-3` has the label, so it is still meant, and the EndpointSlice still lists it. But the list
# also says *not ready*, and the line says why: the readiness probe got 503. Nobody removed it; it has excused itself.
# Do the others really answer for it?

# %%
t.exec("pod/client", ["sh", "-c", ask])

# %% [markdown]
# They do. And it comes back by itself, the moment its probe gets good answers again:

# %%
t.exec("pod/client", f"wget -qO- --post-data= http://{address}:9898/readyz/enable")
t.wait("service/web", "3 ready pods")

# %% [markdown]
# This is what readiness probes are for. A Pod that is starting, or overloaded, or about to be deleted, is left out, and no client
# ever sees it fail.
#
# ## Other ways in
#
# *The Service's address works inside the cluster. What about somebody outside?*
#
# Leave out the `type` of a Service, as you did until now, and it is a **ClusterIP**: an address for the inside. A
# **NodePort** is that, and besides a port that is opened on *every* node:

# %%
t.apply("""
apiVersion: v1
kind: Service
metadata: {name: web-outside}
spec:
  type: NodePort
  selector: {app: web}
  ports: [{port: 80, targetPort: 9898}]
""")
t.wait("service/web-outside", "3 ready pods")
t.kubectl("get services")

# %% [markdown]
# `80:3…/TCP` says: port 80 at its cluster address, and that other number, between 30000 and 32767, at the address of every
# node. Two Services lead to the same Pods now, which is fine: labels can be meant by many.
#
# > **Guess first.** On the control plane runs none of the three Pods. Will its port answer?

# %%
node = t.objects("nodes")[0]["status"]["addresses"][0]["address"]
port = t.get("service/web-outside")["spec"]["ports"][0]["nodePort"]
t.exec("pod/client", f"wget -qO- http://{node}:{port}/healthz")

# %% [markdown]
# It does: kube-proxy runs there too, and passes the request on to where a Pod is. (The client asked from inside, which takes
# the same way. Whether *you* reach the nodes from your own computer depends on the network between you and them.) An odd port
# on any of several computers is no address to give to people, though; how a Service gets a good one is the next lesson.
#
# Sometimes one address for all is the wrong thing. The members of a database are not alike, and a client wants to choose.
# That is what a **headless** Service is for:

# %%
t.apply("""
apiVersion: v1
kind: Service
metadata: {name: web-direct}
spec:
  clusterIP: None
  selector: {app: web}
""")
t.wait("service/web-direct", "3 ready pods")
t.exec("pod/client", "nslookup -type=a web-direct.lesson-services.svc.cluster.local")

# %% [markdown]
# No address of its own, and no kube-proxy in between: the name gives the addresses of all ready Pods, and the client takes
# its pick. Ports are not translated either; who asks here asks podinfo at 9898.
#
# | | address of its own | answers at | for |
# |---|---|---|---|
# | ClusterIP (the default) | yes | its address, inside the cluster | programs in the cluster |
# | NodePort | yes | that, and a port on every node | trying things; building blocks of other ways in |
# | headless (`clusterIP: None`) | no | the Pods themselves | clients that want to choose |
#
# ### Your turn: every voice by itself

# %%
t.exercise("services-2")

# %%
# Change the Service here.

# %%
t.check("services-2")

# %% [markdown]
# ## Why is there no line?
#
# *The name is there, and nobody answers. Where do you look?*
#
# You have seen the whole way, so walk along it, and stop at the first thing that is not as it should be:
#
# | ask | look at | if not |
# |---|---|---|
# | Does anyone have the label? | `t.graph("service/…")`; `kubectl get pods --show-labels` | selector and label differ |
# | Is anyone of those ready? | the cut lines; `t.events("pod/…")` | the readiness probe gets bad answers |
# | Does anyone listen at that port? | `targetPort`, and what the container does | the right Pods, the wrong port |
#
# The last one is the meanest, as the lines in the picture are all there: a line says that requests are sent that way, not
# that somebody listens at its end. To see that, send some. `t.traffic` has a client of its own ask a few times and
# draws what became of it:

# %%
t.traffic("service/web", requests=40)

# %% [markdown]
# Every request was answered, and each Pod did its share. Remember what that looks like: the following three Services were
# left behind by somebody who went home, and with none of them does it look like that.
#
# ### Your turn: the shop without a door

# %%
t.exercise("services-3")

# %%
# Look, think, mend.

# %%
t.check("services-3")

# %% [markdown]
# ### Your turn: the bakery that does not answer

# %%
t.exercise("services-4")

# %%
# Look, think, mend.

# %%
t.check("services-4")

# %% [markdown]
# ### Your turn: the clinic that is always closed

# %%
t.exercise("services-5")

# %%
# Look, think, mend.

# %%
t.check("services-5")

# %% [markdown]
# ## What you have seen
#
# - A Pod's address lasts as long as the Pod. A **Service** is a name and an address that stay.
# - It means Pods by their **labels**. Who that is at the moment stands in its **EndpointSlices**, kept up to date by a
#   controller.
# - **DNS** turns the name into the Service's address, and **kube-proxy** on every node turns that into one of the ready Pods.
# - A Pod that is **not ready** stays on the list and gets no requests.
# - **ClusterIP** for the inside, **NodePort** for a port on every node, **headless** for the Pods' own addresses.
# - No answer? Label, readiness, port: in this order.
#
# **To read on**, in the official documentation:
# [Service](https://kubernetes.io/docs/concepts/services-networking/service/),
# [EndpointSlices](https://kubernetes.io/docs/concepts/services-networking/endpoint-slices/),
# [DNS for Services and Pods](https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/),
# [labels and selectors](https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/),
# [virtual IPs and kube-proxy](https://kubernetes.io/docs/reference/networking/virtual-ips/),
# [debugging Services](https://kubernetes.io/docs/tasks/debug/debug-application/debug-service/).
#
# The last cell removes everything this lesson has made.

# %%
t.leave()
