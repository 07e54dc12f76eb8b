"""Kubernetes' own functions in CEL, one module a library, each a table of functions.

Source: kubernetes.io/docs/reference/using-api/cel and the answers of a real API server.
"""

from k8s_tutor.embedded.apiserver.cel.libraries.addresses import ADDRESSES
from k8s_tutor.embedded.apiserver.cel.libraries.formats import FORMATS
from k8s_tutor.embedded.apiserver.cel.libraries.function import Function
from k8s_tutor.embedded.apiserver.cel.libraries.lists import LISTS
from k8s_tutor.embedded.apiserver.cel.libraries.quantities import QUANTITIES
from k8s_tutor.embedded.apiserver.cel.libraries.regexes import REGEXES
from k8s_tutor.embedded.apiserver.cel.libraries.urls import URLS
from k8s_tutor.embedded.apiserver.cel.libraries.versions import VERSIONS

__all__ = ["FUNCTIONS", "Function"]

FUNCTIONS: tuple[Function, ...] = (*LISTS, *REGEXES, *QUANTITIES, *URLS, *ADDRESSES, *VERSIONS, *FORMATS)
"""All of them."""
