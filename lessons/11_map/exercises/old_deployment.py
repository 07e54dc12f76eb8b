"""A Deployment written in 2016, brought up to date."""

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
    find_container,
    inspect,
    is_unchanged,
    msg,
    see,
)

__all__ = ["EXERCISE"]

_REF, _COUNT, _IMAGE = "deployment/kiosk", 2, "ghcr.io/stefanprodan/podinfo:6.9.2"
_LABELS = {"app": "kiosk", "tier": "news"}
_START = f"""
apiVersion: apps/v1
kind: Deployment
metadata: {{name: press}}
spec:
  replicas: 1
  selector: {{matchLabels: {{app: press}}}}
  template:
    metadata: {{labels: {{app: press, tier: news}}}}
    spec: {{containers: [{{name: app, image: "{_IMAGE}"}}]}}
"""


def _words(labels: Obj) -> str:
    return ", ".join(f"{key}={value}" for key, value in sorted(labels.items())) or "-"


def _keeps_what_was_written(_state: State, kiosk: Obj) -> Seen | Verdict:
    template = kiosk["spec"]["template"]
    labels = template["metadata"].get("labels") or {}
    if missing := {key: value for key, value in _LABELS.items() if labels.get(key) != value}:
        return failed(
            msg("the template lacks the label `{labels}`.", labels=_words(missing)),
            msg("its labels: {labels}", labels=_words(labels)),
            hint=msg("Bringing up to date changes how a thing is said, and not what is said. Others count on the labels."),
        )
    if find_container(template, image=_IMAGE) is None:
        return failed(msg("the image is not the one of the old manifest."), hint=msg("It was `{image}`.", image=_IMAGE))
    if (wanted := kiosk["spec"].get("replicas", 1)) != _COUNT:
        return failed(msg("`kiosk` keeps {wanted}; the old manifest says {count}.", wanted=wanted, count=_COUNT))
    return see(msg("its Pods carry {labels}", labels=_words(labels)))


def _means_its_own(state: State, kiosk: Obj) -> Seen | Verdict:
    """A selector that means the neighbour's Pods, too, is accepted by the API server, and is a trap."""
    wanted = kiosk["spec"]["selector"].get("matchLabels") or {}
    press = ((state.find("deployment/press") or {})["spec"]["template"]["metadata"].get("labels")) or {}
    if all(press.get(key) == value for key, value in wanted.items()):
        return failed(
            msg("the selector `{labels}` means the Pods of `press`, too.", labels=_words(wanted)),
            hint=msg("Which label tells one from the other? A selector cannot be changed later: delete, and apply anew."),
        )
    return see(msg("its selector: {labels}", labels=_words(wanted)))


def _is_there(_state: State, kiosk: Obj) -> Seen | Verdict:
    ready = (kiosk.get("status") or {}).get("readyReplicas", 0)
    if ready < _COUNT:
        return failed(msg("{ready} of {count} Pods are ready.", ready=ready, count=_COUNT), settling=True)
    return see(msg("{ready} of {count} pods are ready", ready=ready, count=_COUNT))


def _kiosk(labels: str, selector: str, more: str = "replicas: 2, ", kind: str = "Deployment", image: str = _IMAGE) -> str:
    pod = f"metadata: {{labels: {{{labels}}}}}, spec: {{containers: [{{name: app, image: '{image}'}}]}}"
    spec = f"{more}selector: {{matchLabels: {{{selector}}}}}, template: {{{pod}}}"
    return f't.apply("{{apiVersion: apps/v1, kind: {kind}, metadata: {{name: kiosk}}, spec: {{{spec}}}}}")'


EXERCISE = Exercise(
    id="map-3",
    title=msg("Ten years younger"),
    task=msg(
        "The manifest of `kiosk` is from 2016. Bring it up to date, and apply it: two Pods of the same image with the same "
        "labels. Its neighbour `press` must not notice."
    ),
    checks=(
        is_unchanged("deployment/press", hint=msg('`press` is none of this. `t.exercise("map-3")` starts over.')),
        exists(_REF),
        inspect(_REF, _keeps_what_was_written),
        inspect(_REF, _means_its_own),
        inspect(_REF, _is_there),
    ),
    solved=msg("what was written in 2016 runs today."),
    hints=(
        msg("Apply it as it is, and mend what the message names; then again. There are three things."),
        msg("The address, a line too many, and one too few: today a Deployment has to say which Pods are its own."),
        msg("`apps/v1`, no `rollbackTo`, and `selector: {{matchLabels: {{app: kiosk}}}}`"),
    ),
    start=_START,
    solution=f'''t.apply("""
apiVersion: apps/v1
kind: Deployment
metadata: {{name: kiosk}}
spec:
  replicas: 2
  selector: {{matchLabels: {{app: kiosk, tier: news}}}}
  template:
    metadata: {{labels: {{app: kiosk, tier: news}}}}
    spec:
      containers:
      - {{name: app, image: "{_IMAGE}"}}
""")''',
    alternative=_kiosk("app: kiosk, tier: news", "app: kiosk"),
    mistakes=(
        Mistake(
            name="a selector that is too wide",
            cell=_kiosk("app: kiosk, tier: news", "tier: news"),
            says="means the Pods of `press`, too",
        ),
        Mistake(
            name="written anew from memory",
            cell=f't.kubectl("create deployment kiosk --image={_IMAGE} --replicas=2")',
            says="lacks the label `tier=news`",
        ),
        Mistake(
            name="the number got lost",
            cell=_kiosk("app: kiosk, tier: news", "app: kiosk", more=""),
            says="keeps 1; the old manifest says 2",
        ),
        Mistake(
            name="another image",
            cell=_kiosk("app: kiosk, tier: news", "app: kiosk", image="nginx:1.22"),
            says="the image is not the one",
        ),
        Mistake(
            name="the neighbour is changed",
            cell=_kiosk("app: kiosk, tier: news", "app: kiosk") + '\nt.kubectl("label deployment press tier=news")',
            says="`press` is none of this",
        ),
    ),
    objects=(_REF, "deployment/press"),
    pods="tier=news",
    looks_at=("deployments",),
)
