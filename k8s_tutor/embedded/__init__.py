"""The in-process Kubernetes: store, API server, controllers, scheduler, kubelet, images, network.

Law: one owner of all state, one event loop on a virtual clock; no threads, no sockets, no subprocesses. But for two:
`embedded.http` serves, and nothing else here imports it; `apiserver.admission.webhooks.https`, imported with the first
webhook that is called, asks a server of the real world. Never imports `cluster`, `render` or `exercises`.
"""
