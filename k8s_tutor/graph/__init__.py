"""Graphs of live objects: nodes, edges, state, lanes, and the difference of two graphs.

Law: pure functions of snapshots; no I/O, no threads, no clock.

In reading order:

    model.py      what a graph is
    build.py      from a snapshot to a graph
    relations.py  which objects belong together, and what says so
    endpoints.py  who stands behind a Service
    cards.py      from an object to its card
    fold.py       big graphs made small
    layout.py     where cards stand
    placement.py  which pods are on which nodes, and who is on none
    flow.py       the way that requests took
    rollout.py    a Deployment's versions, and the room they have
    timeline.py   the states that a pod went through
    health.py     How pods, their containers and custom resources are: state, word and cause
"""
