"""From what the client in the cluster printed to answers: who they came from, and why some did not come."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence

from k8s_tutor.objects import metadata
from k8s_tutor.objects.types import Obj
from k8s_tutor.observe.traffic import Answer, Failure

__all__ = ["SCRIPT", "agent", "hosts", "logged", "parsed", "who"]

# One line a request: number, exit code, answer. The tool's own time-out is not used, as it is not in every BusyBox.
# Where nothing answers the rest is not sent: a request in vain costs up to two seconds (a refusal by a Service without
# endpoints costs one on Linux, which asks again). One answer buys patience.
SCRIPT = """\
n=1 left=6
while [ $n -le $2 ] && [ $left -gt 0 ]; do
  answer=$(timeout 2 wget -q -O - -U "$3.$n" "$1" 2>&1)
  code=$?
  case "$code $answer" in
    0*|*"server returned"*) left=40;;
    124*|143*) left=$((left-2));;
    *) left=$((left-1));;
  esac
  echo "$n $code $(echo "$answer" | tr "\\n" " " | head -c 2000)"
  n=$((n+1))
done
"""
_TIMED_OUT = ("124", "143")  # `timeout` of coreutils and of newer BusyBox; of older BusyBox
_STATUS = re.compile(r"server returned error: HTTP/\S+ (\d{3})")
_HOSTNAME = re.compile(r"\bHostname:\s*(\S+)")
_WORDS = (
    ("Connection refused", Failure.REFUSED),
    ("bad address", Failure.NO_SUCH_NAME),
    ("timed out", Failure.TIMED_OUT),
)


def agent(token: str, client: int) -> str:
    """The name under which a client makes its requests, without their number: web servers log it."""
    return f"k8s-tutor/{token}.{client}"


def hosts(pods: Sequence[Obj]) -> dict[str, str]:
    """Host name to Pod name: what programs in a Pod call themselves."""
    return {str((pod.get("spec") or {}).get("hostname") or metadata.name(pod)): metadata.name(pod) for pod in pods}


def parsed(output: str, client: int, names: Mapping[str, str]) -> Iterator[Answer]:
    """The answers in what a client printed; their numbers are those of this client, from 1."""
    for line in output.splitlines():
        number, _, rest = line.partition(" ")
        code, _, said = rest.partition(" ")
        if number.isdigit() and code.isdigit():
            yield _answer(int(number), client, code, said.strip(), names)


def logged(log: str, token: str) -> Iterator[tuple[int, int]]:
    """Client and number of each of our requests that a web server's log speaks of."""
    for client, number in re.findall(rf"k8s-tutor/{re.escape(token)}\.(\d+)\.(\d+)", log):
        yield int(client), int(number)


def _answer(number: int, client: int, code: str, said: str, names: Mapping[str, str]) -> Answer:
    if code == "0":
        return Answer(number, client, who(said, names), says=said[:200])
    if code in _TIMED_OUT:
        return Answer(number, client, failure=Failure.TIMED_OUT, code=0, says=said)
    if status := _STATUS.search(said):
        return Answer(number, client, failure=Failure.STATUS, code=int(status.group(1)), says=said)
    failure = next((kind for words, kind in _WORDS if words in said), Failure.BROKEN)
    return Answer(number, client, failure=failure, code=0, says=said)


def who(body: str, names: Mapping[str, str]) -> str:
    """The Pod that an answer names: podinfo in its JSON, agnhost with nothing else, others as `Hostname: …`."""
    try:
        value = json.loads(body)
    except ValueError:
        found = _HOSTNAME.search(body)
        value = found.group(1) if found else body
    if isinstance(value, dict):
        value = value.get("hostname", "")
    return names.get(str(value).strip(), "")
