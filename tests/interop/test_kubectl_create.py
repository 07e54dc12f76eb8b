"""Real kubectl's generators and questions, most in protobuf; it prints what it prints on a real cluster."""

from __future__ import annotations

import json

import pytest

pytestmark = pytest.mark.kubectl

CREATED = {
    "create deployment web --image=nginx:1.27 --replicas=0 --port=80": "deployment.apps/web created",
    "create configmap settings --from-literal=a=1 --from-literal=b=zwei": "configmap/settings created",
    "create secret generic pass --from-literal=user=me": "secret/pass created",
    "create service clusterip plain --tcp=80:8080": "service/plain created",
    "create service nodeport outside --tcp=80:http": "service/outside created",
    "create service externalname out --external-name=example.com": "service/out created",
    "create serviceaccount robot": "serviceaccount/robot created",
    "create job once --image=busybox:1.35 -- true": "job.batch/once created",
    "create cronjob hourly --image=busybox:1.35 --schedule=@hourly -- true": "cronjob.batch/hourly created",
    "create quota cap --hard=pods=10,cpu=1.5": "resourcequota/cap created",
    "create role reader --verb=get,list --resource=pods": "role.rbac.authorization.k8s.io/reader created",
    "create rolebinding readers --role=reader --user=jane": "rolebinding.rbac.authorization.k8s.io/readers created",
    "create pdb guard --selector=app=web --min-available=50%": "poddisruptionbudget.policy/guard created",
    "create ingress front --rule=a.example/x*=web:80": "ingress.networking.k8s.io/front created",
    "run one --image=busybox:1.35 --restart=Never --labels=x=y -- true": "pod/one created",
}
EVERYWHERE = {
    "create namespace {}": "namespace/{} created",
    "create clusterrole {} --verb=get --non-resource-url=/healthz": "clusterrole.rbac.authorization.k8s.io/{} created",
    "create clusterrolebinding {} --clusterrole=view --group=dev": (
        "clusterrolebinding.rbac.authorization.k8s.io/{} created"
    ),
    "create priorityclass {} --value=1000": "priorityclass.scheduling.k8s.io/{} created",
}
REFUSED = {
    "create deployment UPPER --image=nginx": (
        'error: failed to create deployment: Deployment.apps "UPPER" is invalid: metadata.name: Invalid value: "UPPER"'
        ": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must "
        "start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is "
        r"'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
    ),
    "create namespace default": 'Error from server (AlreadyExists): namespaces "default" already exists',
    "create service nodeport low --tcp=80:80 --node-port=80": (
        'error: failed to create NodePort service: Service "low" is invalid: spec.ports[0].nodePort: Invalid value: 80'
        ": provided port is not in the valid range. The range of valid ports is 30000-32767"
    ),
}


def found(k, *words: str):
    return json.loads(k("get", *words, "-o", "json"))


@pytest.mark.parametrize("command", CREATED)
def test_creating(k, command):
    assert k(*command.split()) == CREATED[command] + "\n"


@pytest.mark.parametrize("command", EVERYWHERE)
def test_creating_for_the_whole_cluster(k, command):
    name = f"{k.namespace}-{command.split()[1]}"
    assert k(*command.format(name).split()) == EVERYWHERE[command].format(name) + "\n"
    k("delete", command.split()[1], name)


@pytest.mark.parametrize("command", REFUSED)
def test_refusals(k, command):
    assert k(*command.split(), code=1) == REFUSED[command] + "\n"


def test_a_taken_name(k):
    k("create", "deployment", "web", "--image=nginx", "--replicas=0")
    said = k("create", "deployment", "web", "--image=nginx", code=1)
    assert said == 'error: failed to create deployment: deployments.apps "web" already exists\n'


def test_what_was_asked_for_is_what_is_there(k):
    k("create", "deployment", "web", "--image=nginx:1.27", "--replicas=0", "--port=80")
    made = found(k, "deployment", "web")
    assert made["spec"]["replicas"] == 0
    (container,) = made["spec"]["template"]["spec"]["containers"]
    assert (container["image"], container["ports"]) == ("nginx:1.27", [{"containerPort": 80, "protocol": "TCP"}])
    managers = k("get", "deployment", "web", "-o", "jsonpath={.metadata.managedFields[*].manager}")
    assert "kubectl-create" in managers.split()


def test_bytes_arrive_as_they_are(k, tmp_path):
    (tmp_path / "blob").write_bytes(b"\xff\x00\x01")
    k("create", "configmap", "settings", f"--from-file={tmp_path / 'blob'}", "--from-literal=euro=€")
    made = found(k, "configmap", "settings")
    assert (made["binaryData"], made["data"]) == ({"blob": "/wAB"}, {"euro": "€"})


def test_a_dry_run_on_the_server_creates_nothing(k):
    said = k("create", "deployment", "web", "--image=nginx", "--dry-run=server")
    assert said == "deployment.apps/web created (server dry run)\n"
    assert "not found" in k("get", "deployment", "web", code=1)


def test_a_job_from_a_cron_job(k):
    k("create", "cronjob", "hourly", "--image=busybox:1.35", "--schedule=@hourly", "--", "true")
    assert k("create", "job", "now", "--from=cronjob/hourly") == "job.batch/now created\n"
    made = found(k, "job", "now")
    assert made["metadata"]["annotations"]["cronjob.kubernetes.io/instantiate"] == "manual"
    assert made["metadata"]["ownerReferences"][0]["name"] == "hourly"


def test_exposing_and_scaling_a_deployment(k):
    k("create", "deployment", "web", "--image=nginx:1.27", "--port=80", "--replicas=0")
    assert k("expose", "deployment", "web", "--port=8000", "--target-port=80") == "service/web exposed\n"
    assert found(k, "service", "web")["spec"]["selector"] == {"app": "web"}
    assert k("autoscale", "deployment", "web", "--min=1", "--max=3", "--cpu=60%") == (
        "horizontalpodautoscaler.autoscaling/web autoscaled\n"
    )
    target = found(k, "hpa", "web")["spec"]["metrics"][0]["resource"]["target"]
    assert target == {"type": "Utilization", "averageUtilization": 60}


def test_asking_what_one_may(k):
    assert k("auth", "can-i", "create", "pods") == "yes\n"
    assert k("auth", "can-i", "*", "*") == "yes\n"
    assert "*.*" in k("auth", "can-i", "--list")


def test_asking_who_one_is(k):
    lines = [line.split(maxsplit=1) for line in k("auth", "whoami").splitlines()]
    assert ["Username", "kubernetes-admin"] in lines
    assert ["Groups", "[kubeadm:cluster-admins system:authenticated]"] in lines
