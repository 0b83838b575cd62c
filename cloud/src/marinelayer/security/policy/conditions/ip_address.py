"""IP address operators: addresses and CIDR ranges of both versions."""

from __future__ import annotations

from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from marinelayer.security.policy.conditions.operator import Operator, plain
from marinelayer.security.policy.wildcard import Matcher, Pattern


@lru_cache(maxsize=1024)
def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(text)
    except ValueError:
        return None
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address


def _within(pattern: Pattern) -> Matcher:
    network = ip_network(plain(pattern).strip(), strict=False)
    version, first, last = network.version, int(network.network_address), int(network.broadcast_address)

    def matches(value: str) -> bool:
        address = _address(value)
        return address is not None and address.version == version and first <= int(address) <= last

    return matches


OPERATORS = {
    "IpAddress": Operator(prepare=_within),
    "NotIpAddress": Operator(prepare=_within, negated=True),
}
