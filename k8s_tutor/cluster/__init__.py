"""Clusters: kind, any context, embedded, behind one protocol, and `connect()` that chooses.

    connect.py      Which cluster: the argument, else `K8S_TUTOR_CLUSTER`, else the saved setting; which ones there are
    context.py      Any cluster of the user's, by the name of its kubeconfig context. Never one that nobody named
    doctor.py       `k8s-tutor doctor`: all that kind needs, judged and told; the checks of what is around kind
    engine.py       Container engines: which are installed, whether they answer, what they hold and say; what to type
    findings.py     The checks of what kind itself needs: engine, kernel, kind
    http_api.py     The door to a cluster behind a socket: TLS, connection pool, watches and logs with deadlines
    images.py       Images of a kind cluster: pulled, through a mirror, out of a bundle; onto all nodes while they boot
    kind.py         A real cluster out of containers, made by kind: created, found again, started again
    kind_cli.py     The `kind` program; whether nodes are ready, and why a cluster is silent
    login.py        Who we are: certificates, tokens, passwords, programs that log in
    machine.py      What of this machine matters to kind, as facts, gathered once
    metallb.py      MetalLB on our kind cluster: installed, given addresses, removed without a trace
    metallb_manifest.py  What it consists of, and which addresses of the engine's network it gives
    ownership.py    What we made, and are making: a note in our own folder for each kind cluster; what it is called
    progress.py     Progress of something that takes long, step by step: a bar in a notebook or a terminal
    tls.py          Whom we trust: TLS; why no answer came

Law: the only room that makes clusters and starts their processes, and the only one that knows which it is. Everything
else asks `cluster.features`.
"""
