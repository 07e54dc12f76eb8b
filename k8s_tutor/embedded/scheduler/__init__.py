"""The scheduler: which node runs a pod. Filter, score, bind.

Law: filters and scores are pure functions of a pod and the cluster as it stands; `scheduler` runs
them, writes the result through the API server and remembers each decision, node by node, for pictures.
"""

from k8s_tutor.embedded.scheduler.scheduler import Scheduler

__all__ = ["Scheduler"]
