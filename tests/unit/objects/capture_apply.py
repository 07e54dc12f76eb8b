"""Plays scenarios of several managers against a real API server, and writes each step to apply.json.

kubectl proxy --port=8001 &
python tests/unit/objects/capture_apply.py http://127.0.0.1:8001 NAMESPACE

A step is (verb, manager, body, options). Every scenario works on one object, which is deleted at its end.
"""

import json
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

MERGE = "application/merge-patch+json"
APPLY = "application/apply-patch+yaml"
LAST = "kubectl.kubernetes.io/last-applied-configuration"
CLOCKS = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {"name": "clocks.apply.example.com"},
    "spec": {
        "group": "apply.example.com",
        "scope": "Namespaced",
        "names": {"kind": "Clock", "plural": "clocks"},
        "versions": [
            {
                "name": "v1",
                "served": True,
                "storage": True,
                "subresources": {"status": {}},
                "schema": {
                    "openAPIV3Schema": {
                        "type": "object",
                        "properties": {
                            "spec": {
                                "type": "object",
                                "properties": {
                                    "zone": {"type": "string"},
                                    "hands": {"type": "array", "items": {"type": "string"}},
                                    "tags": {
                                        "type": "array",
                                        "items": {"type": "string"},
                                        "x-kubernetes-list-type": "set",
                                    },
                                    "parts": {
                                        "type": "array",
                                        "x-kubernetes-list-type": "map",
                                        "x-kubernetes-list-map-keys": ["name", "side"],
                                        "items": {
                                            "type": "object",
                                            "required": ["name"],
                                            "properties": {
                                                "name": {"type": "string"},
                                                "side": {"type": "string", "default": "left"},
                                                "size": {"type": "integer"},
                                            },
                                        },
                                    },
                                    "box": {
                                        "type": "object",
                                        "x-kubernetes-map-type": "atomic",
                                        "properties": {"a": {"type": "integer"}, "b": {"type": "integer"}},
                                    },
                                    "free": {"type": "object", "x-kubernetes-preserve-unknown-fields": True},
                                    "labels": {"type": "object", "additionalProperties": {"type": "string"}},
                                },
                            },
                            "status": {"type": "object", "properties": {"time": {"type": "string"}}},
                        },
                    }
                },
            }
        ],
    },
}


def config(**data):
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}, "data": data}


def labelled(labels, **data):
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a", "labels": labels}, "data": data}


def deployment(containers=(("one", "i1"),), **spec):
    pods = [{"name": name, "image": image} for name, image in containers]
    template = {"metadata": {"labels": {"a": "b"}}, "spec": {"containers": pods}}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "a"},
        "spec": {"selector": {"matchLabels": {"a": "b"}}, "template": template, **spec},
    }


def clock(**spec):
    return {"apiVersion": "apply.example.com/v1", "kind": "Clock", "metadata": {"name": "a"}, "spec": spec}


def service(*ports, **spec):
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "a"},
        "spec": {"selector": {"a": "b"}, "ports": list(ports), **spec},
    }


HELD = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a", "finalizers": ["example.com/x"]}}
HELD_MORE = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a", "finalizers": ["example.com/y"]}}
CLIENT_SIDE = config(x="1", y="1")
CLIENT_SIDE["metadata"]["annotations"] = {LAST: json.dumps(config(x="1", y="1")) + "\n"}

SCENARIOS = {
    "one applier": [
        ("apply", "me", config(x="1", y="2")),
        ("apply", "me", config(x="1", y="2")),
        ("apply", "me", config(x="3")),
        ("apply", "me", config()),
    ],
    "two appliers": [
        ("apply", "me", config(x="1")),
        ("apply", "you", config(y="1")),
        ("apply", "you", config(x="2")),
        ("apply", "you", config(x="2"), {"force": "true"}),
        ("apply", "me", config(z="1")),
        ("apply", "you", labelled({"l": "1"}, z="1")),
        ("apply", "me", config()),
        ("apply", "you", config()),
    ],
    "an applier and an updater": [
        ("create", "me", config(x="1", y="1")),
        ("apply", "you", config(x="2", y="2")),
        ("apply", "you", config(x="2"), {"force": "true"}),
        ("merge", "me", {"data": {"x": "3", "n": "1"}}),
        ("merge", "me", {"data": {"x": "3"}}),
        ("merge", "other", {"data": {"y": None}, "metadata": {"labels": {"a": "b", "c": "d"}}}),
        ("merge", "other", {"metadata": {"labels": {"a": None}}}),
        ("merge", "other", {"metadata": {"labels": None}}),
        ("apply", "you", config(x="4")),
        ("merge", "other", {"metadata": {"managedFields": [{}]}}),
        ("apply", "you", config(x="4", q="1")),
    ],
    "sets": [
        ("apply", "me", HELD),
        ("apply", "you", HELD_MORE),
        ("apply", "me", {**config(), "data": None}),
        ("merge", "me", {"metadata": {"finalizers": ["example.com/y", "example.com/z"]}}),
        ("merge", "me", {"metadata": {"finalizers": None}}),
    ],
    "client-side apply": [
        ("create", "kubectl-client-side-apply", CLIENT_SIDE),
        ("apply", "other", config(x="2")),
        ("apply", "kubectl", config(x="2", y="1")),
        ("apply", "kubectl", config(x="2", z="1")),
    ],
    "client-side apply, changed since": [
        ("create", "kubectl-client-side-apply", CLIENT_SIDE),
        ("merge", "someone", {"data": {"y": "7"}}),
        ("apply", "kubectl", config(x="2", y="2")),
    ],
    "deployment": [
        ("create", "me", deployment(replicas=0)),
        ("apply", "you", deployment(replicas=1)),
        ("apply", "you", deployment((("two", "i2"), ("one", "i1")))),
        ("apply", "you", deployment((("three", "i3"), ("one", "i1")))),
        ("merge", "me", {"spec": {"template": {"spec": {"tolerations": [{"key": "x", "operator": "Exists"}]}}}}),
        ("apply", "you", deployment(strategy={"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 2}})),
        ("apply", "you", deployment()),
        ("apply", "you", deployment(selector={"matchLabels": {"c": "d"}})),
    ],
    "deployment from nothing": [
        ("apply", "me", deployment(replicas=0)),
        ("merge", "scaler", {"spec": {"replicas": 0}}),
        ("apply", "me", deployment(replicas=0, paused=True)),
        ("apply", "me", deployment()),
    ],
    "service": [
        ("apply", "me", service({"port": 80, "name": "a"}, {"port": 80, "name": "b", "protocol": "UDP"})),
        ("apply", "you", service({"port": 81, "name": "c"})),
        ("apply", "me", service({"port": 80, "name": "a", "targetPort": "x"}, sessionAffinity="ClientIP")),
        ("apply", "you", {**service(), "metadata": {"name": "a", "labels": {"x": "y"}}}),
    ],
    "custom kind": [
        ("create", "maker", clock(zone="a", tags=["t1"], parts=[{"name": "p", "size": 1}], box={"a": 1})),
        ("apply", "me", clock(zone="a", tags=["t2", "t1"], parts=[{"name": "q"}, {"name": "p", "size": 2}])),
        ("apply", "me", clock(zone="a", tags=["t2", "t1"], parts=[{"name": "q"}, {"name": "p"}])),
        ("apply", "me", clock(hands=["x"], box={"b": 2}), {"force": "true"}),
        ("apply", "you", clock(free={"deep": {"er": 1, "list": [1]}}, labels={"k": "v"})),
        ("apply", "you", clock(free={"deep": {"other": 1}})),
        ("merge", "maker", {"spec": {"parts": None, "hands": []}}),
        ("merge", "maker", {"spec": {"labels": {"k": "1"}, "free": {"x": {}}}}),
        ("apply", "me", clock()),
        ("apply", "lone", clock(tags=["t"], parts=[{"name": "z"}], labels={"l": "m"})),
        ("apply", "lone", {**clock(), "spec": {"zone": "q"}}),
        ("apply", "lone", {**clock(), "metadata": {"name": "a", "labels": {"x": "y"}}}),
    ],
    "emptied": [
        ("apply", "me", clock(tags=["t"], parts=[{"name": "z", "size": 1}], labels={"l": "m"}, free={"a": {"b": 1}})),
        ("apply", "me", clock(parts=[{"name": "z"}])),
        ("apply", "me", clock()),
        ("apply", "me", {key: value for key, value in clock().items() if key != "spec"}),
        ("apply", "me", {key: value for key, value in clock().items() if key != "spec"}),
    ],
    "status": [
        ("create", "maker", clock(zone="a")),
        ("apply", "me", {**clock(zone="a"), "status": {"time": "1"}}),
        ("apply", "me", {**clock(zone="b"), "status": {"time": "2"}}, {"subresource": "status"}),
        ("merge", "maker", {"status": {"time": "3"}, "spec": {"zone": "z"}}, {"subresource": "status"}),
        ("merge", "maker", {"spec": {"zone": "y"}}),
    ],
    "mistakes": [
        ("create", "maker", deployment(replicas=0)),
        ("apply", "me", deployment(replicas="3")),
        ("apply", "me", deployment(foo=1)),
        ("apply", "me", deployment(paused="yes", replicas=[1])),
        ("apply", "me", deployment(selector="x")),
        ("apply", "me", deployment((("one", "i1"), ("one", "i2")))),
        ("apply", "me", deployment(template={"spec": {"containers": [{"image": "x"}]}})),
        ("apply", "me", deployment(template={"spec": {"containers": ["x"]}})),
        ("apply", "me", deployment(template={"spec": {"containers": {"name": "x"}}})),
        ("apply", "me", deployment(((3, "i1"), ("two", 4)))),
        ("apply", "me", deployment(((["x"], "i1"),))),
        ("apply", "me", {**deployment(), "apiVersion": "apps/v1beta1"}),
        ("apply", "me", {**deployment(), "metadata": {"name": "a", "managedFields": []}}),
    ],
}
PATHS = {
    "ConfigMap": "/api/v1/namespaces/{}/configmaps",
    "Service": "/api/v1/namespaces/{}/services",
    "Deployment": "/apis/apps/v1/namespaces/{}/deployments",
    "Clock": "/apis/apply.example.com/v1/namespaces/{}/clocks",
}


def ask(url, method="GET", body=None, media="application/json"):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": media}, method=method)
    try:
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        text = error.read().decode()
        return json.loads(text) if text.startswith("{") else {"kind": "Status", "message": text}


def play(server, namespace, steps):
    kind = next(step[2]["kind"] for step in steps)
    url = server + PATHS[kind].format(namespace)
    for verb, manager, body, *rest in steps:
        options = dict(rest[0]) if rest else {}
        subresource = options.pop("subresource", "")
        if kind == "Deployment":
            time.sleep(1)  # its controllers have written what they will write
        before = ask(f"{url}/a")
        query = "?" + urllib.parse.urlencode({"fieldManager": manager, **options})
        place = f"{url}/a/{subresource}".rstrip("/") + query
        if verb == "create":
            answer = ask(url + query, "POST", body)
        else:
            answer = ask(place, "PATCH", body, {"merge": MERGE, "apply": APPLY}[verb])
        yield {
            "verb": verb,
            "manager": manager,
            "body": body,
            "subresource": subresource,
            "force": bool(options.get("force")),
            "before": None if before.get("kind") == "Status" else before,
            "after": answer,
        }
    ask(f"{url}/a", "PATCH", {"metadata": {"finalizers": None}}, MERGE)
    ask(f"{url}/a", "DELETE")
    while ask(f"{url}/a").get("kind") != "Status":
        pass


def main():
    server, namespace = sys.argv[1:]
    crds = f"{server}/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
    ask(crds, "POST", CLOCKS)
    while ask(server + PATHS["Clock"].format(namespace)).get("kind") != "ClockList":
        pass
    found = {name: list(play(server, namespace, steps)) for name, steps in SCENARIOS.items()}
    ask(f"{crds}/{CLOCKS['metadata']['name']}", "DELETE")
    schema = CLOCKS["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    lines = ",\n".join(
        f"{json.dumps(name)}: [\n" + ",\n".join(json.dumps(step, separators=(",", ":")) for step in steps) + "\n]"
        for name, steps in found.items()
    )
    text = f'{{"clock": {json.dumps(schema, separators=(",", ":"))},\n"scenarios": {{\n{lines}\n}}}}\n'
    Path(__file__).with_name("apply.json").write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
