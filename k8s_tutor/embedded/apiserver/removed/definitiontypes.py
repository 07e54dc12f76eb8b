"""The fields of `apiextensions.k8s.io/v1beta1` CustomResourceDefinitions, written as the facts about all other types.

Those that are as in v1 are v1's. Source: staging/src/k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1beta1 of
Kubernetes 1.21, and `selectableFields`, which v1 has got since.
"""

from __future__ import annotations

from typing import Any

__all__ = ["NAME", "ROWS", "WIRE"]

_PACKAGE = "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions"
_OLD, _NEW = f"{_PACKAGE}.v1beta1.CustomResource", f"{_PACKAGE}.v1.CustomResource"
_TEXT = {"type": "string", "default": ""}
_META = "io.k8s.apimachinery.pkg.apis.meta.v1"
_SELECTABLE = {"type": f"[]&{_PACKAGE}.v1.SelectableField", "listType": "atomic"}

NAME = f"{_OLD}Definition"
"""The type of the definitions."""


def _list_of(name: str) -> dict[str, str]:
    return {"type": f"[]{name}", "listType": "atomic"}


ROWS: dict[str, Any] = {
    NAME: {
        "fields": {
            "apiVersion": "string",
            "kind": "string",
            "metadata": {"type": f"&{_META}.ObjectMeta", "default": {}},
            "spec": {"type": f"&{_OLD}DefinitionSpec", "default": {}},
            "status": {"type": f"&{_NEW}DefinitionStatus", "default": {}},
        },
        "required": ["spec"],
    },
    f"{_OLD}DefinitionSpec": {
        "fields": {
            "group": _TEXT,
            "version": "string",
            "names": {"type": f"&{_NEW}DefinitionNames", "default": {}},
            "scope": _TEXT,
            "validation": f"&{_NEW}Validation",
            "subresources": f"&{_NEW}Subresources",
            "versions": _list_of(f"&{_OLD}DefinitionVersion"),
            "additionalPrinterColumns": _list_of(f"&{_OLD}ColumnDefinition"),
            "selectableFields": _SELECTABLE,
            "conversion": f"&{_OLD}Conversion",
            "preserveUnknownFields": "boolean",
        },
        "required": ["group", "names", "scope"],
    },
    f"{_OLD}DefinitionVersion": {
        "fields": {
            "name": _TEXT,
            "served": {"type": "boolean", "default": False},
            "storage": {"type": "boolean", "default": False},
            "deprecated": "boolean",
            "deprecationWarning": "string",
            "schema": f"&{_NEW}Validation",
            "subresources": f"&{_NEW}Subresources",
            "additionalPrinterColumns": _list_of(f"&{_OLD}ColumnDefinition"),
            "selectableFields": _SELECTABLE,
        },
        "required": ["name", "served", "storage"],
    },
    f"{_OLD}ColumnDefinition": {
        "fields": {
            "name": _TEXT,
            "type": _TEXT,
            "format": "string",
            "description": "string",
            "priority": "integer:int32",
            "JSONPath": _TEXT,
        },
        "required": ["name", "type", "JSONPath"],
    },
    f"{_OLD}Conversion": {
        "fields": {
            "strategy": _TEXT,
            "webhookClientConfig": f"&{_PACKAGE}.v1.WebhookClientConfig",
            "conversionReviewVersions": _list_of("string"),
        },
        "required": ["strategy"],
    },
}
"""What each type is, by its OpenAPI name."""

_PARTS = {
    "subresources": "o *CustomResourceSubresources",
    "additionalPrinterColumns": "o []CustomResourceColumnDefinition",
    "selectableFields": "o []SelectableField",
}

WIRE: dict[str, dict[str, str]] = {
    NAME: {
        "metadata": "o metav1.ObjectMeta",
        "spec": "- CustomResourceDefinitionSpec",
        "status": "o CustomResourceDefinitionStatus",
    },
    f"{_OLD}DefinitionSpec": {
        "group": "- string",
        "version": "o string",
        "names": "- CustomResourceDefinitionNames",
        "scope": "- ResourceScope",
        "validation": "o *CustomResourceValidation",
        "versions": "o []CustomResourceDefinitionVersion",
        "conversion": "o *CustomResourceConversion",
        "preserveUnknownFields": "o *bool",
        **_PARTS,
    },
    f"{_OLD}DefinitionVersion": {
        "name": "- string",
        "served": "- bool",
        "storage": "- bool",
        "deprecated": "o bool",
        "deprecationWarning": "o *string",
        "schema": "o *CustomResourceValidation",
        **_PARTS,
    },
    f"{_OLD}ColumnDefinition": {
        "name": "- string",
        "type": "- string",
        "format": "o string",
        "description": "o string",
        "priority": "o int32",
        "JSONPath": "- string",
    },
    f"{_OLD}Conversion": {
        "strategy": "- ConversionStrategyType",
        "webhookClientConfig": "o *WebhookClientConfig",
        "conversionReviewVersions": "o []string",
    },
}
"""How Go writes them."""
