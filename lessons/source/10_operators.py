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
# # Operators
#
# Kubernetes keeps Pods going without knowing what runs in them. For some programs that is not enough: they want to be
# looked after by somebody who knows them. In this lesson you write that somebody.
#
# When you are through, you can
#
# - teach a cluster a new kind of object, and say what it does and does not do by itself,
# - name the three steps of every controller, **observe → analyse → act**, and write each of them,
# - let a database of your own grow, lose a member, and heal,
# - read an operator written with kopf, the library that people use for this in Python.
#
# It takes about an hour. You need Python, and what lessons 01 (Pods) and 05 (Services) told. Run the cells from top to
# bottom; running one twice does no harm.

# %%
from k8s_tutor import connect
t = connect()
t.lesson("operators")

# %% [markdown]
# ## A program that needs looking after
#
# *A Deployment starts Pods anew when they are lost. Is that not enough for a database?*
#
# **etcd** is a small database that several **members** keep together: each holds everything, and whatever a majority of
# them has written down counts. (Kubernetes itself keeps all its objects in an etcd.) So three members survive the loss of
# one, five the loss of two.
#
# The majority is counted over a **list of members**, and the list is part of what they have agreed upon. A program cannot
# join by merely being there: somebody has to put it on the list first. A member whose computer burned down stays on the
# list, and counts, until somebody takes it off.
#
# > **Guess first.** A Deployment has replaced one lost etcd by a new Pod, twice, with a new name and address each time.
# > Nobody has touched the list. How many does etcd count, and how many of those answer?
#
# It counts three, and one answers: the list still holds the two that are gone, the new ones are on no list and were sent
# away. One of three is no majority, and the database stands still, with three Pods. Somebody who knows etcd would have
# taken the lost one off, put the new one on, and then started it. People who know such things about a program wrote them
# down as another program, and called that an **operator**.
#
# ## A kind of your own
#
# *Where do you tell an operator what you want?*
#
# In the cluster, like everything else: in an object with a `spec`. Kubernetes has no kind for etcd clusters, but it can
# be taught one. The lesson that teaches it is itself an object, a **CustomResourceDefinition**. (When the first operator
# came out in 2016, one for etcd, these were called ThirdPartyResources; definitions with a schema took their place a year
# later.)
#
# First, what such an object looks like inside: its *schema*.

# %%
version = """
  - name: v1
    served: true
    storage: true
    subresources: {status: {}}
    schema:
      openAPIV3Schema:
        type: object
        properties:
          spec: {type: object, default: {}, properties: {size: {type: integer, minimum: 1, maximum: 7, default: 3}}}
          status: {type: object, properties: {ready: {type: integer}, doing: {type: string}}}
"""

# %% [markdown]
# A whole number from 1 to 7, and 3 for who does not say. The `status` is for the operator; the line `subresources`
# keeps the two apart, so that one who writes the wish cannot write the report by mistake, and the other way round.
#
# Then what `kubectl get` shows, and the names:

# %%
columns = """
    additionalPrinterColumns:
    - {name: Size, type: integer, jsonPath: .spec.size}
    - {name: Ready, type: integer, jsonPath: .status.ready}
    - {name: Doing, type: string, jsonPath: .status.doing}
"""

# %%
t.apply("""
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: etcdclusters.tutor.example, labels: {app.kubernetes.io/managed-by: k8s-tutor}}
spec:
  group: tutor.example
  scope: Namespaced
  names: {kind: EtcdCluster, singular: etcdcluster, plural: etcdclusters}
  versions:
""" + version.rstrip() + columns)
t.wait("crd/etcdclusters.tutor.example", "Established")

# %% [markdown]
# From this moment on the cluster has `EtcdCluster`s, as it has Pods: they can be applied, listed, watched and deleted.
# Order one:

# %%
t.apply("""
apiVersion: tutor.example/v1
kind: EtcdCluster
metadata: {name: db}
spec: {}
""")
t.kubectl("get etcdclusters")

# %% [markdown]
# The size was filled in from the schema. And what happens now?

# %%
t.graph("etcdcluster/db")

# %% [markdown]
# Nothing happens. A definition adds a drawer to the filing cabinet, and the object is a sheet of paper in it. Somebody
# has to read it.
#
# ## Three steps
#
# *What does one have to do all day who looks after something?*
#
# Look what is there. Think about what is missing. Do something about it. And then again, because meanwhile something
# may have changed, not least by what one did. Every controller in Kubernetes is such a loop, the one behind Deployments
# too: **observe → analyse → act**.
#
# Now you write one, some eighty lines of Python in small cells. Most of it is here. Three places are marked
# **①②③**, one in each step: those you complete. As long as a place is open the course's own line stands in for it, so
# that you can read on and come back. `t.check` tries your function on a handful of situations and says what is not right
# yet; before that is mended the operator will not let it loose on the cluster.
#
# ### Observe
#
# What the operator needs to know stands in three places: the wish, the Pods, and etcd's own list. The list only etcd can
# tell. Its command-line tool `etcdctl` is inside every member's Pod, so ask there:

# %% tags=["keep"]
import json

def etcdctl(member, command):
    return str(t.exec(f"pod/{member}", f"etcdctl {command}"))

def member_list(ready):
    """etcd's own list: ids by name."""
    if not ready:
        return {}
    listed = json.loads(etcdctl(ready[0], "member list -w json"))["members"]
    return {one["peerURLs"][0].split("/")[2].split(".")[0]: f"{one['ID']:x}" for one in listed}

# %% [markdown]
# (The last line takes the name out of the address, `http://db-1.db:2380`: one that has been put on the list and has not
# started yet has an address, but no name. Ids are written in hexadecimal.)
#
# A Pod that is listed is not always a Pod to count on.
#
# ### ① Your turn: dead or alive
#
# `is_alive` is given a Pod, as a dict like the ones `t.get` returns. It should say `True` for one that runs or is
# still starting (phase *Running* or *Pending*), unless somebody is deleting it: then its `metadata` holds a
# `deletionTimestamp`.

# %% tags=["keep"]
@t.place("operators-1")
def is_alive(pod):
    """① Does this Pod count?"""
    return ...

# %%
t.check("operators-1")

# %% [markdown]
# Alive is not yet ready. A member is ready when it answers for the database, and a readiness probe finds that out:

# %% tags=["keep"]
def is_ready(pod):
    conditions = pod["status"].get("conditions", [])
    return any(one["type"] == "Ready" and one["status"] == "True" for one in conditions)

# %% [markdown]
# That is everything for the first step. `steps` writes down what the operator sees, thinks and does, so that you can look
# at it afterwards; it decides nothing.

# %% tags=["keep"]
steps = t.steps("etcdcluster/db")

def observe(name):
    wish = t.get(f"etcdcluster/{name}")
    pods = [pod for pod in t.objects("pods", labels=f"etcd={name}") if is_alive(pod)]
    alive = sorted(pod["metadata"]["name"] for pod in pods)
    ready = sorted(pod["metadata"]["name"] for pod in pods if is_ready(pod))
    members = member_list(ready) if ready == alive else {}
    sources = f"spec.size · Pods etcd={name} · etcdctl member list"
    steps.observe(sources, wanted=wish["spec"]["size"], alive=alive, ready=ready, members=sorted(members))
    return {"wish": wish, "alive": alive, "ready": ready, "members": members}

# %% [markdown]
# ### Analyse
#
# This step talks to nobody. It compares the wish with what is there, and decides on *one* thing to do: etcd wants its
# list changed one member at a time.
#
# ### ② Your turn: who is lost?
#
# `lost` is given the members, a dict of names to ids, and the names of the living Pods. It should return a list: the
# names of members without a living Pod.

# %% tags=["keep"]
@t.place("operators-2")
def lost(members, alive):
    """② Members without a living Pod."""
    return ...

# %%
t.check("operators-2")

# %% [markdown]
# > **Guess first.** Two things are to be done at once: `db-1` is lost, and somebody has just ordered five members instead
# > of three. What should come first?

# %% tags=["keep"]
def analyse(name, seen):
    wanted, members, alive = seen["wish"]["spec"]["size"], seen["members"], seen["alive"]
    if starting := [one for one in alive if one not in seen["ready"]]:
        return "wait", starting[0], f"{starting[0]} is still starting"
    free = next(f"{name}-{number}" for number in range(9) if f"{name}-{number}" not in members)
    if not alive:
        return "start", free, "there is no member yet"
    if dead := lost(members, alive):
        return "remove", dead[0], f"{dead[0]} is on the list and has no Pod"
    return compare(len(members), wanted, free, alive[-1])

# %% tags=["keep"]
def compare(have, wanted, free, last):
    if have < wanted:
        return "add", free, f"{have} of {wanted} members"
    if have > wanted:
        return "remove", last, f"{have} members, {wanted} wanted"
    return "rest", "", "all is as wanted"

# %% [markdown]
# The order of the questions is the knowledge. Whoever is starting is waited for. The lost are taken off before anybody is
# added: of three on the list two answer, with a fourth it would be two of four, and that is no majority any more. (etcd
# knows that too, and refuses.)
#
# ### Act
#
# A member is a Pod with etcd in it. It has to be told its own name, who the others are, and whether it founds a cluster
# (`new`) or joins one (`existing`):

# %% tags=["keep"]
def address(member):
    return f"http://{member}.{member.rpartition('-')[0]}:2380"

def command(member, members, state):
    others = ",".join(f"{one}={address(one)}" for one in members)
    client = address(member).replace("2380", "2379")
    return ["etcd", f"--name={member}", "--data-dir=/tmp/etcd", f"--initial-cluster={others}",
            f"--initial-cluster-state={state}", f"--initial-advertise-peer-urls={address(member)}",
            f"--advertise-client-urls={client}", "--listen-peer-urls=http://0.0.0.0:2380",
            "--listen-client-urls=http://0.0.0.0:2379"]

# %% [markdown]
# The Pod belongs to its `EtcdCluster`: an **owner reference** says so, and when the owner is deleted Kubernetes clears
# up behind it. The probe asks etcd itself whether it can reach a majority. It wants five good answers in a row before it
# believes in a member, and forgives some bad ones: when the second member is on the list and not up yet, the first is
# one of two, and that is no majority for a moment.

# %% tags=["keep"]
def pod(member, wish, members, state):
    probe = {"httpGet": {"path": "/health", "port": 2379}, "periodSeconds": 2, "successThreshold": 5,
             "failureThreshold": 10}
    container = {"name": "etcd", "image": "registry.k8s.io/etcd:3.7.0-0",
                 "command": command(member, members, state), "readinessProbe": probe}
    name = wish["metadata"]["name"]
    spec = {"hostname": member, "subdomain": name, "restartPolicy": "Never", "containers": [container]}
    return {"kind": "Pod", "metadata": {"name": member, "labels": {"etcd": name}}, "spec": spec}

# %% tags=["keep"]
def service(name):
    ports = [{"name": "client", "port": 2379}, {"name": "peer", "port": 2380}]
    spec = {"clusterIP": "None", "publishNotReadyAddresses": True, "selector": {"etcd": name}, "ports": ports}
    return {"kind": "Service", "metadata": {"name": name}, "spec": spec}

# %% [markdown]
# The Service is a headless one: it gives every member a name in DNS, `db-1.db`, also to those that are not ready, since
# they have to find each other first.
#
# Two small functions do things, one in Kubernetes and one in etcd, and write them down:

# %% tags=["keep"]
def create(wish, thing):
    owner = {key: wish[key] for key in ("apiVersion", "kind")}
    owner |= {key: wish["metadata"][key] for key in ("name", "uid")}
    thing["metadata"]["ownerReferences"] = [owner | {"controller": True}]
    with steps.act(f"Kubernetes: create {thing['kind']} {thing['metadata']['name']}"):
        t.client.apply({"apiVersion": "v1", **thing}, t.namespace)

def tell(member, line):
    with steps.act(f"etcd: {line}"):
        return etcdctl(member, line)

# %% [markdown]
# ### ③ Your turn: letting somebody in
#
# `join` lets a new member in. It is given the member's name, its address, and two functions: `etcd("member list")` would
# run `etcdctl member list` in a member that is up, `start()` creates the new member's Pod. The command that puts somebody
# on the list is `member add NAME --peer-urls=ADDRESS`. Which comes first?

# %% tags=["keep"]
@t.place("operators-3")
def join(member, address, etcd, start):
    """③ Let a new member in."""
    return ...

# %%
t.check("operators-3")

# %% [markdown]
# That makes the third step:

# %% tags=["keep"]
def act(name, seen, verb, member):
    wish, members = seen["wish"], [*seen["members"], member]
    if verb == "start":
        create(wish, service(name))
        create(wish, pod(member, wish, members, "new"))
    if verb == "add":
        join(member, address(member), lambda line: tell(seen["ready"][0], line),
             lambda: create(wish, pod(member, wish, members, "existing")))
    if verb == "remove":
        tell(seen["ready"][0], f"member remove {seen['members'][member]}")
        remove_pod(member)

# %% tags=["keep"]
def remove_pod(member):
    if t.client.find("pods", member, t.namespace):
        with steps.act(f"Kubernetes: delete Pod {member}"):
            t.client.delete("pods", member, t.namespace)

def report(name, seen, doing):
    status = {"ready": len(seen["ready"]), "doing": doing}
    t.client.patch("etcdclusters", name, {"status": status}, t.namespace, subresource="status")

# %% [markdown]
# ## One run
#
# The three steps one after the other are one **run**. Before it acts, the operator reports what it is about to do.

# %% tags=["keep"]
def run(name):
    with steps.run():
        seen = observe(name)
        verb, member, why = analyse(name, seen)
        steps.analyse(f"{verb} {member}".strip(), because=why)
        report(name, seen, f"{verb} {member}".strip())
        act(name, seen, verb, member)
    return verb, member

# %% [markdown]
# > **Guess first.** There is an order for three members and nothing else. What will the first run do: start three?

# %%
run("db")
steps

# %% [markdown]
# One, with a list of one. Wait for it to be ready, and let the operator look again:

# %%
t.wait("pod/db-0", "Ready")
run("db")
steps

# %% [markdown]
# It saw something else, so it did something else. Nobody told it "now comes part two": it does not remember the first run
# at all. It compares what is with what should be, each time anew. That is why an operator can be stopped at any moment
# and started again: it will find out where things are.
#
# Now let it go on until it has nothing to do. This loop is all that was missing:

# %% tags=["keep"]
def operate(name):
    verb, member = run(name)
    while verb != "rest":
        t.wait(f"pod/{member}", "deleted" if verb == "remove" else "Ready", timeout=120)
        verb, member = run(name)

# %%
operate("db")
t.graph("etcdcluster/db", lens="ownership")

# %% [markdown]
# Three members, and each belongs to `db`. So much for Kubernetes. What does etcd say?

# %%
for line in sorted(etcdctl("db-0", "member list").splitlines(), key=lambda line: line.split(", ")[2]):
    print(line)

# %% [markdown]
# The same three: id, state, name, where the others find it, where clients find it. Write something into it, to have
# something to lose:

# %%
print(etcdctl("db-0", "put lesson ten"))

# %% [markdown]
# ## Five instead of three
#
# *Your application grows. You want two failures to be survivable.*
#
# > **Guess first.** What do you have to change, in which object? Which commands for etcd do you have to look up?

# %%
t.apply("{apiVersion: tutor.example/v1, kind: EtcdCluster, metadata: {name: db}, spec: {size: 5}}")
operate("db")
t.kubectl("get etcdclusters")

# %% [markdown]
# One number, and no command at all: they are written down in the operator. It added one, waited until it was ready, and
# added the next.
#
# ## Somebody dies
#
# *A Pod is gone. Nobody has said anything to etcd.*

# %%
t.delete("pod/db-1", now=True)
run("db")
steps

# %% [markdown]
# Five on the list, four alive: `db-1` is lost, so it is taken off the list. That is all for this run. Is the operator
# done?

# %%
operate("db")
steps

# %% [markdown]
# Four members, five wanted: that was a case for "add", the same lines as before. Healing needed no code of its own but
# the question *who is lost?* The new `db-1` shares with the old one nothing but its name. Has it what the others have?

# %%
print(etcdctl("db-1", "get lesson"))

# %% [markdown]
# Everything. Here is the whole story once more. Go through it with the buttons, or with the arrow keys:

# %%
steps.stepper()

# %% [markdown]
# ## The same with kopf
#
# *`operate` stops when it has nothing to do. Who calls it when the next Pod dies, at night?*
#
# A real operator runs in the cluster for good and is woken by changes: of its own objects and of what belongs to them.
# It tries again when something went wrong. That part is the same for all operators, and libraries have it ready. In
# Python that is **kopf**. You say which changes concern you; the three steps remain yours.

# %% tags=["keep"]
import kopf, logging

logging.getLogger("kopf").setLevel(logging.CRITICAL)  # kopf has much to tell; here the cluster shows it

@kopf.on.resume("etcdclusters")
@kopf.on.create("etcdclusters")
@kopf.on.update("etcdclusters")
def reconcile(name, **_):
    awake.set()
    verb, member = run(name)
    if verb != "rest":
        raise kopf.TemporaryError(f"{verb} {member}", delay=1)

# %% [markdown]
# `run` is the function from above. *TemporaryError* says: not there yet, call me again in a second. And so that a lost
# Pod wakes the operator too, it leaves a note on the object it belonged to, which is a change:

# %% tags=["keep"]
@kopf.on.event("pods", labels={"etcd": kopf.PRESENT})
def note_loss(type, labels, uid, **_):
    if type == "DELETED":
        note = {"metadata": {"annotations": {"tutor.example/lost": uid}}}
        t.client.patch("etcdclusters", labels["etcd"], note, t.namespace)

# %% [markdown]
# An operator usually has a Pod of its own. Here it runs in this notebook, in a thread, with the same rights as you. The
# first thing it does is to look at every `EtcdCluster` there is (*resume*), and then we know that it is awake:

# %%
import threading

if "operator" not in [thread.name for thread in threading.enumerate()]:
    stop, awake = threading.Event(), threading.Event()
    options = {"standalone": True, "namespaces": [t.namespace], "stop_flag": stop}
    operator = threading.Thread(name="operator", target=kopf.run, kwargs=options, daemon=True)
    operator.start()
awake.wait(60)

# %% [markdown]
# > **Guess first.** Three members are enough again. What do you have to do, now that somebody is awake?

# %%
t.apply("{apiVersion: tutor.example/v1, kind: EtcdCluster, metadata: {name: db}, spec: {size: 3}}")
t.wait("etcdcluster/db", lambda db: db["status"] == {"ready": 3, "doing": "rest"}, timeout=300, timed=False)

# %% [markdown]
# Nothing but to say so. And at night?

# %%
t.kubectl("delete pod db-1 --now")
t.wait("pod/db-1", "exists", timeout=120, timed=False)
t.wait("etcdcluster/db", lambda db: db["status"] == {"ready": 3, "doing": "rest"}, timeout=300, timed=False)
t.graph("etcdcluster/db", lens="ownership")

# %% [markdown]
# Nobody called anything. Before you go, send the operator to bed, and look what happens to the members when their owner
# is deleted:

# %%
stop.set()
operator.join(60)
t.kubectl("delete etcdcluster db")
t.wait("pod/db-0", "deleted", timed=False)

# %% [markdown]
# They go with it. The owner reference did that, and the garbage collector, which is one more controller: it observes
# objects whose owner is gone, and acts.
#
# ## What you have seen
#
# - A **CustomResourceDefinition** teaches the cluster a new kind. By itself such an object does nothing.
# - An **operator** is a controller that knows a program: **observe** what is wanted and what there is, **analyse** the
#   difference, **act** on one thing, and look again.
# - It remembers nothing between runs, so it can be stopped and started at any moment; healing is no special case.
# - The `spec` is the wish, the `status` is the operator's report; **owner references** say what belongs to whom.
# - **kopf** brings the waking up and the trying again. The knowledge is yours.
#
# **To read on**, in the official documentation:
# [the operator pattern](https://kubernetes.io/docs/concepts/extend-kubernetes/operator/),
# [custom resources](https://kubernetes.io/docs/concepts/extend-kubernetes/api-extension/custom-resources/),
# [controllers](https://kubernetes.io/docs/concepts/architecture/controller/),
# [owners and dependents](https://kubernetes.io/docs/concepts/overview/working-with-objects/owners-dependents/);
# [kopf](https://docs.kopf.dev/), and
# [changing etcd's members](https://etcd.io/docs/latest/op-guide/runtime-configuration/).
#
# The last cell removes everything this lesson has made.

# %%
t.leave()
