"""Asks a real API server what patches do, and writes its answers to patches.json.

kubectl proxy --port=8001 &
python tests/unit/objects/capture_patches.py http://127.0.0.1:8001 NAMESPACE

Only dry runs, but for three objects that are created first and deleted last.
"""

import json
import sys
import urllib.error
import urllib.request
from pathlib import Path

MEDIA = {
    "json": "application/json-patch+json",
    "merge": "application/merge-patch+json",
    "strategic": "application/strategic-merge-patch+json",
}

CONFIG = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}, "data": {"x": "1", "y": "2"}}
SERVICE = {
    "apiVersion": "v1",
    "kind": "Service",
    "metadata": {"name": "a", "finalizers": ["example.com/one", "example.com/two"]},
    "spec": {"selector": {"a": "b"}, "ports": [{"name": "a", "port": 80}, {"name": "b", "port": 81}]},
}
DEPLOYMENT = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"name": "a"},
    "spec": {
        "replicas": 0,
        "selector": {"matchLabels": {"a": "b"}},
        "template": {
            "metadata": {"labels": {"a": "b"}},
            "spec": {
                "containers": [
                    {"name": "one", "image": "i1", "env": [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}]},
                    {"name": "two", "image": "i2", "args": ["x", "y"]},
                ],
                "volumes": [{"name": "v", "emptyDir": {}}, {"name": "w", "emptyDir": {}}],
                "tolerations": [{"key": "t", "operator": "Exists"}],
            },
        },
    },
}
OBJECTS = {
    "configmap": ("/api/v1/namespaces/{}/configmaps", CONFIG),
    "service": ("/api/v1/namespaces/{}/services", SERVICE),
    "deployment": ("/apis/apps/v1/namespaces/{}/deployments", DEPLOYMENT),
}


def pod(**spec):
    return {"spec": {"template": {"spec": spec}}}


CASES = [
    *[
        ("configmap", "json", patch)
        for patch in (
            [{"op": "test", "path": "/data/x", "value": "1"}, {"op": "replace", "path": "/data/x", "value": "3"}],
            [{"op": "test", "path": "/data/x", "value": "2"}],
            [{"op": "test", "path": "/metadata/labels", "value": None}],
            [{"op": "remove", "path": "/data/z"}],
            [{"op": "remove", "path": "/data/x"}],
            [{"op": "replace", "path": "/data/z", "value": "1"}],
            [
                {"op": "add", "path": "/metadata/labels", "value": {"a.b/c": "1"}},
                {"op": "replace", "path": "/metadata/labels/a.b~1c", "value": "2"},
            ],
            [{"op": "add", "path": "/foo/z", "value": "1"}],
            [{"op": "foo", "path": "/data/z", "value": "1"}],
            [{"op": "add", "value": "1"}],
            [{"op": "copy", "from": "/data/x", "path": "/data/z"}],
            [{"op": "move", "from": "/data/x", "path": "/data/z"}],
            [{"op": "move", "from": "/data/q", "path": "/data/z"}],
            [{"op": "add", "path": "/metadata/labels/x", "value": "1"}],
            [{"op": "add", "path": "/metadata/labels", "value": {"x": "1"}}],
            [],
            {"op": "add"},
            "x",
        )
    ],
    *[
        ("service", "json", patch)
        for patch in (
            [{"op": "add", "path": "/spec/ports/-", "value": {"port": 3, "name": "c"}}],
            [{"op": "add", "path": "/spec/ports/0", "value": {"port": 3, "name": "c"}}],
            [{"op": "add", "path": "/spec/ports/5", "value": {"port": 3, "name": "c"}}],
            [{"op": "add", "path": "/spec/ports/x", "value": {"port": 3, "name": "c"}}],
            [{"op": "replace", "path": "/spec/ports/-1", "value": {"port": 3, "name": "c"}}],
            [{"op": "remove", "path": "/spec/ports/-1"}],
            [{"op": "replace", "path": "/spec/ports/9/port", "value": 1}],
        )
    ],
    *[
        ("configmap", kind, patch)
        for kind in ("merge", "strategic")
        for patch in ([], "x", {}, {"data": {"x": None}}, {"data": {"z": "3"}}, {"data": None}, {"immutable": True})
    ],
    ("service", "merge", {"spec": {"ports": [{"port": 90}], "selector": {"c": "d", "a": None}}}),
    *[
        ("configmap", "strategic", patch)
        for patch in (
            {"data": {"$patch": "replace", "q": "1"}},
            {"data": {"$patch": "delete"}},
            {"data": {"$patch": "foo"}},
            {"data": {"$retainKeys": ["x", "z"], "z": "1"}},
            {"data": {"$retainKeys": ["x"], "z": "1"}},
        )
    ],
    *[
        ("service", "strategic", patch)
        for patch in (
            {"metadata": {"finalizers": ["example.com/three"]}},
            {"metadata": {"$deleteFromPrimitiveList/finalizers": ["example.com/one"]}},
            {
                "metadata": {
                    "$setElementOrder/finalizers": ["example.com/three", "example.com/two"],
                    "finalizers": ["example.com/three"],
                }
            },
            {"spec": {"ports": [{"name": "q"}]}},
            {"spec": {"ports": [{"port": 80, "$patch": "delete"}]}},
            {"spec": {"ports": [{"$patch": "delete"}]}},
            {"spec": {"ports": [{"$patch": "replace"}, {"port": 90, "name": "z"}]}},
            {"spec": {"ports": [{"port": 80, "$patch": "foo"}]}},
            {"spec": {"$setElementOrder/ports": [{"port": 81}, {"port": 80}]}},
            {
                "spec": {
                    "$setElementOrder/ports": [{"port": 81}, {"port": 80}],
                    "ports": [{"port": 80, "targetPort": 9}],
                }
            },
            {"spec": {"$setElementOrder/ports": [{"port": 99}], "ports": [{"port": 80, "targetPort": 9}]}},
            {"spec": {"$setElementOrder/ports": [{"port": 81}]}},
            {"spec": {"ports": [{"port": 99, "name": "new"}]}},
            {"spec": {"ports": [{"port": 82, "name": "n2"}, {"port": 80, "name": "z"}]}},
            {"spec": {"ports": [{"port": 81, "name": "n2"}, {"port": 80, "name": "z"}]}},
            {"spec": {"selector": {"c": "d"}}},
            {"spec": {"ports": []}},
        )
    ],
    *[
        ("deployment", "strategic", patch)
        for patch in (
            pod(containers=[{"name": "two", "image": "i3"}]),
            pod(containers=[{"name": "one", "env": [{"name": "B", "value": "9"}, {"name": "C", "value": "3"}]}]),
            pod(containers=[{"name": "one", "env": [{"name": "A", "$patch": "delete"}]}]),
            pod(containers=[{"name": "two", "args": ["z"]}]),
            pod(containers=[{"name": "two", "args": None}]),
            pod(containers=[{"name": "three", "image": "i3"}, {"name": "one", "image": "i9"}]),
            {
                "spec": {
                    "template": {
                        "spec": {
                            "$setElementOrder/containers": [{"name": "two"}, {"name": "three"}, {"name": "one"}],
                            "containers": [{"name": "three", "image": "i3"}, {"name": "one", "image": "i9"}],
                        }
                    }
                }
            },
            pod(volumes=[{"name": "v", "$retainKeys": ["name", "hostPath"], "hostPath": {"path": "/x"}}]),
            pod(volumes=[{"name": "w", "$patch": "delete"}]),
            pod(tolerations=[{"key": "u", "operator": "Exists"}]),
            {"spec": {"strategy": {"$retainKeys": ["type"], "type": "Recreate"}}},
            {"spec": {"replicas": 3, "template": {"metadata": {"labels": {"n": "1"}}}}},
        )
    ],
]


def ask(url, method="GET", body=None, media="application/json"):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": media}, method=method)
    try:
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        return json.load(error)


def pruned(obj):
    """What the comparison needs: no times, versions, managers."""
    if obj.get("kind") == "Status":
        return {key: obj.get(key) for key in ("code", "reason", "message") if key in obj}
    metadata = {k: v for k, v in obj["metadata"].items() if k in ("name", "labels", "finalizers")}
    return {**{k: v for k, v in obj.items() if k != "status"}, "metadata": metadata}


def main():
    server, namespace = sys.argv[1:]
    paths = {name: server + path.format(namespace) for name, (path, _) in OBJECTS.items()}
    live = {name: pruned(ask(paths[name], "POST", obj)) for name, (_, obj) in OBJECTS.items()}
    answers = [
        {
            "object": name,
            "type": kind,
            "patch": patch,
            "answer": pruned(ask(paths[name] + "/a?dryRun=All", "PATCH", patch, MEDIA[kind])),
        }
        for name, kind, patch in CASES
    ]
    ask(paths["service"] + "/a", "PATCH", {"metadata": {"finalizers": None}}, MEDIA["merge"])
    for name, url in paths.items():
        ask(f"{url}/a", "DELETE")
        assert live[name]["kind"]
    rows = ",\n".join(json.dumps(answer, separators=(",", ":")) for answer in answers)
    text = f'{{"live": {json.dumps(live, separators=(",", ":"))},\n"answers": [\n{rows}\n]}}\n'
    Path(__file__).with_name("patches.json").write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
