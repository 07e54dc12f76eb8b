"""Jobs: work that ends. One sentence a module; `controller` puts them together.

Each pod is counted exactly once, although nothing but the Job's status remembers it: pods carry a finalizer until their
uid stands in `status.uncountedTerminatedPods`, and their uid stands there until the finalizer is gone.
Source of rules and words: pkg/controller/job of k8s.io/kubernetes, 1.37.
See kubernetes.io/docs/concepts/workloads/controllers/job.
"""
