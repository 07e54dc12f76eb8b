"""Custom resources: kinds that CustomResourceDefinitions add while the cluster runs.

CEL rules (`x-kubernetes-validations`) and conversion webhooks are not simulated yet; a definition that has them is
accepted with a warning that says so.
"""
