"""What texts stand for, as Go reads them: `ip("10.0.0.1")`, `cidr("10.0.0.0/8")`, `url("https://…")`, formats."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_interface
from typing import Any
from urllib.parse import quote, unquote_plus, urlsplit

from k8s_tutor.clock import from_rfc3339
from k8s_tutor.embedded.apiserver.cel.types import Function, content, wrapped
from k8s_tutor.objects import metadata
from k8s_tutor.objects.regexps import find_all, find_first

__all__ = ["ADDRESSES", "FORMATS", "REGEXES", "URLS"]


# ---- `ip("10.0.0.1")` and `cidr("10.0.0.0/8")`: addresses and networks, as Go's net/netip reads them

IP, CIDR = "net.IP", "net.CIDR"


def _parsed(text: str) -> IPv4Address | IPv6Address:
    try:
        found = ip_address(text)
    except ValueError:
        words = f'ParseAddr("{text}"): unable to parse IP'
        raise ValueError(f'IP Address "{text}" parse error during conversion from string: {words}') from None
    if isinstance(found, IPv6Address):
        if found.ipv4_mapped is not None:
            raise ValueError(f'IPv4-mapped IPv6 address "{text}" is not allowed')
        if found.scope_id:
            raise ValueError(f'IP address "{text}" with zone value is not allowed')
    return found


def _network(text: str) -> tuple[IPv4Address | IPv6Address, int]:
    address, slash, length = text.partition("/")
    words = "network address parse error during conversion from string: "
    if not slash:
        raise ValueError(f"{words}{words}netip.ParsePrefix(\"{text}\"): no '/'")
    try:
        _parsed(address)
        found = ip_interface(f"{address}/{int(length)}")
    except ValueError:
        raise ValueError(
            f'{words}{words}netip.ParsePrefix("{text}"): ParseAddr("{address}"): unable to parse IP'
        ) from None
    return found.ip, found.network.prefixlen


def _ask(question: Callable[[IPv4Address | IPv6Address], Any]) -> Callable[[dict[str, str]], Any]:
    return lambda value: question(ip_address(content(value)))


def _is(read: Callable[[str], Any]) -> Callable[[str], bool]:
    def answered(text: str) -> bool:
        try:
            read(text)
        except ValueError:
            return False
        return True

    return answered


def _masked(value: dict[str, str]) -> dict[str, str]:
    return wrapped(CIDR, str(_span(content(value))))


def _span(text: str) -> IPv4Network | IPv6Network:
    return ip_interface(text).network


def _contains_ip(value: dict[str, str], address: str | dict[str, str]) -> bool:
    found = _parsed(address) if isinstance(address, str) else ip_address(content(address))
    return found in _span(content(value))


def _contains_cidr(value: dict[str, str], other: str | dict[str, str]) -> bool:
    if isinstance(other, str):
        _network(other)
    inner, outer = _span(other if isinstance(other, str) else content(other)), _span(content(value))
    return inner.version == outer.version and inner.network_address in outer and inner.prefixlen >= outer.prefixlen


def _made_cidr(text: str) -> dict[str, str]:
    address, length = _network(text)
    return wrapped(CIDR, f"{address}/{length}")


def _link_local_multicast(address: IPv4Address | IPv6Address) -> bool:
    packed = address.packed
    return packed[:3] == b"\xe0\x00\x00" if address.version == 4 else packed[0] == 0xFF and packed[1] & 0x0F == 2


def _global_unicast(address: IPv4Address | IPv6Address) -> bool:
    """As Go counts: private ones, too."""
    odd = address.is_unspecified or address.is_loopback or address.is_multicast or address.is_link_local
    return not odd and str(address) != "255.255.255.255"


def _canonical(text: str) -> bool:
    return str(_parsed(text)) == text


ADDRESSES = (
    Function("ip", ("string",), IP, lambda text: wrapped(IP, str(_parsed(text)))),
    Function("isIP", ("string",), "bool", _is(_parsed)),
    Function("ip.isCanonical", ("string",), "bool", _canonical),
    Function("string", (IP,), "string", content),
    Function("string", (CIDR,), "string", content),
    Function("family", (IP,), "int", _ask(lambda address: address.version), method=True),
    Function("isUnspecified", (IP,), "bool", _ask(lambda address: address.is_unspecified), method=True),
    Function("isLoopback", (IP,), "bool", _ask(lambda address: address.is_loopback), method=True),
    Function("isLinkLocalMulticast", (IP,), "bool", _ask(_link_local_multicast), method=True),
    Function("isLinkLocalUnicast", (IP,), "bool", _ask(lambda address: address.is_link_local), method=True),
    Function("isGlobalUnicast", (IP,), "bool", _ask(_global_unicast), method=True),
    Function("cidr", ("string",), CIDR, _made_cidr),
    Function("isCIDR", ("string",), "bool", _is(_network)),
    Function("containsIP", (CIDR, "string"), "bool", _contains_ip, method=True),
    Function("containsIP", (CIDR, IP), "bool", _contains_ip, method=True),
    Function("containsCIDR", (CIDR, "string"), "bool", _contains_cidr, method=True),
    Function("containsCIDR", (CIDR, CIDR), "bool", _contains_cidr, method=True),
    Function("ip", (CIDR,), IP, lambda value: wrapped(IP, content(value).partition("/")[0]), method=True),
    Function("masked", (CIDR,), CIDR, _masked, method=True),
    Function("prefixLength", (CIDR,), "int", lambda value: _span(content(value)).prefixlen, method=True),
)


# ---- `url("https://…")`: parts of a URL, as Go's net/url tells them

URL = "kubernetes.URL"
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")


def _problem(text: str) -> str:
    """What Go's url.ParseRequestURI says, `""` when it takes the text."""
    words = ""
    if not text:
        words = "empty url"
    elif text.startswith(":"):
        words = "missing protocol scheme"
    elif not text.startswith("/") and not _SCHEME.match(text):
        words = "invalid URI for request"
    else:
        try:
            urlsplit(text).port  # noqa: B018 — complains where it is no number
        except ValueError:
            words = "invalid port after host"
    return f'parse "{text}": {words}' if words else ""


def _made(text: str) -> dict[str, str]:
    if problem := _problem(text):
        raise ValueError(f"URL parse error during conversion from string: {problem}")
    return wrapped(URL, text)


def _host(value: dict[str, str]) -> str:
    return urlsplit(content(value)).netloc.rpartition("@")[2]


def _port(value: dict[str, str]) -> str:
    port = urlsplit(content(value)).port
    return "" if port is None else str(port)


def _query(value: dict[str, str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for pair in urlsplit(content(value)).query.split("&"):
        key, _, item = pair.partition("=")
        if pair:
            found.setdefault(unquote_plus(key), []).append(unquote_plus(item))
    return found


def _hostname(value: dict[str, str]) -> str:
    host = _host(value)
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0]


URLS = (
    Function("url", ("string",), URL, _made),
    Function("isURL", ("string",), "bool", lambda text: not _problem(text)),
    Function("getScheme", (URL,), "string", lambda value: urlsplit(content(value)).scheme, method=True),
    Function("getHost", (URL,), "string", _host, method=True),
    Function("getHostname", (URL,), "string", _hostname, method=True),
    Function("getPort", (URL,), "string", _port, method=True),
    Function(
        "getEscapedPath",
        (URL,),
        "string",
        lambda value: quote(urlsplit(content(value)).path, safe="/%:@!$&'()*+,;=~-._"),
        method=True,
    ),
    Function("getQuery", (URL,), "map<string, list<string>>", _query, method=True),
)


# ---- Formats and regular expressions


FORMAT = "kubernetes.NamedFormat"
_PROBLEMS = "optional_type<list<string>>"


def _prefix(check: Callable[[str], list[str]]) -> Callable[[str], list[str]]:
    """A name that a generated end may follow: one dash at the end does no harm."""
    return lambda text: check(f"{text[:-1]}a" if len(text) > 1 and text.endswith("-") else text)


def _uri(text: str) -> list[str]:
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", text) or text.startswith("/"):
        return []
    return [f'parse "{text}": invalid URI for request' if text else 'parse "": empty url']


def _byte(text: str) -> list[str]:
    try:
        base64.b64decode(text, validate=True)
    except ValueError:
        return ["invalid base64"]
    return []


def _time(words: str, form: str, suffix: str = "") -> Callable[[str], list[str]]:
    def checked(text: str) -> list[str]:
        try:
            from_rfc3339(text + suffix)
        except ValueError:
            return [words]
        return [] if re.fullmatch(form, text) else [words]

    return checked


def _uuid(text: str) -> list[str]:
    good = re.fullmatch(r"[0-9a-fA-F]{8}-?(?:[0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12}", text)
    return [] if good else ["does not match the UUID format"]


_CHECKS: dict[str, Callable[[str], list[str]]] = {
    "dns1123Label": metadata.dns1123_label,
    "dns1123Subdomain": metadata.dns1123_subdomain,
    "dns1035Label": metadata.dns1035_label,
    "qualifiedName": metadata.qualified_name,
    "dns1123LabelPrefix": _prefix(metadata.dns1123_label),
    "dns1123SubdomainPrefix": _prefix(metadata.dns1123_subdomain),
    "dns1035LabelPrefix": _prefix(metadata.dns1035_label),
    "labelValue": metadata.label_value,
    "uri": _uri,
    "uuid": _uuid,
    "byte": _byte,
    "date": _time("invalid date", r"\d{4}-\d\d-\d\d", "T00:00:00Z"),
    "datetime": _time("invalid datetime", r"\d{4}-\d\d-\d\d[Tt].*"),
}


def _named(name: str) -> dict[str, str]:
    return wrapped(FORMAT, name) if name in _CHECKS else {}


def _first(value: Any) -> Any:
    if not value:
        raise ValueError("optional.none() dereference")
    return value


FORMATS = (
    *(Function(f"format.{name}", (), FORMAT, lambda name=name: wrapped(FORMAT, name)) for name in _CHECKS),
    Function("format.named", ("string",), f"optional_type<{FORMAT}>", _named),
    Function("validate", (FORMAT, "string"), _PROBLEMS, lambda form, text: _CHECKS[content(form)](text), method=True),
    *(
        Function(name, parameters, returns, does, method=True)
        for kind in ("=list", "=map")
        for name, parameters, returns, does in (
            ("hasValue", (kind,), "bool", bool),
            ("value", (kind,), "dyn", _first),
            ("orValue", (kind, kind), "dyn", lambda value, other: value or other),
        )
    ),
)


# ---- `find` and `findAll`: what a regular expression matches


def _find(text: str, pattern: str) -> str:
    return find_first(pattern, text)


def _find_all(text: str, pattern: str, limit: int = -1) -> list[str]:
    return find_all(pattern, text, limit)


REGEXES = (
    Function("find", ("string", "string"), "string", _find, method=True),
    Function("findAll", ("string", "string"), "list<string>", _find_all, method=True),
    Function("findAll", ("string", "string", "int"), "list<string>", _find_all, method=True),
)
