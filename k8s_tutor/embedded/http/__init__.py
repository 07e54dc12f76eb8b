"""The embedded API server over HTTP: TLS on loopback, a token, watches, logs, exec; for kubectl and every other client.

Law: the only part of the embedded cluster with threads, and with sockets that listen. It knows no cluster, no pace: it
is given a `CoreAccess`, behind which somebody guards the core.

In reading order:

    authority.py       signs certificates
    auth.py            who is asking; the server's own credentials; what guards the core
    server.py          the socket and the thread
    acceptor.py        connections accepted, and ended
    adapter.py         aiohttp on one side, the API server on the other
    mailbox.py         from the thread that holds the core to this one
    commands.py        exec and attach
    portforward.py     port forwarding
    webhook_client.py  one POST to a webhook
    spdy_frames.py     SPDY/3.1's frames: to bytes and back. Compressed headers have a memory
    spdy_streams.py    A SPDY/3.1 connection as its server sees it: streams that the client opens
"""
