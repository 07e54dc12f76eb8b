"""The controllers: each one idea, in one file or, where it takes more, one folder.

Law: a controller is a pure decision, `reconcile(view, key, now) -> Reconciled`. It reads through its `View`, writes
nothing and keeps nothing; `runtime` applies what it decided through the API server and records the run.
"""
