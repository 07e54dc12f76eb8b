"""What is particular to each kind: defaults, what a write may change, what is valid.

Law: pure functions of objects. A rule may change the fresh object it is given, never the stored one beside it.

In reading order:

    by_kind.py             which rules belong to which kind
    metadata.py            the same for every kind
    checks.py              small checks that many kinds share
    plain.py               kinds without particulars
    pods.py                pods: defaults, changes, grace
    podvalidation.py       what is wrong with a pod
    containers.py          … with its containers
    securityvalidation.py  … with its security contexts
    workloads.py           Deployments, ReplicaSets, StatefulSets, DaemonSets
    batch.py               Jobs and CronJobs
    jobs.py                a Job's policies
    services.py            Services
    ingresses.py           Ingresses, their classes, NetworkPolicies
    config.py              ConfigMaps, Secrets, ServiceAccounts, budgets
    storage.py             volumes, claims, classes; a pod's volumes
    quotas.py              ResourceQuotas, LimitRanges, and what a pod asks for as a whole
    cluster.py             Nodes, Events, endpoints, certificate requests
    webhooks.py            admission webhooks and policies
    definitions/           CustomResourceDefinitions
"""
