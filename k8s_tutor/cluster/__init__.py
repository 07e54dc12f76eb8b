"""Clusters: kind, any context, embedded, behind one protocol, and `connect()` that chooses.

Law: the only room that makes clusters and starts their processes, and the only one that knows which it is. Everything
else asks `cluster.features`.
"""
