"""What `kubectl get` prints: the server's Tables, with the columns and cells of a real API server.

Law: pure functions of objects and the time. A kind's cells are one small function; its columns are facts
(`objects/facts/columns.json`).
"""

from k8s_tutor.embedded.apiserver.tables.table import table

__all__ = ["table"]
