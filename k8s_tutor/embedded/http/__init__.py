"""The embedded API server over HTTP: TLS on loopback, a token, watches, logs, exec; for kubectl and every other client.

Law: the only part of the embedded cluster with threads, and with sockets that listen. It knows no cluster, no pace: it
is given a `Door`, behind which somebody guards the core.
"""
