"""The lesson factory: source to notebooks, normalised outputs, drift checks.

Law: knows notebooks, not clusters; a lesson reaches a cluster only through the cells a learner would run.
"""
