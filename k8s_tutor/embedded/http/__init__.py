"""The embedded API server over HTTP: TLS on loopback, a token, watches, logs, exec; for kubectl and every other client.

Law: the only part of the embedded cluster with a thread and a socket. It knows no cluster, no pace: it is given a
`Door`, behind which somebody guards the core.
"""
