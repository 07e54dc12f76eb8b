"""The image catalogue: what the embedded cluster's containers run, one small module a program.

Law: a program sees its own machine (`program.System`) and nothing else: no store, no API server, no wall clock. It
lives in virtual time and answers as the real image does; what it cannot do it says, and exits 127.
"""
