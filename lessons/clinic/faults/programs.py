"""Faults of what runs in the containers: images, commands, probes, limits."""

from __future__ import annotations

from k8s_tutor.exercises import App, Fault, State, msg, parse_quantity

from .shop import STOCK, WEB, container, in_stock, in_web, patch, pod_spec, sets

__all__ = ["FAULTS"]

_PODINFO = "ghcr.io/stefanprodan/podinfo:6.9.2"
_COMMAND = ["./podinfo", "--port=9898", "--config-path=/config", "--stress-memory=20"]
_FILL = ["sh", "-c", "until test -d /shelves; do sleep 1; done; echo apples and pears > /shelves/index.html"]
_SERVE = ["httpd", "-f", "-p", "8080", "-h", "/shelves"]
_ROOT = "t.kubectl('set image deploy/{name} {name}={image}')"


def _set(field: str, value: object, where=in_web):  # type: ignore[no-untyped-def]
    def breaks(app: App) -> None:
        where(app)[field] = value

    return breaks


def _probe(kind: str, **changes: object):  # type: ignore[no-untyped-def]
    def breaks(app: App) -> None:
        in_web(app)[kind]["httpGet"].update(changes)

    return breaks


def _asks(kind: str, path: str):  # type: ignore[no-untyped-def]
    """The probe asks where the program answers; one that asks in another way is none of our business."""

    def mended(state: State) -> bool:
        get = container(state)[kind].get("httpGet")
        return get is None or (get["path"] == path and get["port"] in (9898, "http"))

    return mended


def _fills(state: State) -> bool:
    """The init container waits for nothing that never comes, and writes where the volume is."""
    text = " ".join(container(state, STOCK, "initContainers").get("command", ()))
    return "/shelf" not in text and "/shelves" in text and "exit 1" not in text


def _fill(command: str):  # type: ignore[no-untyped-def]
    return lambda app: in_stock(app, "initContainers").update(command=["sh", "-c", command])


def _fill_cure() -> str:
    return patch(STOCK, {"spec": {"template": {"spec": {"initContainers": [{"name": "fill", "command": _FILL}]}}}})


_EVENTS = "describe pod -l app=web"
_STOCK_EVENTS = "describe pod -l app=stock"

FAULTS = (
    Fault(
        "image-tag",
        msg("The image of `web` has a tag that nobody has ever pushed."),
        1, ("web.image",),
        _set("image", "ghcr.io/stefanprodan/podinfo:6.9.29"),
        (_ROOT.format(name="web", image=_PODINFO),),
        lambda state: container(state)["image"] == _PODINFO,
        (
            msg("Pods of `web` wait, with a word about images: ErrImagePull, ImagePullBackOff."),
            msg("`kubectl describe pod -l app=web` says at its end which image the node asked for, and what it was told."),
            msg("The field is `image` of the container `web`: its last part, behind the colon, is the tag. `podinfo:6.9.2` is there."),
        ),
        ("get pods", "get events --field-selector reason=Failed"),
    ),
    Fault(
        "image-name",
        msg("The image of `stock` is misspelt."),
        1, ("stock.image",),
        _set("image", "bussybox:1.35", in_stock),
        (_ROOT.format(name="stock", image="busybox:1.35"),),
        lambda state: container(state, STOCK)["image"].endswith("busybox:1.35"),
        (
            msg("The Pod of `stock` waits, with a word about images."),
            msg("Its events name the image letter by letter: `kubectl describe pod -l app=stock`."),
            msg("The field is `image` of the container `stock`. The init container above it has it right."),
        ),
        ("get pods", _STOCK_EVENTS),
    ),
    Fault(
        "never-pull",
        msg("`stock` must never pull its image, and no node has that one."),
        2, ("stock.image",),
        lambda app: in_stock(app).update(image="nginx:1.21", imagePullPolicy="Never"),
        (sets(STOCK, "stock", image="busybox:1.35", imagePullPolicy="IfNotPresent"),),
        lambda state: container(state, STOCK)["image"].endswith("busybox:1.35"),
        (
            msg("The Pod of `stock` waits: ErrImageNeverPull."),
            msg("A Pod may forbid the node to pull. Then the image has to be there already: `kubectl get deploy stock -o yaml`."),
            msg("The fields are `imagePullPolicy` and `image`: `httpd` comes with `busybox:1.35`, which the init container uses."),
        ),
        ("get pods", _STOCK_EVENTS),
    ),
    Fault(
        "command-not-found",
        msg("`web` starts a program that is not in its image."),
        1, ("web.command",),
        _set("command", ["./podinof", *_COMMAND[1:]]),
        (sets(WEB, "web", command=_COMMAND),),
        lambda state: container(state)["command"][0].endswith("podinfo"),
        (
            msg("Pods of `web` do not even start: there is no log, only StartError and another try."),
            msg("The container runtime says what it could not execute: `kubectl describe pod -l app=web`, under Last State."),
            msg("The field is `command` of the container `web`, its first word."),
        ),
        ("get pods", _EVENTS),
    ),
    Fault(
        "unknown-flag",
        msg("`web` is started with a flag that the program does not know."),
        1, ("web.command",),
        _set("command", ["./podinfo", "--prot=9898", *_COMMAND[2:]]),
        (sets(WEB, "web", command=_COMMAND),),
        lambda state: "--prot=9898" not in " ".join(container(state)["command"]),
        (
            msg("Pods of `web` start, end, start again: CrashLoopBackOff."),
            msg("A program that ends says why in its log: `kubectl logs deploy/web --previous`."),
            msg("The field is `command` of the container `web`: read its flags letter by letter."),
        ),
        ("get pods", "logs deploy/web --previous"),
    ),
    Fault(
        "other-port",
        msg("`web` listens at another port than everybody thinks."),
        2, ("web.command", "web.port"),
        _set("command", ["./podinfo", "--port=9899", *_COMMAND[2:]]),
        (sets(WEB, "web", command=_COMMAND),),
        lambda state: "--port=9899" not in container(state)["command"],
        (
            msg("Pods of `web` run and are not ready; after a while they are started again."),
            msg("Compare three numbers: the one in the events (`kubectl describe pod -l app=web`), in the log, and in the Service."),
            msg("The port the program listens at is a flag in `command` of the container `web`."),
        ),
        (_EVENTS, "logs deploy/web"),
    ),
    Fault(
        "only-localhost",
        msg("`stock` listens at 127.0.0.1 only: nobody outside of the Pod reaches it."),
        3, ("stock.command", "stock.port"),
        _set("command", ["httpd", "-f", "-p", "127.0.0.1:8080", "-h", "/shelves"], in_stock),
        (sets(STOCK, "stock", command=_SERVE),),
        lambda state: "127.0.0.1" not in " ".join(container(state, STOCK)["command"]),
        (
            msg("The Pod of `stock` is ready, and every request to `http://stock` is refused."),
            msg("Ask inside of the Pod, at localhost: there it answers. What does the program listen at?"),
            msg("The field is `command` of the container `stock`: the address in front of the port."),
        ),
        ("exec deploy/stock -- wget -qO- http://127.0.0.1:8080", "get deploy stock -o yaml"),
    ),
    Fault(
        "asleep",
        msg("`stock` runs, and sleeps: nobody listens."),
        2, ("stock.command", "stock.port"),
        _set("command", ["sleep", "86400"], in_stock),
        (sets(STOCK, "stock", command=_SERVE),),
        lambda state: container(state, STOCK)["command"][0] == "httpd" or "httpd" in " ".join(container(state, STOCK)["command"]),
        (
            msg("The Pod of `stock` is Running and ready, and every request to it is refused."),
            msg("Running means that there is a process. Which? `kubectl exec deploy/stock -- ps`."),
            msg("The field is `command` of the container `stock`: `httpd -f -p 8080 -h /shelves` would serve the shelves."),
        ),
        ("exec deploy/stock -- ps", "get deploy stock -o yaml"),
    ),
    Fault(
        "readiness-path",
        msg("The readiness probe of `web` asks at a path that does not exist."),
        1, ("web.readiness",),
        _probe("readinessProbe", path="/ready"),
        (sets(WEB, "web", readinessProbe={"httpGet": {"path": "/readyz", "port": 9898}}),),
        _asks("readinessProbe", "/readyz"),
        (
            msg("Pods of `web` run, and none is ready."),
            msg("Who says that they are not? The events of a Pod do, with a code: `kubectl describe pod -l app=web`."),
            msg("The field is `readinessProbe.httpGet.path`. This program says whether it is ready at `/readyz`."),
        ),
        ("get pods", "get events --field-selector reason=Unhealthy"),
    ),
    Fault(
        "readiness-port",
        msg("The readiness probe of `web` knocks at a port where nobody listens."),
        1, ("web.readiness",),
        _probe("readinessProbe", port=8080),
        (sets(WEB, "web", readinessProbe={"httpGet": {"path": "/readyz", "port": 9898}}),),
        _asks("readinessProbe", "/readyz"),
        (
            msg("Pods of `web` run and say that they serve, and none is ready."),
            msg("`connection refused`, say the events (`kubectl describe pod -l app=web`): at which port?"),
            msg("The field is `readinessProbe.httpGet.port`; the log says at which port the program listens."),
        ),
        ("get events --field-selector reason=Unhealthy", "logs deploy/web"),
    ),
    Fault(
        "never-ready",
        msg("`web` was told to say that it is not ready, for ever."),
        2, ("web.unready",),
        lambda app: in_web(app)["env"].append({"name": "PODINFO_UNREADY", "value": "true"}),
        ("t.kubectl('set env deploy/web PODINFO_UNREADY-')",),
        lambda state: not any(row["name"] == "PODINFO_UNREADY" and row.get("value") == "true" for row in container(state)["env"]),
        (
            msg("Pods of `web` run, the probe asks at the right place, and is told 503."),
            msg("The program itself does not want to. What was it told? `kubectl get deploy web -o yaml`, command and environment."),
            msg("The field is `env` of the container `web`: one variable too many."),
        ),
        ("get events --field-selector reason=Unhealthy", "set env deploy/web --list"),
    ),
    Fault(
        "liveness-kills",
        msg("The liveness probe of `web` asks at a path that does not exist, and kills a healthy program again and again."),
        2, ("web.liveness",),
        _probe("livenessProbe", path="/health"),
        (sets(WEB, "web", livenessProbe={"httpGet": {"path": "/healthz", "port": 9898}}),),
        _asks("livenessProbe", "/healthz"),
        (
            msg("Pods of `web` are ready for some seconds, then they are started again, and again."),
            msg("The program did not end by itself. Who killed it? `kubectl describe pod -l app=web`, the events."),
            msg("The field is `livenessProbe.httpGet.path`. This program says whether it lives at `/healthz`."),
        ),
        ("get pods -w", "get events --field-selector reason=Killing"),
    ),
    Fault(
        "oom",
        msg("The memory limit of `web` is smaller than what the program needs."),
        2, ("web.memory",),
        lambda app: in_web(app).update(resources={"requests": {"cpu": "10m", "memory": "16Mi"}, "limits": {"memory": "20Mi"}}),
        ("t.kubectl('set resources deploy/web -c web --limits=memory=128Mi --requests=cpu=10m,memory=16Mi')",),
        lambda state: parse_quantity(container(state)["resources"]["limits"]["memory"]) >= parse_quantity("48Mi"),
        (
            msg("Pods of `web` end as soon as they have started, and say nothing in their log."),
            msg("Exit code 137, says the Pod's status. Its reason stands beside it: `kubectl describe pod -l app=web`, Last State."),
            msg("The field is `resources.limits.memory` of the container `web`: it keeps 20 MB for its customers alone."),
        ),
        ("get pods", _EVENTS),
    ),
    Fault(
        "init-waits",
        msg("The init container of `stock` waits for something that never comes."),
        2, ("stock.init",),
        _fill("until test -d /shelf; do sleep 1; done; echo apples and pears > /shelves/index.html"),
        (_fill_cure(),),
        _fills,
        (
            msg("The Pod of `stock` stays at `Init:0/1`."),
            msg("Containers start when all init containers are done. What is this one doing? `kubectl get deploy stock -o yaml`."),
            msg("The field is `command` of the init container `fill`: which folder does it wait for, and which was mounted?"),
        ),
        ("get pods", "get deploy stock -o yaml"),
    ),
    Fault(
        "init-fails",
        msg("The init container of `stock` writes into a folder that is not there, and fails."),
        2, ("stock.init",),
        _fill("echo apples and pears > /shelf/index.html"),
        (_fill_cure(),),
        _fills,
        (
            msg("The Pod of `stock` does not come further than its init container: Init:CrashLoopBackOff."),
            msg("It has a log of its own: `kubectl logs deploy/stock -c fill`."),
            msg("The field is `command` of the init container `fill`: where does it write to, and where is the volume mounted?"),
        ),
        ("get pods", "logs deploy/stock -c fill"),
    ),
    Fault(
        "must-not-be-root",
        msg("`stock` may not run as root, and its image does."),
        3, ("stock.user",),
        lambda app: in_stock(app).update(securityContext={"runAsNonRoot": True}),
        (patch(STOCK, [{"op": "remove", "path": "/spec/template/spec/containers/0/securityContext"}], " --type=json"),),
        lambda state: not container(state, STOCK).get("securityContext", {}).get("runAsNonRoot") or "runAsUser" in container(state, STOCK)["securityContext"],
        (
            msg("The Pod of `stock` is done with its init container and then stops: CreateContainerConfigError."),
            msg("The kubelet says why it will not start it: `kubectl describe pod -l app=stock`."),
            msg("The field is `securityContext.runAsNonRoot` of the container `stock`: the image says no user, so it is root."),
        ),
        ("get pods", _STOCK_EVENTS),
    ),
    Fault(
        "readiness-gate",
        msg("Pods of `web` wait for a condition that nobody ever sets."),
        3, ("web.gate",),
        lambda app: app[WEB]["spec"]["template"]["spec"].update(readinessGates=[{"conditionType": "shop.example/audited"}]),
        (patch(WEB, [{"op": "remove", "path": "/spec/template/spec/readinessGates"}], " --type=json"),),
        lambda state: not pod_spec(state).get("readinessGates"),
        (
            msg("In each Pod of `web` 1 of 1 containers is ready, and still nobody gets a request."),
            msg("A Pod may ask for more than its containers: `kubectl get pods -o wide` has a column READINESS GATES."),
            msg("The field is `readinessGates` of the Pod template of `web`."),
        ),
        ("get pods -o wide", _EVENTS),
    ),
)
