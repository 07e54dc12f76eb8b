"""MetalLB on our kind cluster: installed, given addresses of the engine's network, removed without a trace.

Law: acts on a cluster that we made only; everything it brings carries our label, and nothing else is deleted.
"""
