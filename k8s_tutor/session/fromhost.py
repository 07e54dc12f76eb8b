"""Requests from the learner's own computer, where it can reach the load balancer's address."""

from __future__ import annotations

import http.client
import socket
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping

from k8s_tutor.observe.traffic import Answer, Failure
from k8s_tutor.session.answers import who

__all__ = ["ask"]

_TIMEOUT = 2.0  # seconds
_MOST = 65536  # bytes of an answer that are read
_PATIENCE = 3  # requests in vain after which the rest is not sent


def ask(url: str, requests: int, agent: str, names: Mapping[str, str]) -> Iterator[Answer]:
    """Sends requests one after the other, each over a connection of its own.

    Args:
        url: What is asked for.
        requests: How many.
        agent: Our name, to which the request's number is added.
        names: Host name to Pod name.
    """
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # no proxy stands between us and a cluster
    vain = 0
    for number in range(1, requests + 1):
        headers = {"User-Agent": f"{agent}.{number}", "Connection": "close"}
        answer = _one(opener, urllib.request.Request(url, headers=headers), number, names)
        yield answer
        vain = 0 if answer.code else vain + 1
        if vain == _PATIENCE:
            return


def _one(
    opener: urllib.request.OpenerDirector, request: urllib.request.Request, number: int, names: Mapping[str, str]
) -> Answer:
    try:
        with opener.open(request, timeout=_TIMEOUT) as response:
            said = response.read(_MOST).decode("utf-8", "replace")
            return Answer(number, 1, who(said, names), code=response.status, says=said[:200])
    except urllib.error.HTTPError as error:
        with error:
            return Answer(number, 1, failure=Failure.STATUS, code=error.code, says=str(error))
    except (OSError, http.client.HTTPException) as error:
        reason = error.reason if isinstance(error, urllib.error.URLError) else error
        return Answer(number, 1, failure=_failure(reason), code=0, says=str(reason))


def _failure(reason: object) -> Failure:
    if isinstance(reason, TimeoutError):
        return Failure.TIMED_OUT
    if isinstance(reason, ConnectionRefusedError):
        return Failure.REFUSED
    return Failure.NO_SUCH_NAME if isinstance(reason, socket.gaierror) else Failure.BROKEN
