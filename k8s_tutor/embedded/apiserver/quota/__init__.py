"""What objects use of a namespace's quotas: for admission, which charges it, and for the controller, which counts it.

Law: pure; knows objects, no cluster.
Source: pkg/quota/v1 of k8s.io/kubernetes 1.37.
"""
