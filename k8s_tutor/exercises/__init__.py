"""Exercises: predicates on the cluster's state, verdicts with evidence, hints.

Law: knows the API and snapshots only; judges the end state, never the commands that led there.
"""
