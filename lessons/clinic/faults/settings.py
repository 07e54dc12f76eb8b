"""Faults of configuration and of what is kept: ConfigMaps, Secrets, variables, volumes, claims."""

from __future__ import annotations

from k8s_tutor.exercises import App, Fault, State, msg

from .shop import CODE, GREETING, HOURS, STOCK, WEB, container, has_env, in_stock, in_web, patch, pod_spec, sets

__all__ = ["FAULTS"]

_GREETING = {"name": "PODINFO_UI_MESSAGE", "valueFrom": {"configMapKeyRef": {"name": "settings", "key": "greeting"}}}
_CODE = {"name": "TILL_CODE", "valueFrom": {"secretKeyRef": {"name": "till", "key": "code"}}}
_DESCRIBE = "describe pod -l app=web"
_SETTINGS = f"""t.apply('{{apiVersion: v1, kind: ConfigMap, metadata: {{name: settings, labels: {{part-of: shop}}}}, \
data: {{greeting: {GREETING}, hours: {HOURS}}}}}')"""
_SHELVES = """t.apply('{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: shelves, labels: {part-of: shop}}, \
spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 64Mi}}}}')"""


def _ref(index: int, kind: str, **changes: str):  # type: ignore[no-untyped-def]
    def breaks(app: App) -> None:
        in_web(app)["env"][index]["valueFrom"][kind].update(changes)

    return breaks


def _greet_from_an_old_one(app: App) -> None:
    """A ConfigMap of its own: nodes remember an immutable one by its name, into the next case where Pods follow quickly."""
    settings = app["configmap/settings"]
    old = {"metadata": {**settings["metadata"], "name": "settings-1"}, "data": {"greeting": "Closed"}, "immutable": True}
    app["configmap/settings-1"] = {**settings, **old}
    in_web(app)["env"][0]["valueFrom"]["configMapKeyRef"]["name"] = "settings-1"


def _greets(state: State) -> bool:
    return has_env(state, "PODINFO_UI_MESSAGE", "configmap/settings", "greeting")


def _knows_the_code(state: State) -> bool:
    return has_env(state, "TILL_CODE", "secret/till", "code", "secretKeyRef")


def _volume(app: App, ref: str) -> dict[str, object]:
    volume: dict[str, object] = app[ref]["spec"]["template"]["spec"]["volumes"][0]
    return volume


def _shows_settings(state: State) -> bool:
    """The volume comes from the ConfigMap that is there, and shows the hours in a file of that name."""
    source = next(one for one in pod_spec(state)["volumes"] if one["name"] == "settings")["configMap"]
    files = {row["key"]: row["path"] for row in source.get("items") or ()} or {"hours": "hours"}
    return state.find(f"configmap/{source['name']}") is not None and files.get("hours") == "hours"


def _is_mounted(state: State, ref: str, name: str, path: str) -> bool:
    return any(row["name"] == name and row["mountPath"].rstrip("/") == path for row in container(state, ref)["volumeMounts"])


def _says_the_greeting(state: State) -> bool:
    row = next(one for one in container(state)["env"] if one["name"] == "PODINFO_UI_MESSAGE")
    source = row.get("valueFrom", {}).get("configMapKeyRef")
    return row["value"] == GREETING if source is None else state.find(f"configmap/{source['name']}")["data"][source["key"]] == GREETING


def _has_settings(state: State) -> bool:
    obj = state.find("configmap/settings")
    return obj["data"].get("greeting") == GREETING and "hours" in obj["data"]


FAULTS = (
    Fault(
        "configmap-key",
        msg("A variable of `web` asks for a key that the ConfigMap does not have."),
        1, ("web.greeting",),
        _ref(0, "configMapKeyRef", key="greetings"),
        (sets(WEB, "web", env=[_GREETING]),),
        _greets,
        (
            msg("Pods of `web` stop at CreateContainerConfigError."),
            msg("The kubelet says what it did not find: `kubectl describe pod -l app=web`."),
            msg("The field is `env[].valueFrom.configMapKeyRef.key`; `kubectl get configmap settings -o yaml` has the keys."),
        ),
        ("get pods", _DESCRIBE),
    ),
    Fault(
        "configmap-name",
        msg("A variable of `web` asks for a ConfigMap that does not exist."),
        1, ("web.greeting",),
        _ref(0, "configMapKeyRef", name="setting"),
        (sets(WEB, "web", env=[_GREETING]),),
        _greets,
        (
            msg("Pods of `web` stop at CreateContainerConfigError: something was not found."),
            msg("`kubectl describe pod -l app=web` says what; `kubectl get configmaps` says what there is."),
            msg("The field is `env[].valueFrom.configMapKeyRef.name`."),
        ),
        ("get pods", _DESCRIBE),
    ),
    Fault(
        "value-misspelt",
        msg("The key in the ConfigMap is misspelt, not the one who asks for it."),
        1, ("settings", "web.greeting"),
        lambda app: app["configmap/settings"]["data"].update({"greetnig": app["configmap/settings"]["data"].pop("greeting")}),
        (patch("configmap/settings", {"data": {"greeting": GREETING}}),),
        _greets,
        (
            msg("Pods of `web` stop at CreateContainerConfigError: a key was not found."),
            msg("Compare the two that have to agree: `kubectl get configmap settings -o yaml` and the variables of `web`."),
            msg("The field is a key under `data` of the ConfigMap `settings`."),
        ),
        (_DESCRIBE, "get configmap settings-1 -o yaml"),
    ),
    Fault(
        "secret-missing",
        msg("The Secret with the code of the till was never made."),
        1, ("secret",),
        lambda app: app.pop("secret/till"),  # type: ignore[arg-type,return-value]
        (f"t.kubectl('create secret generic till --from-literal=code={CODE}')",),
        lambda state: "code" in state.find("secret/till")["data"],
        (
            msg("Pods of `web` stop at CreateContainerConfigError: a Secret was not found."),
            msg("`kubectl get secrets`, and what the events of a Pod ask for: the one does not have the other."),
            msg("There has to be a Secret `till` with the key `code`; `kubectl create secret generic` makes one."),
        ),
        (_DESCRIBE, "get secrets"),
    ),
    Fault(
        "secret-key",
        msg("A variable of `web` asks for a key that the Secret does not have."),
        1, ("secret",),
        _ref(1, "secretKeyRef", key="pin"),
        (sets(WEB, "web", env=[_CODE]),),
        _knows_the_code,
        (
            msg("Pods of `web` stop at CreateContainerConfigError."),
            msg("The events name a key and a Secret: `kubectl describe pod -l app=web`. `kubectl describe secret till` has the keys."),
            msg("The field is `env[].valueFrom.secretKeyRef.key`."),
        ),
        (_DESCRIBE, "describe secret till"),
    ),
    Fault(
        "env-name",
        msg("The variable with the greeting has a name that the program does not know."),
        2, ("web.greeting",),
        lambda app: in_web(app)["env"][0].update(name="PODINFO_UI_MESAGE"),
        (sets(WEB, "web", env=[_GREETING]),),
        _greets,
        (
            msg("All Pods are ready, and customers of `http://web` read another greeting than the shop's."),
            msg("What does the container really have? `kubectl exec deploy/web -- env`."),
            msg("The field is `env[].name`: this program reads its greeting from `PODINFO_UI_MESSAGE`."),
        ),
        ("exec deploy/web -- env", "set env deploy/web --list"),
    ),
    Fault(
        "old-greeting",
        msg("The ConfigMap holds an old greeting, and it is immutable."),
        3, ("settings", "web.greeting"),
        _greet_from_an_old_one,
        (
            f"t.kubectl('create configmap settings-2 --from-literal=greeting=\"{GREETING}\"')",
            sets(WEB, "web", env=[{**_GREETING, "valueFrom": {"configMapKeyRef": {"name": "settings-2", "key": "greeting"}}}]),
        ),
        _says_the_greeting,
        (
            msg("All Pods are ready, and customers of `http://web` read an old greeting."),
            msg("The variable comes from a ConfigMap, and that refuses to be changed. Why? `kubectl get configmap settings-1 -o yaml`."),
            msg("The field is `immutable`: such a ConfigMap stays as it is, and nodes remember it. Make another one under a new name, and have `web` ask for that."),
        ),
        ("exec deploy/web -- env", "get configmap settings-1 -o yaml"),
    ),
    Fault(
        "mount-path",
        msg("The settings are mounted where the program does not look."),
        2, ("web.mount",),
        lambda app: in_web(app)["volumeMounts"][0].update(mountPath="/configs"),
        (patch(WEB, [{"op": "replace", "path": "/spec/template/spec/containers/0/volumeMounts/0/mountPath", "value": "/config"}], " --type=json"),),
        lambda state: _is_mounted(state, WEB, "settings", "/config"),
        (
            msg("All Pods are ready, and at `http://web/configs` there is nothing about the hours."),
            msg("Where does the program look, and what is there? Its command says the one, `kubectl describe pod -l app=web` the other: Mounts."),
            msg("The field is `volumeMounts[].mountPath` of the container `web`."),
        ),
        ("describe deploy web", "exec deploy/web -- ls /config"),
    ),
    Fault(
        "volume-file",
        msg("The volume shows some keys of the ConfigMap, and leaves one out."),
        3, ("web.volume",),
        lambda app: _volume(app, WEB).update(configMap={"name": "settings", "items": [{"key": "greeting", "path": "greeting"}]}),
        (patch(WEB, [{"op": "remove", "path": "/spec/template/spec/volumes/0/configMap/items"}], " --type=json"),),
        _shows_settings,
        (
            msg("All Pods are ready, `http://web/configs` shows some settings, and the hours are not among them."),
            msg("A volume may hold only some keys of a ConfigMap: `kubectl get deploy web -o yaml`, under volumes."),
            msg("The field is `volumes[].configMap.items`: what is listed there, and nothing else, becomes a file."),
        ),
        ("exec deploy/web -- ls /config", "get deploy web -o yaml"),
    ),
    Fault(
        "volume-source",
        msg("A volume of `web` comes from a ConfigMap that does not exist."),
        2, ("web.volume",),
        lambda app: _volume(app, WEB).update(configMap={"name": "setings"}),
        (patch(WEB, {"spec": {"template": {"spec": {"volumes": [{"name": "settings", "configMap": {"name": "settings"}}]}}}}),),
        _shows_settings,
        (
            msg("Pods of `web` stay at ContainerCreating."),
            msg("The kubelet cannot mount something: `kubectl describe pod -l app=web`, FailedMount."),
            msg("The field is `volumes[].configMap.name` of the Pod template."),
        ),
        ("get events --field-selector reason=FailedMount", _DESCRIBE),
    ),
    Fault(
        "stock-mount",
        msg("The shelves are mounted where `stock` does not serve from."),
        2, ("stock.mount",),
        lambda app: in_stock(app)["volumeMounts"][0].update(mountPath="/shelfs"),
        (patch(STOCK, [{"op": "replace", "path": "/spec/template/spec/containers/0/volumeMounts/0/mountPath", "value": "/shelves"}], " --type=json"),),
        lambda state: _is_mounted(state, STOCK, "shelves", "/shelves"),
        (
            msg("The Pod of `stock` starts and ends, again and again."),
            msg("What does the program say? `kubectl logs deploy/stock`. Then compare: where does it want to go, what was mounted where?"),
            msg("The field is `volumeMounts[].mountPath` of the container `stock`."),
        ),
        ("logs deploy/stock", "describe deploy stock"),
    ),
    Fault(
        "claim-name",
        msg("`stock` asks for a claim that does not exist."),
        1, ("stock.volume",),
        lambda app: _volume(app, STOCK).update(persistentVolumeClaim={"claimName": "shelfs"}),
        (patch(STOCK, {"spec": {"template": {"spec": {"volumes": [{"name": "shelves", "persistentVolumeClaim": {"claimName": "shelves"}}]}}}}),),
        lambda state: pod_spec(state, STOCK)["volumes"][0]["persistentVolumeClaim"]["claimName"] == "shelves",
        (
            msg("The Pod of `stock` is Pending."),
            msg("The scheduler says what it misses: `kubectl describe pod -l app=stock`. Is there such a claim? `kubectl get pvc`."),
            msg("The field is `volumes[].persistentVolumeClaim.claimName`."),
        ),
        ("describe pod -l app=stock", "get pvc"),
        needs=("volumes",),
    ),
    Fault(
        "claim-class",
        msg("The claim asks for a storage class that the cluster does not have."),
        2, ("claim", "stock.volume"),
        lambda app: app["persistentvolumeclaim/shelves"]["spec"].update(storageClassName="fast"),
        ("t.delete('pvc/shelves')", _SHELVES),
        lambda state: state.find("pvc/shelves")["spec"].get("storageClassName") != "fast",
        (
            msg("The Pod of `stock` is Pending, and so is its claim."),
            msg("`kubectl describe pvc shelves` says what it waits for; `kubectl get storageclasses` says what there is."),
            msg("The field is `storageClassName`. It cannot be changed: this claim, which never had a disk, has to be made anew."),
        ),
        ("get pvc", "describe pvc shelves"),
        needs=("volumes",),
    ),
    Fault(
        "finalizer",
        msg("Somebody deleted the ConfigMap, and a finalizer that nobody removes keeps it from going."),
        3, ("settings",),
        lambda app: app["configmap/settings"]["metadata"].update(finalizers=["shop.example/audit"]),
        ("t.kubectl(\"\"\"patch configmap settings -p '{\"metadata\":{\"finalizers\":null}}'\"\"\")", _SETTINGS),
        _has_settings,
        (
            msg("All Pods are ready, and something of the shop is on its way out for ever."),
            msg("Which object has a time of deletion and is still there? `kubectl get configmap settings -o yaml`: read its metadata."),
            msg("The field is `metadata.finalizers`: nobody will do what it waits for. Save what the object holds, and make it anew."),
        ),
        ("get configmap settings-1 -o yaml",),
        deletes=("configmaps/settings",),
    ),
)
