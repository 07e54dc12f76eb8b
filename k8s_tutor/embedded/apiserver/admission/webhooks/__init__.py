"""Admission webhooks: servers outside the cluster that may change a write, or refuse it.

A call is real network I/O while the rest of the cluster lives on: whoever is here has left the core to others
(`ServerContext.released`), and whatever was read before has to be looked at again.
Source: k8s.io/apiserver/pkg/admission/plugin/webhook (1.37); messages asked of a real server.
Other than there, validating webhooks are called one after the other, in their configurations' order.
"""

from k8s_tutor.embedded.apiserver.admission.webhooks.dispatch import configured, mutate, validate

__all__ = ["configured", "mutate", "validate"]
