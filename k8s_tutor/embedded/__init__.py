"""The in-process Kubernetes: store, API server, controllers, scheduler, kubelet, images, network, and what runs it.

Law: one owner of all state, one event loop on a virtual clock; no threads, no sockets, no subprocesses, no
cryptography, but in `http/` and `runner/`, which nothing else here imports: they hand the engine what it lacks. Never
imports `cluster`, `render` or `exercises`.

In reading order:

    core.py          what every part is given: loop, store, API server, randomness; who asks, what answers are
    store.py         every object at every revision
    encoding.py      an object's JSON, made once a revision
    nodeservices.py  what the API server asks of the nodes: logs, exec, HTTP to a pod
    apiserver/       every write to the store, every answer to a client
    actions.py       what a controller can decide
    events.py        what components say about objects
    controllers/     pure decisions, and the one loop that carries them out
    scheduler/       which node runs a pod
    kubelet/         a pod's life on its node
    images/          the programs that containers run
    network.py       addresses, Services, a trace of every request
    names.py         a pod's own network, and names as CoreDNS answers them
    kubernetes.py    all of it, put together
    http/            the API server on a port: TLS, tokens, streams
    runner/          time that moves, a lock, an API in process, files
    __main__.py      `python -m k8s_tutor.embedded`: a cluster for terminals
"""
