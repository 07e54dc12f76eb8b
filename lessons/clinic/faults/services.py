"""Faults between Services and Pods: selectors, labels, ports, kinds of Services."""

from __future__ import annotations

from k8s_tutor.exercises import App, Fault, State, msg

from .shop import STOCK, WEB, patch, pod_spec, port_of, selects

__all__ = ["FAULTS"]

_SERVICE = """t.apply('{apiVersion: v1, kind: Service, metadata: {name: web, labels: {part-of: shop}}, \
spec: {selector: {app: web, tier: front}, ports: [{port: 80, targetPort: 9898}]}}')"""
_ENDS = "get endpointslices -l kubernetes.io/service-name={name}"


def _spec(ref: str, **changes: object):  # type: ignore[no-untyped-def]
    return lambda app: app[ref]["spec"].update(changes)


def _port(ref: str, **changes: object):  # type: ignore[no-untyped-def]
    def breaks(app: App) -> None:
        app[ref]["spec"]["ports"][0].update(changes)

    return breaks


def _listens(state: State, service: str, ref: str, port: int) -> bool:
    return port_of(state.find(service), pod_spec(state, ref)) == port


FAULTS = (
    Fault(
        "service-selector",
        msg("Service `web` looks for a label that no Pod has."),
        1, ("web.labels",),
        _spec("service/web", selector={"app": "webb", "tier": "front"}),
        ("t.kubectl('set selector service web app=web,tier=front')",),
        lambda state: selects(state, "service/web", WEB),
        (
            msg("All Pods are ready, and nobody answers at `http://web`."),
            msg("A Service without endpoints has found no Pods: `kubectl get endpointslices`, `kubectl get pods --show-labels`."),
            msg("The field is `spec.selector` of Service `web`: compare it with the Pods' labels, letter by letter."),
        ),
        (_ENDS.format(name="web"), "get pods --show-labels"),
    ),
    Fault(
        "template-label",
        msg("The Pods of `web` are made with a label that is misspelt."),
        2, ("web.labels",),
        lambda app: app[WEB]["spec"]["template"]["metadata"]["labels"].update(tier="frnot"),
        (patch(WEB, {"spec": {"template": {"metadata": {"labels": {"tier": "front"}}}}}),),
        lambda state: selects(state, "service/web", WEB),
        (
            msg("All Pods are ready, and nobody answers at `http://web`."),
            msg("Two sides have to agree: what the Service looks for, and what the Pods carry. Which of them is misspelt?"),
            msg("The field is in `spec.template.metadata.labels` of Deployment `web`: a Pod relabelled by hand would be the last of its kind."),
        ),
        (_ENDS.format(name="web"), "get pods --show-labels"),
    ),
    Fault(
        "service-port",
        msg("Service `web` is to be asked at another port than its customers dial."),
        1, ("web.serviceport",),
        _port("service/web", port=8080),
        (patch("service/web", [{"op": "replace", "path": "/spec/ports/0/port", "value": 80}], " --type=json"),),
        lambda state: any(row["port"] == 80 for row in state.find("service/web")["spec"]["ports"]),
        (
            msg("All Pods are ready, the Service has endpoints, and nobody answers at `http://web`."),
            msg("Whoever writes `http://web` dials port 80. Which one has the Service? `kubectl get service web`."),
            msg("The field is `spec.ports[].port` of Service `web`."),
        ),
        ("get service web",),
    ),
    Fault(
        "service-targetport",
        msg("Service `web` passes requests on to a port where nobody listens."),
        1, ("web.port",),
        _port("service/web", targetPort=8989),
        (patch("service/web", [{"op": "replace", "path": "/spec/ports/0/targetPort", "value": 9898}], " --type=json"),),
        lambda state: _listens(state, "service/web", WEB, 9898),
        (
            msg("All Pods are ready, the Service has endpoints, and every request is refused."),
            msg("Compare the port of the endpoints (`kubectl get endpointslices`) with the one the program listens at: its log says it."),
            msg("The field is `spec.ports[].targetPort` of Service `web`."),
        ),
        (_ENDS.format(name="web"), "logs deploy/web"),
    ),
    Fault(
        "targetport-name",
        msg("Service `stock` passes requests on to a port by a name that no container gives."),
        2, ("stock.port",),
        _port("service/stock", targetPort="web"),
        (patch("service/stock", [{"op": "replace", "path": "/spec/ports/0/targetPort", "value": "http"}], " --type=json"),),
        lambda state: _listens(state, "service/stock", STOCK, 8080),
        (
            msg("The Pod of `stock` is ready, its labels are right, and the Service has no endpoints."),
            msg("A target port may be a name. Who gives it a number? `kubectl get deploy stock -o yaml`, under ports."),
            msg("The field is `spec.ports[].targetPort` of Service `stock`: the container calls its port `http`."),
        ),
        ("describe service stock", "get deploy stock -o yaml"),
    ),
    Fault(
        "stock-selector",
        msg("Service `stock` looks for one label more than its Pods have."),
        2, ("stock.labels",),
        _spec("service/stock", selector={"app": "stock", "tier": "back"}),
        (patch("service/stock", [{"op": "remove", "path": "/spec/selector/tier"}], " --type=json"),),
        lambda state: selects(state, "service/stock", STOCK),
        (
            msg("The Pod of `stock` is ready, and `http://stock` leads nowhere."),
            msg("A Pod has to have all labels of a selector: `kubectl describe service stock`, `kubectl get pods --show-labels`."),
            msg("The field is `spec.selector` of Service `stock`: one row too many."),
        ),
        (_ENDS.format(name="stock"), "get pods --show-labels"),
    ),
    Fault(
        "headless",
        msg("Service `web` is headless: nobody translates its port 80 into the Pods' own."),
        3, ("web.labels", "web.serviceport", "web.port"),
        _spec("service/web", clusterIP="None"),
        ("t.delete('service/web')", _SERVICE),
        lambda state: state.find("service/web")["spec"].get("clusterIP") != "None",
        (
            msg("All Pods are ready, the Service has endpoints with the right port, and `http://web` is refused."),
            msg("Which address does the Service have? `kubectl get service web`. To whom does a name lead that has none?"),
            msg("The field is `spec.clusterIP`: `None` stays so; a Service with an address has to be made anew."),
        ),
        ("get service web", _ENDS.format(name="web")),
    ),
    Fault(
        "service-elsewhere",
        msg("Service `stock` is only another name for a Service in a namespace that does not exist."),
        3, ("stock.labels", "stock.port"),
        lambda app: app["service/stock"].update(
            spec={"type": "ExternalName", "externalName": "stock.warehouse.svc.cluster.local"}
        ),
        (
            "t.delete('service/stock')",
            """t.apply('{apiVersion: v1, kind: Service, metadata: {name: stock, labels: {part-of: shop}}, \
spec: {selector: {app: stock}, ports: [{port: 80, targetPort: http}]}}')""",
        ),
        lambda state: state.find("service/stock")["spec"].get("type") != "ExternalName"
        and selects(state, "service/stock", STOCK),
        (
            msg("The Pod of `stock` is ready, and the name `stock` leads nowhere: bad address."),
            msg("Not every Service has endpoints. Which type is this one? `kubectl get service stock`."),
            msg("The fields are `spec.type` and `spec.externalName`: the Pods of `stock` are here, so a selector and a port belong there."),
        ),
        ("get services",),
    ),
)
