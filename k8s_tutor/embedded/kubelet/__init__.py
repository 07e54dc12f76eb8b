"""The node's agent: brings the pods bound to its node to life, watches over them and tells the API server.

Law: reads the store, writes through the API server as its node's user. Words and order of what it writes follow the
real kubelet (1.37), as recorded in `tests/unit/kubelet/golden/`.

In reading order:

    kubelet.py          one worker a pod; answers to logs, exec and HTTP
    node.py             what everything on one node shares
    registration.py     the Node object and its sign of life
    worker.py           one pod's life
    restarts.py         which containers to start, which to kill
    starter.py          starts a container
    stopper.py          stops containers
    routine.py          work that takes virtual time, as a generator
    container.py        containers as the runtime knows them, and a pod's tokens
    container_setup.py  a container's machine, environment and process
    puller.py           brings images onto a node
    volumes.py          a pod's volumes
    process.py          runs one program in virtual time
    waits.py            what a program waits for
    execution.py        exec, attach, port-forward
    logs.py             a container's log
    probes.py           startup, liveness, readiness; lifecycle hooks
    resources.py        requests, limits, quality of service
    status.py           a pod's status from what runs
"""
