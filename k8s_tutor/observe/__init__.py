"""Watching a cluster: snapshots of its objects, the informer that keeps one current, recordings of every change.

Law: no drawing. Knows the API and nothing of which cluster is behind it.
"""
