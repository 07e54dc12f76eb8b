"""What lets the engine run in a process: time that moves, a lock, an API without a socket, local ports, files.

Law: beside `http/` the one room here that knows threads, sockets, signals and files; the engine imports neither.

In reading order:

    cluster.py          the embedded cluster as a `Cluster`
    pace.py             who moves time, and how fast
    fair_lock.py        the lock around the engine
    in_process.py       the API without a socket
    control.py          time paused, stepped, let go on, turned back; a step in words
    journal.py          what came from outside, and a cluster made anew from it
    storage.py          the journal on disk: written as it goes, read in another process
    controller_runs.py  what the controllers did, in words
    files.py            kubeconfigs, one a cluster; journals, and who uses them
    serve.py            a cluster for terminals
"""
