"""Explanations: from an object along owners, conditions, events, nodes, endpoints, quotas and claims to the cause.

    case.py               What rules ask about the cluster around an object; what no schema allows is left out
    explain.py            The door: from a name (or two) and a snapshot to an explanation; the table of causes; lines
    explanation.py        What an explanation is: a chain of evidence, the cause at its end
    healthy.py            Objects that nothing is the matter with: what they do, and why they come back
    nodes.py              Nodes: which take no Pods or do not answer, and why they refuse a Pod
    pods_running.py       Pods whose containers have run: how they ended, why they start again and again
    pods_scheduling.py    Pods without a node: each reason of the scheduler; its filters, recomputed
    pods_waiting.py       Pods with a node whose containers have not started: images, configuration, commands
    refusals.py           What was refused, what cannot be bound, what does not go: quota, rights, claims, finalizers
    services.py           Services and Ingresses: why requests reach nobody
    workloads.py          What keeps Pods: not as many as wanted, or not the new ones; Jobs, autoscalers

Law: pure functions of snapshots; no I/O, no threads, no clock. Whatever a snapshot holds, an explanation comes of it,
and each field that it names is there, in the object it names.
"""

from k8s_tutor.explain.explain import explain
from k8s_tutor.explain.explanation import Evidence, Explanation

__all__ = ["Evidence", "Explanation", "explain"]
