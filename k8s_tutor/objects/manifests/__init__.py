"""Manifests: YAML or JSON text into objects, and mistakes into messages that teach.

>>> load("apiVersion: v1\\nkind: ConfigMap\\nmetadata: {name: web}")[0]["metadata"]
{'name': 'web'}

Law: pure; nothing but PyYAML underneath. A mistake becomes a `ManifestError` with line, column, the source line and a
caret under the place.
"""

from k8s_tutor.objects.manifests.checking import KnowsKinds, load, parse
from k8s_tutor.objects.manifests.reading import Document, Position

__all__ = ["Document", "KnowsKinds", "Position", "load", "parse"]
