"""Clusters: kind, any context, embedded, behind one protocol, and `connect()` that chooses.

Law: the only room that starts processes and threads, and the only one that knows which cluster it is. Everything else
asks `cluster.features`.
"""
