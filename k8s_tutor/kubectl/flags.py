"""The commands of the built-in kubectl and their flags, as data.

A flag is written `o/output=`: its letter, its name, and what it takes: nothing a switch, `=` text, `=#` a number, `=*`
a list with commas, `=+` text that may be repeated. `?word` is the value it has where it stands alone. A flag with `!`
is one that only the real kubectl knows.
"""

from __future__ import annotations

from k8s_tutor.language import Wording, msg

__all__ = ["COMMANDS", "EVERYWHERE", "NAMES", "ONLY_REAL", "PARENTS"]

EVERYWHERE = (
    "n/namespace= v/v= request-timeout= warnings-as-errors match-server-version !as= !as-group=+ !as-uid= !context= "
    "!cluster= !user= !kubeconfig= s/!server= !token= disable-compression insecure-skip-tls-verify"
).replace("s/!server=", "!s/server=")

_PRINT = "o/output= template= show-managed-fields allow-missing-template-keys"
_FILES = "f/filename=* !k/kustomize= R/recursive"
_WRITE = f"{_PRINT} dry-run=?unchanged field-manager= save-config validate=?strict"
_SOURCES = "from-file=* from-literal=+ from-env-file=* append-hash"
_ROLLOUT = f"{_FILES} {_PRINT} l/selector= field-manager="
_SET = f"{_FILES} {_WRITE} all l/selector= local field-selector="
_DRAIN = "l/selector= dry-run=?unchanged"

COMMANDS: dict[str, str] = {
    "get": f"{_PRINT} {_FILES} A/all-namespaces l/selector= field-selector= show-labels no-headers L/label-columns=* "
    "sort-by= ignore-not-found show-kind raw= subresource= chunk-size=# server-print !w/watch !watch-only "
    "!output-watch-events",
    "describe": f"{_FILES} A/all-namespaces l/selector= show-events chunk-size=#",
    "delete": f"{_FILES} o/output= A/all-namespaces l/selector= field-selector= all grace-period=# force now "
    "ignore-not-found wait cascade=?background timeout= dry-run=?unchanged !raw= !i/interactive",
    "apply": f"{_FILES} {_WRITE} server-side force-conflicts overwrite wait l/selector= force grace-period=# cascade= "
    "timeout= !prune !prune-allowlist=+ !applyset= all",
    "apply view-last-applied": "o/output= f/filename=* l/selector= all",
    "replace": f"{_FILES} {_WRITE} force grace-period=# cascade=?background timeout= wait !raw= subresource=",
    "diff": f"{_FILES} server-side force-conflicts field-manager= l/selector=",
    "create": f"{_FILES} {_WRITE} l/selector= !edit !raw=",
    "create namespace": _WRITE,
    "create configmap": f"{_WRITE} {_SOURCES}",
    "create secret generic": f"{_WRITE} {_SOURCES} type=",
    "create secret tls": f"{_WRITE} cert= key= append-hash",
    "create secret docker-registry": f"{_WRITE} docker-server= docker-username= docker-password= docker-email= "
    "from-file=* append-hash",
    "create deployment": f"{_WRITE} image=* port=# r/replicas=#",
    "create job": f"{_WRITE} image= from=",
    "create cronjob": f"{_WRITE} image= schedule= restart=",
    "create service clusterip": f"{_WRITE} tcp=* clusterip=",
    "create service nodeport": f"{_WRITE} tcp=* node-port=#",
    "create service loadbalancer": f"{_WRITE} tcp=*",
    "create service externalname": f"{_WRITE} tcp=* external-name=",
    "create serviceaccount": _WRITE,
    "create role": f"{_WRITE} verb=* resource=* resource-name=+",
    "create clusterrole": f"{_WRITE} verb=* resource=* resource-name=+ non-resource-url=* aggregation-rule=*",
    "create rolebinding": f"{_WRITE} role= clusterrole= user=+ group=+ serviceaccount=+",
    "create clusterrolebinding": f"{_WRITE} clusterrole= user=+ group=+ serviceaccount=+",
    "create quota": f"{_WRITE} hard= scopes=",
    "create poddisruptionbudget": f"{_WRITE} min-available= max-unavailable= selector=",
    "create priorityclass": f"{_WRITE} value=# global-default description= preemption-policy=",
    "create ingress": f"{_WRITE} rule=+ class= default-backend= annotation=+",
    "create token": "o/output= audience=+ duration= bound-object-kind= bound-object-name= bound-object-uid=",
    "run": f"{_WRITE} image= port= env=+ l/labels= restart= command i/stdin t/tty rm attach q/quiet overrides= "
    "override-type= expose annotations=+ image-pull-policy= privileged pod-running-timeout= leave-stdin-open "
    "grace-period=# force now wait cascade=?background timeout=",
    "expose": f"{_FILES} {_WRITE} port= target-port= name= type= protocol= selector= l/labels= external-ip= "
    "cluster-ip= session-affinity= load-balancer-ip= overrides= override-type=",
    "scale": f"{_FILES} {_PRINT} replicas=# current-replicas=# resource-version= timeout= all l/selector= "
    "dry-run=?unchanged",
    "autoscale": f"{_FILES} {_WRITE} min=# max=# cpu= memory= cpu-percent=# name=",
    "rollout status": f"{_FILES} l/selector= w/watch revision=# timeout=",
    "rollout history": f"{_FILES} {_PRINT} l/selector= revision=#",
    "rollout undo": f"{_FILES} {_PRINT} l/selector= to-revision=# dry-run=?unchanged",
    "rollout restart": _ROLLOUT,
    "rollout pause": _ROLLOUT,
    "rollout resume": _ROLLOUT,
    "set image": _SET,
    "set env": f"{_SET} e/env=+ list overwrite c/containers= !from= prefix= keys=* !resolve",
    "set resources": f"{_SET} c/containers= limits= requests=",
    "set serviceaccount": _SET,
    "set selector": f"{_SET} resource-version=",
    "patch": f"{_FILES} {_WRITE} p/patch= type= patch-file= local subresource=",
    "label": f"{_FILES} {_WRITE} A/all-namespaces l/selector= field-selector= overwrite all list local "
    "resource-version=",
    "annotate": f"{_FILES} {_WRITE} A/all-namespaces l/selector= field-selector= overwrite all list local "
    "resource-version=",
    "explain": "recursive api-version= o/output=",
    "top pod": "A/all-namespaces l/selector= field-selector= containers no-headers sort-by= sum swap show-swap "
    "use-protocol-buffers",
    "top node": "l/selector= no-headers show-capacity sort-by= swap show-swap use-protocol-buffers",
    "events": "o/output= A/all-namespaces for= types=* no-headers chunk-size=# !w/watch",
    "cordon": _DRAIN,
    "uncordon": _DRAIN,
    "drain": f"{_DRAIN} ignore-daemonsets delete-emptydir-data force grace-period=# timeout= pod-selector= "
    "disable-eviction skip-wait-for-delete-timeout=# chunk-size=#",
    "taint": f"{_PRINT} l/selector= overwrite all dry-run=?unchanged validate=?strict field-manager=",
    "api-resources": "o/output= api-group= namespaced verbs=* no-headers sort-by= cached categories=*",
    "api-versions": "",
    "version": "client o/output=",
    "cluster-info": "",
    "auth can-i": "A/all-namespaces q/quiet list no-headers subresource= as= as-group=+",
    "auth whoami": "o/output=",
    "logs": "c/container= p/previous tail=# timestamps since= since-time= limit-bytes=# l/selector= all-containers "
    "all-pods prefix ignore-errors max-log-requests=# pod-running-timeout= !f/follow "
    "insecure-skip-tls-verify-backend",
    "exec": "c/container= i/stdin t/tty q/quiet f/filename= pod-running-timeout=",
    "wait": f"{_FILES} {_PRINT} A/all-namespaces l/selector= field-selector= for=+ timeout= all",
}
"""Each command with its flags."""

PARENTS: dict[str, dict[str, str]] = {
    "create": {
        "ns": "namespace", "cm": "configmap", "deploy": "deployment", "cj": "cronjob", "sa": "serviceaccount",
        "svc": "service", "pdb": "poddisruptionbudget", "pc": "priorityclass", "ing": "ingress",
        "resourcequota": "quota",
    },
    "create secret": {},
    "create service": {},
    "apply": {},
    "rollout": {},
    "set": {"sa": "serviceaccount"},
    "top": {"pods": "pod", "po": "pod", "nodes": "node", "no": "node"},
    "auth": {},
}  # fmt: skip
"""Commands whose second word is a command too, and how else it may be written."""

_IN_TERMINAL = msg("It goes on until somebody stops it, or needs a terminal: a notebook has none.")
_LOCAL = msg("It is about the kubeconfig or the programs of a person's own machine; this course leaves them alone.")
_RARE = msg("The course has no use for it.")

ONLY_REAL: dict[str, Wording] = {
    "edit": msg("It opens an editor, and a notebook has no place for one; change the manifest and apply it again."),
    "attach": _IN_TERMINAL,
    "port-forward": _IN_TERMINAL,
    "proxy": _IN_TERMINAL,
    "debug": _IN_TERMINAL,
    "cp": msg("It needs tar on both sides and a stream of bytes; `exec POD -- cat FILE` shows a file."),
    "kustomize": _RARE,
    "certificate": _RARE,
    "config": _LOCAL,
    "kuberc": _LOCAL,
    "plugin": _LOCAL,
    "completion": _LOCAL,
    "alpha": _RARE,
    "options": _LOCAL,
    "help": msg("See {address}.", address="kubernetes.io/docs/reference/kubectl"),
    "apply edit-last-applied": _RARE,
    "apply set-last-applied": _RARE,
    "set subject": _RARE,
    "auth reconcile": _RARE,
    "cluster-info dump": _RARE,
}
"""What the real kubectl has and the built-in one has not, and why."""

NAMES = (
    "create",
    "expose",
    "run",
    "set",
    "explain",
    "get",
    "edit",
    "delete",
    "rollout",
    "scale",
    "autoscale",
    "certificate",
    "cluster-info",
    "top",
    "cordon",
    "uncordon",
    "drain",
    "taint",
    "describe",
    "logs",
    "attach",
    "exec",
    "port-forward",
    "proxy",
    "cp",
    "auth",
    "debug",
    "events",
    "diff",
    "apply",
    "patch",
    "replace",
    "wait",
    "kustomize",
    "label",
    "annotate",
    "completion",
    "api-resources",
    "api-versions",
    "config",
    "plugin",
    "version",
)
"""All of kubectl's commands in its order, for "did you mean"."""
