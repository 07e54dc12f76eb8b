"""Asks a real API server for the Tables of the samples, and writes objects and cells to tables.json.

kubectl create namespace b-objects
kubectl proxy --port=8001 &
python tests/unit/tables/capture.py http://127.0.0.1:8001

Works in the namespace b-objects and removes what it made.
"""

import json
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import yaml

from k8s_tutor.objects.kinds import builtin_kinds

HERE = Path(__file__).parent
SPACE = "b-objects"
TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io"
CLOCKS = f"/apis/{SPACE}.example.com/v1/namespaces/{SPACE}/clocks"
SYSTEM = [  # enough of what a fresh cluster holds
    ("nodes", "", 3),
    ("namespaces", "", 2),
    ("pods", "kube-system", 4),
    ("events", "kube-system", 6),
    ("events.events.k8s.io", "kube-system", 6),
    ("daemonsets", "kube-system", 2),
    ("controllerrevisions", "kube-system", 1),
    ("clusterroles", "", 1),
    ("clusterrolebindings", "", 3),
    ("storageclasses", "", 2),
    ("apiservices", "", 2),
    ("flowschemas", "", 3),
    ("prioritylevelconfigurations", "", 3),
    ("csinodes", "", 1),
    ("ipaddresses", "", 1),
    ("servicecidrs", "", 1),
    ("leases", "kube-system", 2),
    ("endpointslices", "kube-system", 1),
    ("certificatesigningrequests", "", 2),
    ("clustertrustbundles", "", 1),
    ("componentstatuses", "", 1),
]


def ask(server, path, method="GET", body=None, accept="application/json", media="application/json"):
    data = None if body is None else json.dumps(body, default=str).encode()
    headers = {"Content-Type": media, "Accept": accept}
    try:
        with urllib.request.urlopen(urllib.request.Request(server + path, data, headers, method=method)) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        return json.load(error)


def pod_of(row):
    init = [
        {"name": name.rstrip("+"), "image": "i"} | ({"restartPolicy": "Always"} if name.endswith("+") else {})
        for name in row.get("init", [])
    ]
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": row["name"], "finalizers": row.get("finalizers", [])},
        "spec": {
            "schedulerName": "nobody",
            "initContainers": init,
            "containers": [{"name": name, "image": "i"} for name in row.get("containers", ["a"])],
            "readinessGates": [{"conditionType": name} for name in row.get("readinessGates", [])],
            "schedulingGates": [{"name": name} for name in row.get("gates", [])],
        },
    }


def status_of(row):
    status = dict(row["status"])
    for key in ("containerStatuses", "initContainerStatuses"):
        if key in status:
            blank = {"ready": False, "restartCount": 0, "image": "i", "imageID": "", "lastState": {}}
            status[key] = [{**blank, **entry} for entry in status[key]]
    return status


def make(server, made):
    kinds = builtin_kinds()
    for obj in yaml.safe_load_all((HERE / "samples.yaml").read_text(encoding="utf-8")):
        path = kinds.of(obj["apiVersion"], obj["kind"]).path(SPACE)
        create(server, path, obj, made)
    pods = f"/api/v1/namespaces/{SPACE}/pods"
    for row in yaml.safe_load((HERE / "pods.yaml").read_text(encoding="utf-8")):
        create(server, pods, pod_of(row), made)
        patch = {"status": status_of(row)}
        ask(server, f"{pods}/{row['name']}/status", "PATCH", patch, media="application/merge-patch+json")
        if row.get("delete"):
            ask(server, f"{pods}/{row['name']}?gracePeriodSeconds=3000", "DELETE")
    balanced = f"/api/v1/namespaces/{SPACE}/services/balanced/status"
    patch = {"status": {"loadBalancer": {"ingress": [{"ip": "192.0.2.9"}, {"hostname": "a.example.com"}]}}}
    ask(server, balanced, "PATCH", patch, media="application/merge-patch+json")
    for obj in yaml.safe_load_all((HERE / "clocks.yaml").read_text(encoding="utf-8")):
        for _ in range(100):  # until the custom kind is served
            if ask(server, CLOCKS).get("kind") == "ClockList":
                break
            time.sleep(0.1)
        create(server, CLOCKS, obj, made)


def create(server, path, obj, made):
    answer = ask(server, path, "POST", obj)
    if answer.get("status") == "Failure":
        print(answer["message"])
    made.append(f"{path}/{obj['metadata']['name']}")


def rows(server, path, resource, limit):
    now = time.time()
    table = ask(server, f"{path}?includeObject=Object&limit={limit}", accept=TABLE)
    for row in table["rows"]:
        row["object"]["metadata"].pop("managedFields", None)
        yield {"resource": resource, "now": now, **{k: row[k] for k in ("cells", "conditions", "object") if k in row}}


def main():
    server, made, found = sys.argv[1], [], []
    kinds = builtin_kinds()
    try:
        make(server, made)
        time.sleep(3)  # controllers write their status
        for word, namespace, limit in SYSTEM:
            kind = kinds.find(word)
            found += rows(server, kind.path(namespace), kind.group_resource, limit)
        seen = dict.fromkeys(path.rpartition("/")[0] for path in made if path.startswith(("/api/", "/apis/")))
        for path in seen:
            resource = next((k.group_resource for k in kinds if k.path(SPACE) == path), "clocks")
            found += [row for row in rows(server, path, resource, 500) if wanted(row, path, made)]
        rs = kinds.find("replicasets")
        found += rows(server, rs.path(SPACE), rs.group_resource, 1)
        crd = ask(server, f"/apis/apiextensions.k8s.io/v1/customresourcedefinitions/clocks.{SPACE}.example.com")
        columns = ask(server, CLOCKS, accept=TABLE)["columnDefinitions"]
    finally:
        patch = {"metadata": {"finalizers": None}}
        for path in reversed(made):
            if "/pods/" in path:
                ask(server, path, "PATCH", patch, media="application/merge-patch+json")
            ask(server, path + "?gracePeriodSeconds=0", "DELETE")
    facts = [{k: column[k] for k in ("name", "type", "format", "priority")} for column in columns]
    printer = crd["spec"]["versions"][0]["additionalPrinterColumns"]
    text = json.dumps({"printerColumns": printer, "columns": facts}, separators=(",", ":"))[:-1]
    lines = ",\n".join(json.dumps(row, separators=(",", ":")) for row in found)
    (HERE / "tables.json").write_text(f'{text},\n"rows":[\n{lines}\n]}}\n', encoding="utf-8", newline="\n")


def wanted(row, path, made):
    return f"{path}/{row['object']['metadata']['name']}" in made


if __name__ == "__main__":
    main()
