"""Values by their structural schema, as CustomResourceDefinitions give it: read, defaulted, validated, judged by rules.

Source: k8s.io/apiextensions-apiserver 1.37; words and outcomes recorded from a real server.
"""
