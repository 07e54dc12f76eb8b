"""CustomResourceDefinitions themselves: their defaults, what makes them valid, what they say of their state.

Source: k8s.io/apiextensions-apiserver 1.37; which definitions are refused, and how, is recorded from a real server.
Errors name fields as that server does, by the internal form: what all versions have alike stands under `spec` itself
(`spec.validation`, `spec.subresources`, `spec.additionalPrinterColumns`).
"""

from k8s_tutor.embedded.apiserver.rules.definitions.definition import (
    CLEANUP,
    DEFINITION,
    HTTPS,
    check_change,
    check_definition,
)
from k8s_tutor.embedded.apiserver.rules.definitions.keywords import Demands
from k8s_tutor.embedded.apiserver.rules.definitions.versions import schema_problems

__all__ = ["CLEANUP", "DEFINITION", "HTTPS", "Demands", "check_change", "check_definition", "schema_problems"]
