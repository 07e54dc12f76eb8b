"""What a lesson's cells talk to: `connect()` and the `Session` it returns.

    answering.py           What a learner answers: guesses, and functions at marked places
    belongings.py          What belongs to a learner's lesson: its labels, and who puts them on
    borrowed_namespace.py  A lesson in a namespace that is not its own: the one that a learner has rights on
    calls.py               How `t` takes calls: what it can do, wrong calls in words, what Ctrl-C stopped
    clinic.py              The clinic as a learner meets it: a case at a time, and what is said of it afterwards
    cluster_session.py     `ClusterSession`: what a notebook does with a cluster, in the words of a person
    deeds.py               What can be done in the playground, and the line each control stands for
    definitions.py         The CustomResourceDefinitions a lesson makes: they belong to the whole cluster
    display.py             What a notebook shows: text, objects, events, pictures
    exercising.py          Exercises as a learner meets them: begin, check, hint, solution
    guide.py               Where a learner is on the way, and which cell to run after an interruption
    learner.py             Who learns here, and what they may do
    lesson_namespace.py    A lesson's own namespace: brought to a known state, emptied again, removed at the end
    own_images.py          Images of one's own: a function that containers run
    pacing.py              The time of a cluster that can be paused, stepped and let go on
    pictures.py            Pictures, time lines, explanations, a Pod's placement: one look each, and what it is made of
    playground.py          `t.playground()`: what its controls ask for is done, and undone at the end
    session.py             `Session`: one object through which a notebook talks to a cluster
    sheet.py               One page to keep of a lesson: its commands and pictures
    steps.py               Recording what a controller does in its three steps
    targets.py             From a person's words to objects: manifests, `pod/web`, `web`; and the container meant
    traffic_routes.py      `t.url`: where requests to a Service or a Pod go; a stream of them
    traffic_senders.py     `t.traffic`: who sends them, and who answered
    wait_conditions.py     What one can wait for: a condition, a phase, a reason, an end, or any predicate
    waiting.py             Waiting is watching, with a deadline on the cluster's own clock
    waiting_pods.py        Waiting until so many Pods are there: behind a Service, or of what keeps Pods
    whereabouts.py         Where a session is: in a lesson's namespace, or in none

Law: thin. Everything here puts rooms above together and words it for a person; it knows no cluster by name, only
`cluster.features`. Errors are `TutorError`s, and nothing heavy is imported before it is needed.
"""

from __future__ import annotations

from k8s_tutor.session.session import Session, connect, require_session

__all__ = ["Session", "connect", "require_session"]
