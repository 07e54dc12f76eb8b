"""Custom resources: kinds that CustomResourceDefinitions add while the cluster runs.

Costs of CEL rules are not estimated; conversion webhooks are not called yet: versions differ in their apiVersion only.
"""
