"""An Ingress that has moved to another group, and was rebuilt on the way."""

from __future__ import annotations

from k8s_tutor.exercises import (
    Exercise,
    Mistake,
    Obj,
    Seen,
    State,
    Verdict,
    exists,
    failed,
    inspect,
    is_unchanged,
    msg,
    see,
)

__all__ = ["EXERCISE"]

_HOST, _PATH = "town.example", "/shop"
_START = """
apiVersion: v1
kind: Service
metadata: {name: shop}
spec: {selector: {app: shop}, ports: [{name: web, port: 80, targetPort: 9898}]}
"""


def _paths_of(town: Obj) -> dict[str, Obj]:
    """What is said of the path, by host; an empty host stands for any."""
    return {
        rule.get("host", ""): path
        for rule in town["spec"].get("rules") or ()
        for path in (rule.get("http") or {}).get("paths") or ()
        if path.get("path") == _PATH
    }


def _leads_to_the_shop(_state: State, town: Obj) -> Seen | Verdict:
    paths = _paths_of(town)
    if not paths:
        return failed(
            msg("no rule of it is for `{path}`.", path=_PATH),
            hint=msg("Host and path stand in the old manifest, and are still written in the same places."),
        )
    if _HOST not in paths:
        return failed(
            msg("`{path}` is not for the host `{host}`.", path=_PATH, host=_HOST),
            msg("it is for {hosts}", hosts=", ".join(host or "*" for host in paths)),
            hint=msg("A rule without a host is for all of them. Which one does the old manifest name?"),
        )
    path = paths[_HOST]
    if (how := path["pathType"]) != "Prefix":
        return failed(
            msg("`{path}` is of the type {how}.", path=_PATH, how=how),
            hint=msg('Everything below is meant. `t.kubectl("explain ingress.spec.rules.http.paths.pathType")` tells them '
                     "apart."),
        )  # fmt: skip
    return _goes_to((path["backend"].get("service")) or {})


def _goes_to(service: Obj) -> Seen | Verdict:
    name, port = service.get("name", "-"), service.get("port") or {}
    asked = port.get("number") or port.get("name", "-")
    fact = msg("`{path}` of `{host}` leads to {name}:{port}", path=_PATH, host=_HOST, name=name, port=asked)
    if name != "shop":
        return failed(msg("it leads to another Service."), fact)
    if asked not in (80, "web"):
        return failed(
            msg("Service `shop` cannot be asked at port {port}.", port=asked), fact,
            hint=msg("An Ingress is a client of the Service. Which of its two numbers is for clients?"),
        )  # fmt: skip
    return see(fact)


def _town(path: str, host: str = "host: town.example, ") -> str:
    spec = f"rules: [{{{host}http: {{paths: [{{{path}}}]}}}}]"
    return f't.apply("{{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {{name: town}}, spec: {{{spec}}}}}")'


def _to(port: str) -> str:
    return f"backend: {{service: {{name: shop, port: {{{port}}}}}}}"


EXERCISE = Exercise(
    id="map-4",
    title=msg("Moved and rebuilt"),
    task=msg(
        "The Ingress `town` is from 2016, too. What it says: whatever is below `/shop` at the host `town.example` goes to "
        "port 80 of the Service `shop`. Say that in today's words, and apply it."
    ),
    checks=(
        is_unchanged("service/shop", hint=msg('It is the Ingress that is to follow. `t.exercise("map-4")` starts over.')),
        exists("ingress/town"),
        inspect("ingress/town", _leads_to_the_shop),
    ),
    solved=msg("the old sentence, in today's words."),
    hints=(
        msg("First the address: which one serves `Ingress` today? Then each message names the next line."),
        msg("`serviceName` and `servicePort` have become `service: {{name: …, port: {{number: …}}}}`, and `pathType` is new."),
        msg("`pathType: Prefix, backend: {{service: {{name: shop, port: {{number: 80}}}}}}`"),
    ),
    start=_START,
    solution='''t.apply("""
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: town}
spec:
  rules:
  - host: town.example
    http:
      paths:
      - path: /shop
        pathType: Prefix
        backend: {service: {name: shop, port: {number: 80}}}
""")''',
    alternative='t.kubectl("create ingress town --rule=town.example/shop*=shop:web")',
    mistakes=(
        Mistake(
            name="this path and no other",
            cell=_town(f"path: /shop, pathType: Exact, {_to('number: 80')}"),
            says="Everything below is meant",
        ),
        Mistake(
            name="the Pods' port",
            cell=_town(f"path: /shop, pathType: Prefix, {_to('number: 9898')}"),
            says="cannot be asked at port 9898",
        ),
        Mistake(
            name="the host got lost",
            cell=_town(f"path: /shop, pathType: Prefix, {_to('number: 80')}", host=""),
            says="is not for the host `town.example`",
        ),
        Mistake(
            name="the whole host",
            cell=_town(f"path: /, pathType: Prefix, {_to('number: 80')}"),
            says="no rule of it is for `/shop`",
        ),
        Mistake(
            name="left to the controller",
            cell=_town(f"path: /shop, pathType: ImplementationSpecific, {_to('number: 80')}"),
            says="of the type ImplementationSpecific",
        ),
    ),
    objects=("ingress/town", "service/shop"),
)
