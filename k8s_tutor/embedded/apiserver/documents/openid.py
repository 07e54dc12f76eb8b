"""By what others can check ServiceAccounts' tokens: the issuer's documents, as OpenID Connect has them."""

from __future__ import annotations

import json

from k8s_tutor.api.protocol import Response
from k8s_tutor.embedded.apiserver.access.tokens import AUDIENCE
from k8s_tutor.embedded.apiserver.ground import Ground

__all__ = ["PLACES", "answer"]

PLACES = ("/.well-known/openid-configuration", "/openid/v1/jwks")
_KEYS = "https://172.18.0.2:6443/openid/v1/jwks"  # as it is seen from inside the cluster


def answer(ground: Ground, path: str) -> Response | None:
    """The document at a path; None when there is none."""
    if path == PLACES[0]:
        found = {
            "issuer": AUDIENCE,
            "jwks_uri": _KEYS,
            "response_types_supported": ["id_token"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["ES256"],
        }
        return Response(200, found)
    if path == PLACES[1]:
        keys = json.dumps({"keys": [ground.tokens.key.public()]}, separators=(",", ":"))
        return Response(200, keys, "application/jwk-set+json")
    return None
