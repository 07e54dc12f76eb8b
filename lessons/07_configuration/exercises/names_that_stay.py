"""A StatefulSet, its headless Service, and a disk for each of its pods."""

from __future__ import annotations

from k8s_tutor.exercises import (
    Exercise,
    Mistake,
    Obj,
    Seen,
    State,
    Verdict,
    cannot_tell,
    count_ready,
    describe_selector,
    exists,
    failed,
    inspect,
    list_pods,
    msg,
    see,
)

__all__ = ["EXERCISE"]

NAMES = ("choir-0", "choir-1", "choir-2")


def _is_headless(_state: State, service: Obj) -> Seen | Verdict:
    address = service["spec"].get("clusterIP")
    if address == "None":
        return see()
    return failed(
        msg("Service `choir` has an address of its own, so it leads to any of the three."),
        msg("clusterIP: {address}", address=address or ""),
        hint=msg("A Service without an address gives each pod a name. An address cannot be taken away: delete it first."),
    )


def _is_the_right_one(_state: State, choir: Obj) -> Seen | Verdict:
    spec = choir["spec"]
    if spec.get("serviceName") != "choir":
        return failed(
            msg("the StatefulSet does not say that its pods' names are found through Service `choir`."),
            msg("serviceName: {name}", name=spec.get("serviceName") or "(none)"),
            hint=msg("It cannot be changed later: delete the StatefulSet, and apply it anew."),
        )
    if spec.get("replicas", 1) != len(NAMES):
        return failed(
            msg("the choir has {count} voices; the task asks for {wanted}.", count=spec["replicas"], wanted=len(NAMES))
        )
    image = spec["template"]["spec"]["containers"][0].get("image")
    return see() if image == "redis:7" else failed(msg("its pods run {image}, and not `redis:7`.", image=image or ""))


def _gives_each_a_disk(_state: State, choir: Obj) -> Seen | Verdict:
    spec = choir["spec"]
    templates = [one["metadata"]["name"] for one in spec.get("volumeClaimTemplates") or ()]
    mounts = [row for one in spec["template"]["spec"]["containers"] for row in one.get("volumeMounts") or ()]
    own = [row for row in mounts if row["name"] in templates]
    if any(row["mountPath"].rstrip("/") == "/data" for row in own):
        return see(msg("claims are made from template `{name}`", name=own[0]["name"]))
    if own or templates:
        return failed(
            msg("the claims are made, and redis writes beside them."),
            msg("mounted at: {paths}", paths=", ".join(row["mountPath"] for row in own) or "no place"),
            hint=msg("redis keeps its file in `/data`."),
        )
    return failed(
        msg("the pods have no claims of their own."),
        hint=msg("A claim under `volumes` is one for all. What makes one for each?"),
    )


def _sings(state: State, choir: Obj) -> Seen | Verdict:
    ready = int((choir.get("status") or {}).get("readyReplicas") or 0)
    if ready == len(NAMES):
        return see(msg("ready: {names}", names=", ".join(NAMES)))
    hint = msg('`t.events("statefulset/choir")`, and then those of the pod that is not there.')
    seen = msg("pods ready: {count} of {wanted}", count=ready, wanted=len(NAMES))
    if not state.names("pods"):
        return cannot_tell(msg("no pod has been made yet."), seen, hint=hint, settling=True)
    return failed(msg("the choir is not complete."), seen, hint=hint, settling=True)


def _finds_them(state: State, service: Obj) -> Seen | Verdict:
    chosen = [pod["metadata"]["name"] for pod in list_pods(state, service)]
    if not set(NAMES) <= set(chosen):
        return failed(
            msg("Service `choir` does not lead to the choir's pods: nobody would find `choir-0.choir`."),
            msg("it looks for {selector}", selector=describe_selector(service)),
            hint=msg("Its selector has to be a label of the template."),
        )
    if count_ready(state, service) < len(NAMES):
        return failed(msg("Service `choir` does not list all of them yet."), hint=msg("Check again."), settling=True)
    return see(msg("each is found by its name, such as `{name}.choir`", name=NAMES[0]))


EXERCISE = Exercise(
    id="configuration-4",
    title=msg("Three who know their names"),
    task=msg(
        "Make a StatefulSet `choir` with three pods from `redis:7`, each with a claim of its own at `/data`, and a "
        "Service `choir` through which each is found by its name: `choir-0.choir`, `choir-1.choir`, `choir-2.choir`."
    ),
    checks=(
        exists("statefulset/choir"),
        exists("service/choir", gone_hint=msg("Without it, the names of the pods lead nowhere.")),
        inspect("statefulset/choir", _is_the_right_one),
        inspect("service/choir", _is_headless),
        inspect("statefulset/choir", _gives_each_a_disk),
        inspect("statefulset/choir", _sings),
        inspect("service/choir", _finds_them),
    ),
    solved=msg("three voices, three names, three disks."),
    hints=(
        msg("The lesson's `db` is nearly this. What has to have another name, and in how many places?"),
        msg("The Service: `clusterIP: None`, and a selector that is a label of the template."),
        msg("The StatefulSet: `serviceName: choir`, `replicas: 3`, and a template under `volumeClaimTemplates`."),
    ),
    first_step=msg("Begin with the manifest of `db`, further up."),
    looks_at=("pods", "endpointslices"),
    solution='''t.kubectl("create service clusterip choir --clusterip=None --tcp=6379")
t.apply("""
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: choir}
spec:
  serviceName: choir
  replicas: 3
  selector: {matchLabels: {app: choir}}
  template: {metadata: {labels: {app: choir}}, spec: {containers: [
    {name: redis, image: "redis:7", volumeMounts: [{name: data, mountPath: /data}]}]}}
  volumeClaimTemplates: [{metadata: {name: data},
    spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 64Mi}}}}]""")
t.wait("statefulset/choir", lambda choir: choir["status"].get("readyReplicas") == 3, timeout=120)''',
    alternative='''t.apply("""
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: choir}
spec:
  serviceName: choir
  replicas: 3
  podManagementPolicy: Parallel
  selector: {matchLabels: {part: voice}}
  template:
    metadata: {labels: {part: voice, house: opera}}
    spec:
      terminationGracePeriodSeconds: 5
      containers:
      - name: singer
        image: redis:7
        args: [--appendonly, "yes"]
        volumeMounts: [{name: score, mountPath: /data/}]
  volumeClaimTemplates:
  - metadata: {name: score}
    spec: {accessModes: [ReadWriteOnce], storageClassName: standard, resources: {requests: {storage: 1Gi}}}
---
apiVersion: v1
kind: Service
metadata: {name: choir}
spec: {clusterIP: None, selector: {house: opera}}
""")
t.wait("statefulset/choir", lambda choir: choir["status"].get("readyReplicas") == 3, timeout=120)''',
    mistakes=(
        Mistake(
            name="a Service with an address",
            cell="""t.apply("{apiVersion: v1, kind: Service, metadata: {name: choir}, \
spec: {selector: {app: choir}, ports: [{port: 6379}]}}")
t.apply("{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: choir}, spec: {serviceName: choir, replicas: 3, \
selector: {matchLabels: {app: choir}}, template: {metadata: {labels: {app: choir}}, spec: {containers: [\
{name: redis, image: 'redis:7'}]}}}}")""",
            says="has an address of its own",
        ),
        Mistake(
            name="one claim for all",
            cell="""t.apply("{apiVersion: v1, kind: Service, metadata: {name: choir}, \
spec: {clusterIP: None, selector: {app: choir}, ports: [{port: 6379}]}}")
t.apply("{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: choir}, spec: {serviceName: choir, replicas: 3, \
selector: {matchLabels: {app: choir}}, template: {metadata: {labels: {app: choir}}, spec: {containers: [\
{name: redis, image: 'redis:7', volumeMounts: [{name: data, mountPath: /data}]}], \
volumes: [{name: data, persistentVolumeClaim: {claimName: data}}]}}}}")""",
            says="is one for all",
        ),
        Mistake(
            name="the Service looks for another label",
            cell="""t.apply("{apiVersion: v1, kind: Service, metadata: {name: choir}, \
spec: {clusterIP: None, selector: {app: quire}, ports: [{port: 6379}]}}")
t.apply("{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: choir}, spec: {serviceName: choir, replicas: 3, \
podManagementPolicy: Parallel, selector: {matchLabels: {app: choir}}, template: {metadata: {labels: {app: choir}}, \
spec: {containers: [{name: redis, image: 'redis:7', volumeMounts: [{name: data, mountPath: /data}]}]}}, \
volumeClaimTemplates: [{metadata: {name: data}, spec: {accessModes: [ReadWriteOnce], \
resources: {requests: {storage: 64Mi}}}}]}}")
t.wait("statefulset/choir", lambda choir: choir["status"].get("readyReplicas") == 3, timeout=120)""",
            says="does not lead to the choir's pods",
        ),
        Mistake(
            name="no word about the Service",
            cell="""t.apply("{apiVersion: v1, kind: Service, metadata: {name: choir}, \
spec: {clusterIP: None, selector: {app: choir}, ports: [{port: 6379}]}}")
t.apply("{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: choir}, spec: {replicas: 3, \
selector: {matchLabels: {app: choir}}, template: {metadata: {labels: {app: choir}}, spec: {containers: [\
{name: redis, image: 'redis:7'}]}}}}")""",
            says="serviceName: (none)",
        ),
    ),
    objects=("statefulset/choir", "service/choir"),
)
