"""PodSecurity: the Pod Security Standards, as a namespace's labels ask for them.

Source: k8s.io/pod-security-admission (1.37) and kubernetes.io/docs/concepts/security/pod-security-standards; words
recorded from a real server. Policies of older versions differ only in the checks they do not have yet.
"""

from k8s_tutor.embedded.apiserver.admission.podsecurity.policies import validate

__all__ = ["validate"]
