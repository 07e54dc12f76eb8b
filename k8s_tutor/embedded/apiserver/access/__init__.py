"""Who may do what: tokens, permissions, impersonation; each in Kubernetes' words.

Law: reads the store and writes nothing. What is asked is an `Attributes`, the answer a `Decision`; the API server asks
before it does anything else.
"""
