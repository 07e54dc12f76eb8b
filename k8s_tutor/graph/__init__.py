"""Graphs of live objects: nodes, edges, state, lanes, and the difference of two graphs.

Law: pure functions of snapshots; no I/O, no threads, no clock.
"""
