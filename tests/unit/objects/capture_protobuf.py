"""Records what a real kubectl and a real API server say in protobuf, each beside its JSON, and writes protobuf.jsonl.

kubectl proxy --port=8001 &
kubectl create namespace protobuf-capture
python tests/unit/objects/capture_protobuf.py http://127.0.0.1:8001 protobuf-capture

Nothing stays: what kubectl creates is a dry run, the objects read back are deleted.
"""

import base64
import http.server
import json
import shlex
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from pathlib import Path

PROTOBUF = "application/vnd.kubernetes.protobuf"
HERE = Path(__file__).parent

COMMANDS = """
create deployment web --image=nginx:1.27 --replicas=2 --port=80
create namespace team
create configmap settings --from-literal=a=1 --from-literal=b=zwei€ --from-file=sent=testdata/binary
create secret generic pass --from-literal=user=me
create secret docker-registry registry --docker-server=r.example --docker-username=u --docker-password=p
create service clusterip web --tcp=80:8080
create service nodeport web --tcp=80:http --node-port=30999
create service externalname out --external-name=example.com
create service loadbalancer front --tcp=443:8443
create serviceaccount robot
create job once --image=busybox -- date
create cronjob hourly --image=busybox --schedule='0 * * * *' -- date
create quota cap --hard=cpu=1.5,memory=1Gi,pods=10 --scopes=NotTerminating
create role reader --verb=get,list --resource=pods,pods/log --resource-name=one
create clusterrole reader --verb=get --non-resource-url=/healthz
create rolebinding readers --role=reader --user=jane --serviceaccount=team:robot
create clusterrolebinding readers --clusterrole=view --group=dev
create poddisruptionbudget guard --selector=app=web --min-available=50%
create priorityclass high --value=1000 --description=first
create ingress front --rule=a.example/x*=web:80,tls=cert --class=nginx
"""


def main(server, namespace):
    """Writes the rows of both sorts."""
    rows = [*from_kubectl(server, namespace), *from_server(server, namespace)]
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    (HERE / "testdata" / "protobuf.jsonl").write_text(text, encoding="utf-8", newline="\n")


def from_kubectl(server, namespace):
    """What kubectl sends for a command, and what it prints in a dry run of its own."""
    bodies = []
    recorder = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler(server, bodies))
    threading.Thread(target=recorder.serve_forever, daemon=True).start()
    here = f"http://127.0.0.1:{recorder.server_address[1]}"
    for line in COMMANDS.strip().splitlines():
        words, dashes, inside = (shlex.split(part) for part in line.partition(" -- "))
        call = ["kubectl", "--kubeconfig", "/dev/null", "--server", here, "--namespace", namespace, *words]
        subprocess.run([*call, "--dry-run=server", *dashes, *inside], check=True, cwd=HERE, stdout=subprocess.DEVNULL)
        printed = subprocess.run(
            [*call, "--dry-run=client", "-o", "json", *dashes, *inside], check=True, cwd=HERE, stdout=subprocess.PIPE
        )
        yield row(f"kubectl {line}", bodies.pop(), json.loads(printed.stdout))
    recorder.shutdown()


def handler(server, bodies):
    """Hands requests on, and keeps their bodies."""

    class Recorder(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)) or None
            if body:
                bodies.append(body)
            answer, content_type = fetch(
                server + self.path, self.command, body, self.headers.get("Content-Type"), self.headers["Accept"]
            )
            self.send_response(200)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        do_POST = do_GET  # noqa: N815

        def log_message(self, *_):
            pass

    return Recorder


def from_server(server, namespace):
    """Objects with the rarer kinds of fields, created as JSON and read back in both forms."""
    for path, manifest in json.loads((HERE / "testdata" / "protobuf_manifests.json").read_text(encoding="utf-8")):
        place = f"{server}{path.replace('NAMESPACE', namespace)}"
        fetch(place, "POST", json.dumps(manifest).encode(), "application/json", "application/json")
        one = f"{place}/{manifest['metadata']['name']}"
        before = found = None
        while found is None or found != before:  # until it does not change any more
            before, _ = fetch(one, "GET", None, None, "application/json")
            sent, _ = fetch(one, "GET", None, None, PROTOBUF)
            found, _ = fetch(one, "GET", None, None, "application/json")
        yield row(manifest["kind"], sent, json.loads(found))
        fetch(one, "DELETE", None, None, "application/json")


def row(about, sent, meant):
    """One line of the file."""
    return {"about": about, "protobuf": base64.b64encode(sent).decode(), "json": meant}


def fetch(url, method, body, content_type, accept):
    """A body and its type."""
    headers = {"Accept": accept} | ({"Content-Type": content_type} if content_type else {})
    request = urllib.request.Request(url, data=body, method=method, headers=headers)
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.read(), answer.headers["Content-Type"]
    except urllib.error.HTTPError as error:
        raise SystemExit(f"{method} {url}: {error.code} {error.read().decode()}") from None


if __name__ == "__main__":
    main(*sys.argv[1:])
