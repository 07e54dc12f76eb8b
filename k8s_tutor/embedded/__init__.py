"""The in-process Kubernetes: store, API server, controllers, scheduler, kubelet, images, network.

Law: one owner of all state, one event loop on a virtual clock; no threads, no sockets, no subprocesses (HTTP lives in
`embedded.http` alone, which nothing else here imports). Never imports `cluster`, `render` or `exercises`.
"""
