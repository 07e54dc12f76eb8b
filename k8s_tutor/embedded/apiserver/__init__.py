"""The API server: every write to the store and every answer to a client goes through `ApiServer.handle`.

Law: runs in the loop's current instant; never blocks, never raises, never copies a stored object without need.
"""
