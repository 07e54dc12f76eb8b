"""The controllers: each one idea, in one file or, where it takes more, one folder.

Law: a controller is a pure decision, `reconcile(view, key, now) -> Reconciled`. It reads through its `View`, writes
nothing and keeps nothing; `runtime` applies what it decided through the API server and records the run.

In reading order:

    controller.py       what a controller is
    queue.py            a work queue, with client-go's manners
    runtime.py          all of them, in order, and the one loop that runs them
    pods.py             what controllers ask about a pod
    replicaset.py       as many pods of one template as asked for
    deployment.py       one ReplicaSet a version
    revisions.py        a Deployment's versions
    rollout.py          how many pods each version may have
    statefulset.py      pods with names and claims that stay
    daemonset.py        one pod a node
    job_controller.py   work that ends
    job_work.py         a Job and its pods, as one run finds them
    job_pods.py         the pods that a Job makes
    cronjob.py          Jobs at the times of a schedule
    endpoints.py        the older form of the same list
    loadbalancer.py     addresses outside the cluster
    disruption.py       how many pods may be evicted now
    namespace.py        the end of a namespace
    garbage.py          what belongs to something that is gone, goes too
    serviceaccounts.py  accounts, their tokens, the authority's certificate
    access.py           aggregated roles, certificates for users
    nodelifecycle.py    silent nodes; a node's conditions become taints, which drive pods out
    volume_binder.py       claims and volumes find each other
    volume_provisioner.py  volumes made, and taken back
    volume_protection.py   what is in use stays
    autoscaler.py          HorizontalPodAutoscaler
    autoscaling_demand.py  How many pods a measured use asks for: the autoscaler's arithmetic
"""
