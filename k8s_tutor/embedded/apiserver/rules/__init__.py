"""What is particular to each kind: defaults, what a write may change, what is valid.

Law: pure functions of objects. A rule may change the fresh object it is given, never the stored one beside it.
"""
