"""What a Kubernetes object is: kinds, references, selectors, quantities, patches, manifests, schemas.

Law: pure. No I/O but reading our own packaged facts; no threads, no clock. Objects are plain dicts.

In reading order:

    types.py           names for the shapes that flow everywhere
    metadata.py        names, owners, keys
    kinds.py           the kinds an API server serves
    reference.py       `deploy/web`, `pod web`, `web`
    schema.py          fields, types, how they merge
    validation.py      what is wrong by the schema
    manifests.py       YAML and JSON, and mistakes in them
    manifest_reading.py  from text to documents
    yamlproblems.py    what is wrong with YAML, in words
    jsonpatch.py       JSON patch, merge patch
    strategic.py       strategic merge patch
    apply/             server-side apply, and who owns which field
    selectors.py       label selectors
    fieldselectors.py  field selectors
    jsonpath.py        JSONPath in kubectl's dialect
    quantity.py        `500m`, `1.5Gi`
    conditions.py      what an object says of itself
    pods.py            what `kubectl get pods` says
    services.py        facts about Services
    deployments.py     the room of a rollout, versions of a template
    volumes.py         claims and volumes
    cron.py            schedules
    regexps.py         regular expressions as Go reads them
    gojson.py          JSON values as Go prints and reads them
    protobuf.py        Kubernetes' protobuf, read
    protobuf_wire.py   numbers, texts and lengths on the wire
    facts/             data read off a real release
    nesting.py         how deep a value may nest
    yamlnodes.py       YAML's events into nodes
    nodeselectors.py   Which nodes a Pod may run on: node selectors, node affinity, taints and tolerations
"""
