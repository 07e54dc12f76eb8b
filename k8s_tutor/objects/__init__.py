"""What a Kubernetes object is: kinds, references, selectors, quantities, patches, manifests, schemas.

Law: pure. No I/O but reading our own packaged facts; no threads, no clock. Objects are plain dicts.
"""
