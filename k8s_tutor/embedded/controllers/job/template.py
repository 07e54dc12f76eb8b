"""The pods that a Job makes."""

from __future__ import annotations

from k8s_tutor.embedded.controllers.job import policies
from k8s_tutor.embedded.controllers.job.work import FINALIZER, INDEX, Work
from k8s_tutor.objects import metadata
from k8s_tutor.objects.types import Obj

__all__ = ["pod_of"]

_LONGEST_PREFIX = 63 - 5  # of generated names, which end in five random characters
_VARIABLE = "JOB_COMPLETION_INDEX"


def pod_of(work: Work, index: int | None, replaced: Obj | None) -> Obj:
    """A pod for the Job.

    Args:
        work: The Job.
        index: Which of its completions; None where they have no numbers.
        replaced: The failed pod after which it comes, where failures are counted by index.
    """
    template = work.spec["template"]
    meta, spec = template.get("metadata") or {}, template["spec"]
    name = metadata.name(work.job)
    labels, annotations = dict(meta.get("labels") or {}), dict(meta.get("annotations") or {})
    prefix = f"{name}-"
    if index is not None:
        labels[INDEX] = annotations[INDEX] = str(index)
        spec = _with_index(spec) | {"hostname": f"{name}-{index}"}
        ending = f"-{index}-"
        prefix = name[: _LONGEST_PREFIX - len(ending)] + ending
        if work.per_index:
            annotations |= _failures(work, replaced)
    finalizers = list(meta.get("finalizers") or ())
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "generateName": prefix,
            "namespace": metadata.namespace(work.job),
            "labels": labels,
            **({"annotations": annotations} if annotations else {}),
            "finalizers": finalizers if FINALIZER in finalizers else [*finalizers, FINALIZER],
            "ownerReferences": [metadata.owner_reference(work.job)],
        },
        "spec": spec,
    }


def _with_index(spec: Obj) -> Obj:
    """The spec, whose containers are told their index, unless they set that variable themselves."""
    source = {"fieldRef": {"fieldPath": f"metadata.labels['{INDEX}']"}}
    told = {"name": _VARIABLE, "valueFrom": source}

    def tell(container: Obj) -> Obj:
        env = container.get("env") or []
        return container if any(row["name"] == _VARIABLE for row in env) else {**container, "env": [*env, told]}

    groups = [group for group in ("initContainers", "containers") if group in spec]
    return spec | {group: [tell(one) for one in spec[group]] for group in groups}


def _failures(work: Work, replaced: Obj | None) -> dict[str, str]:
    """How often this index has failed, in annotations that the next of its pods counts on from."""
    counted, ignored = 0, 0
    if replaced is not None:
        counts = policies.judge(work.spec, replaced).counts
        counted = policies.failures_of_index(replaced)
        ignored = policies.all_failures_of_index(replaced) - counted
        counted, ignored = counted + counts, ignored + (not counts)
    return {policies.FAILURES: str(counted)} | ({policies.IGNORED: str(ignored)} if ignored else {})
