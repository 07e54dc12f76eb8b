"""The API server: every write to the store and every answer to a client goes through `ApiServer.handle`.

Law: runs in the loop's current instant; never blocks, never raises, never copies a stored object without need.

In reading order:

    server.py              one entry, from any request to an answer
    context.py             what every part below stands on, and one request being answered
    routing.py             from method and path to what is asked
    options.py             what a request carries in its query
    parsing.py             from bytes to JSON values
    shapes.py              types as Go decodes them
    builtintypes.py        the built-in types, made from facts
    decoding.py            from a body to a typed object
    access/                who may do what
    reviews.py             who am I, may I, whose token is this
    resources.py           the verbs on whole objects and collections
    registry.py            the steps of every write
    admission/             what may enter beyond being well-formed
    expressions.py         what admission's CEL may speak of
    rules/                 what is particular to each kind
    patching.py            PATCH in its four forms
    deletion.py            preconditions, grace, finalizers, propagation
    subresources/          what hangs on an object: status, scale, log, exec …
    listing.py             selection, pages, consistency
    watching.py            history, then everything that comes
    output.py              answers in the form that was asked for
    tables/                what `kubectl get` prints
    documents/             discovery, version, health, OpenAPI
    metrics.py             `kubectl top`
    versions.py            one storage, several versions
    custom_kinds.py        kinds that definitions add
    custom_conversion.py   their objects from one version to another
    registration.py        follows the definitions as they come and go; asks servers outside to convert
    structural_validation.py  values by a structural schema
    structural_pruning.py  unknown fields go, defaults come
    structural_rules.py    their rules in CEL
    cel/                   the language of rules
    allocation.py          Service addresses and node ports
    quotausage.py          what objects use of quotas
    errors.py              each way to say no
    fielderrors.py         field errors in Kubernetes' words
    local.py               the API server for parts inside
    facts/                 data read off a real release
"""
