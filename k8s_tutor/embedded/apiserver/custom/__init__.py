"""Custom resources: kinds that CustomResourceDefinitions add while the cluster runs.

Not as on a real cluster: a definition's names are given and it is served at once, not some milliseconds later; costs of
CEL rules are not estimated; a conversion webhook is asked for each object by itself.
"""
