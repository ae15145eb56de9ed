"""Where requests come from, as far as one customer of a network can be told from the next."""

import ipaddress


def network_of(address: str | None) -> str:
    """The IPv4 address, or the /64 that one IPv6 customer has; "unknown" for what is no address."""
    try:
        found = ipaddress.ip_address(address or "")
    except ValueError:
        return "unknown"
    if found.version == 6:
        return str(ipaddress.ip_network((found, 64), strict=False))
    return str(found)
