"""The node's agent: brings the pods bound to its node to life, watches over them and tells the API server.

Law: reads the store, writes through the API server as its node's user. Words and order of what it writes follow the
real kubelet (1.37), as recorded in `tests/unit/kubelet/golden/`.
"""
