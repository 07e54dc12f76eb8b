"""The controllers: each one file and one idea.

Law: a controller is a pure decision, `reconcile(view, key, now) -> Reconciled`. It reads through its `View`, writes
nothing and keeps nothing; `runtime` applies what it decided through the API server and records the run.
"""
