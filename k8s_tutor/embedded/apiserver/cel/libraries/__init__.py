"""Kubernetes' own functions in CEL, each library a table of functions.

Source: kubernetes.io/docs/reference/using-api/cel and the answers of a real API server.
"""

from k8s_tutor.embedded.apiserver.cel.libraries.quantities import LISTS, QUANTITIES, VERSIONS
from k8s_tutor.embedded.apiserver.cel.libraries.texts import ADDRESSES, FORMATS, REGEXES, URLS
from k8s_tutor.embedded.apiserver.cel.types import Function

__all__ = ["FUNCTIONS", "Function"]

FUNCTIONS: tuple[Function, ...] = (*LISTS, *REGEXES, *QUANTITIES, *URLS, *ADDRESSES, *VERSIONS, *FORMATS)
"""All of them."""
