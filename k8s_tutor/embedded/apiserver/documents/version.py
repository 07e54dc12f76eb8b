"""Which Kubernetes this is."""

from __future__ import annotations

import json
from functools import cache
from importlib import resources

from k8s_tutor.objects.types import Obj

__all__ = ["version"]


@cache
def version() -> Obj:
    """The `/version` document: the release whose API is served."""
    text = resources.files("k8s_tutor.objects.facts").joinpath("discovery.json").read_text(encoding="utf-8")
    facts = json.loads(text)["version"]
    return {
        "major": facts["major"],
        "minor": facts["minor"],
        "emulationMajor": facts["major"],
        "emulationMinor": facts["minor"],
        "minCompatibilityMajor": facts["major"],
        "minCompatibilityMinor": str(int(facts["minor"]) - 1),
        "gitVersion": facts["gitVersion"],
        "gitCommit": "",
        "gitTreeState": "clean",
        "buildDate": "1970-01-01T00:00:00Z",
        "goVersion": "",
        "compiler": "k8s-tutor",
        "platform": "python/any",
    }
