"""Tokens that belong to a person, not to a ServiceAccount."""

from __future__ import annotations

from random import Random

from k8s_tutor.api.protocol import Request
from k8s_tutor.clock import VirtualClock
from k8s_tutor.embedded.apiserver.server import ApiServer
from k8s_tutor.embedded.core import ADMIN, Loop
from k8s_tutor.embedded.store import Store

REVIEW = "/apis/authentication.k8s.io/v1/tokenreviews"


def test_a_review_tells_whose_it_is() -> None:
    server = ApiServer(Loop(VirtualClock(0)), Store(), Random(1), strict=True)
    server.know("sesame", ADMIN)
    body = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenReview", "spec": {"token": "sesame"}}
    answer = server.handle(Request("POST", REVIEW, body=body))
    assert answer.body["status"]["authenticated"]
    assert answer.body["status"]["user"]["username"] == "kubernetes-admin"
    assert server.authenticate("sesame") == ADMIN
