"""The one door to any cluster: requests, responses, watches, `Status` errors, and a small client on top.

Law: no sockets, no threads. Transports live elsewhere (`cluster.http_api` over TLS, `embedded.runner.in_process`);
everything else in the project sees only `KubeAPI` and `Client`.
"""
