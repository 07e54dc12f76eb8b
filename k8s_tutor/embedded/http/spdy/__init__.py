"""SPDY/3.1, the server's side: what kubectl tunnels port forwards through, and old clients their commands.

Law: bytes in, bytes out; no socket, no thread, no aiohttp. Source: the SPDY draft 3.1 of the Chromium project.
"""
