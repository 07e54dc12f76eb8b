"""An operator of one rule: a ConfigMap that says how long it is good for is gone when that time is over.

metadata: {annotations: {acme.example/keep-for: 3600}}   # seconds from its creation
"""

from __future__ import annotations

from datetime import datetime, timedelta

from kubernetes import client

KEEP_FOR = "acme.example/keep-for"


def tidy(api: client.CoreV1Api, now: datetime) -> list[str]:
    """Deletes what is over; the names of what went. A real janitor calls this every minute."""
    gone = []
    for config_map in api.list_config_map_for_all_namespaces().items:
        about = config_map.metadata
        seconds = (about.annotations or {}).get(KEEP_FOR)
        if seconds and now >= about.creation_timestamp + timedelta(seconds=int(seconds)):
            api.delete_namespaced_config_map(about.name, about.namespace)
            gone.append(about.name)
    return gone
