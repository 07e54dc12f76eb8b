"""What kopf's end-to-end tests need and the package index does not give: an oscrypto that reads today's OpenSSL.

oscrypto 1.3.0 looks for a version of three digits and stops at OpenSSL 3.0.13; mended there, and never released. kopf
makes the certificate of its webhook server with it.
"""

from __future__ import annotations

import re
from contextlib import suppress
from typing import Any
from unittest import mock

_search = re.search


def _search_of_more_digits(pattern: Any, string: Any, flags: int = 0) -> re.Match[Any] | None:
    if pattern == r"\b(\d\.\d\.\d[a-z]*)\b":
        pattern = r"\b(\d\.\d\.\d+[a-z]*)\b"
    return _search(pattern, string, flags)


with mock.patch("re.search", _search_of_more_digits), suppress(ImportError):
    import oscrypto.asymmetric  # noqa: F401
