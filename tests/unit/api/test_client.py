import pytest

from k8s_tutor.api.client import Client
from k8s_tutor.api.protocol import Response, StatusError, failure
from k8s_tutor.errors import UsageError

POD = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web"}}
WIDGETS = {
    "kind": "APIGroupDiscoveryList",
    "items": [
        {
            "metadata": {"name": "example.com"},
            "versions": [
                {
                    "version": "v1",
                    "resources": [
                        {
                            "resource": "widgets",
                            "responseKind": {"group": "example.com", "version": "v1", "kind": "Widget"},
                            "scope": "Namespaced",
                            "singularResource": "widget",
                            "shortNames": ["wd"],
                            "verbs": ["get"],
                        }
                    ],
                }
            ],
        }
    ],
}


class Recorder:
    """A KubeAPI that remembers the requests and gives the answers it was told to give."""

    def __init__(self, *answers):
        self.answers = [answer if isinstance(answer, Response) else Response(200, answer) for answer in answers]
        self.requests = []

    def send(self, request):
        self.requests.append(request)
        return self.answers.pop(0)

    def watch(self, request, *, passive=False):
        self.requests.append(request)
        return passive

    follow = watch


def sent(call, answer=None):
    api = Recorder(answer or {"kind": "Pod"})
    call(Client(api))
    request = api.requests[-1]
    return f"{request.method} {request.target}"


@pytest.mark.parametrize(
    ("call", "line"),
    [
        (lambda c: c.get("po", "web"), "GET /api/v1/namespaces/default/pods/web"),
        (lambda c: c.get("nodes", "n1", "ignored"), "GET /api/v1/nodes/n1"),
        (lambda c: c.list("deploy"), "GET /apis/apps/v1/deployments"),
        (lambda c: c.list("pods", "a", labels="app=web"), "GET /api/v1/namespaces/a/pods?labelSelector=app%3Dweb"),
        (lambda c: c.create(POD, "a"), "POST /api/v1/namespaces/a/pods?fieldValidation=Strict"),
        (
            lambda c: c.apply(POD),
            "PATCH /api/v1/namespaces/default/pods/web?fieldManager=k8s-tutor&force=true&fieldValidation=Strict",
        ),
        (
            lambda c: c.replace(POD, "a", subresource="status"),
            "PUT /api/v1/namespaces/a/pods/web/status?fieldValidation=Strict",
        ),
        (lambda c: c.delete("pods", "web", "a"), "DELETE /api/v1/namespaces/a/pods/web"),
        (lambda c: c.logs("web", tailLines=3), "GET /api/v1/namespaces/default/pods/web/log?tailLines=3"),
        (
            lambda c: c.watch("pods", "a", name="w", since="7"),
            "GET /api/v1/namespaces/a/pods?fieldSelector=metadata.name%3Dw&resourceVersion=7&allowWatchBookmarks=true",
        ),
        (lambda c: c.raw("GET", "/version"), "GET /version"),
    ],
)
def test_each_verb_is_one_request(call, line):
    assert sent(call) == line


def test_an_object_in_its_own_namespace_stays_there():
    obj = {**POD, "metadata": {"name": "web", "namespace": "own"}}
    assert sent(lambda c: c.create(obj, "other")) == "POST /api/v1/namespaces/own/pods?fieldValidation=Strict"


def test_items_of_a_list_know_what_they_are():
    api = Recorder({"metadata": {"resourceVersion": "5"}, "items": [{"metadata": {"name": "web"}}]})
    assert Client(api).list_with_version("pods") == ([POD], "5")


def test_a_refusal_is_raised_as_the_servers_status():
    api = Recorder(Response(404, failure(404, "NotFound", 'pods "web" not found')))
    with pytest.raises(StatusError, match='pods "web" not found') as caught:
        Client(api).get("pods", "web")
    assert caught.value.reason == "NotFound"


def test_find_gives_none_for_what_is_not_there():
    assert Client(Recorder(Response(404, failure(404, "NotFound", "no")))).find("pods", "web") is None


def test_find_hides_no_other_refusal():
    with pytest.raises(StatusError):
        Client(Recorder(Response(403, failure(403, "Forbidden", "no")))).find("pods", "web")


def test_custom_kinds_are_discovered_when_first_named():
    api = Recorder(WIDGETS, {"kind": "Widget"})
    Client(api).get("wd", "one")
    assert [request.path for request in api.requests] == [
        "/apis",
        "/apis/example.com/v1/namespaces/default/widgets/one",
    ]


def test_an_unknown_kind_draws_a_guess():
    with pytest.raises(UsageError) as caught:
        Client(Recorder(WIDGETS)).kind("wigdets")
    assert caught.value.next_step == "did you mean widgets?"


def test_warnings_are_handed_on():
    heard = []
    answer = Response(200, POD, warnings=('unknown field "spec.foo"',))
    Client(Recorder(answer), on_warning=heard.append).create(POD)
    assert heard == ['unknown field "spec.foo"']


def test_that_a_kind_is_deprecated_is_not_said_to_whoever_reads_all_kinds():
    heard = []
    answer = Response(200, {"items": []}, warnings=("example.com/v1 Widget is deprecated",))
    Client(Recorder(answer), on_warning=heard.append).list("pods")
    assert heard == []


def test_delete_says_how():
    api = Recorder({"kind": "Status"})
    Client(api).delete("pods", "web", grace_seconds=0, propagation="Foreground")
    assert api.requests[0].body["gracePeriodSeconds"] == 0
    assert api.requests[0].body["propagationPolicy"] == "Foreground"
