"""Persistent volumes: claims and volumes find each other, are provided, and given back.

Source of rules and words: pkg/controller/volume of k8s.io/kubernetes, 1.37; for what kind brings along, rancher's
local-path-provisioner and sig-storage-lib-external-provisioner.
See kubernetes.io/docs/concepts/storage/persistent-volumes.
"""
