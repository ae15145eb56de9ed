"""Ports and security propose each other, so that whoever knows one need not know the other."""

from mailrith.connections.models import SecureMode

# port -> what servers speak there: RFC 8314 for 465 and 587, the mail services' own pages for the rest
USUAL_SECURITY = {
    25: SecureMode.STARTTLS,
    465: SecureMode.TLS,
    587: SecureMode.STARTTLS,
    1025: SecureMode.NONE,  # local catchers
    2465: SecureMode.TLS,
    2525: SecureMode.STARTTLS,
    2587: SecureMode.STARTTLS,
}
USUAL_PORT = {SecureMode.STARTTLS: 587, SecureMode.TLS: 465, SecureMode.STARTTLS_IF_OFFERED: 587}


def port_for(mode: SecureMode | None) -> int:
    """The port to try when none was typed."""
    return USUAL_PORT.get(mode, 587) if mode else 587


def security_for(port: int) -> SecureMode:
    """The security to try when none was chosen."""
    return USUAL_SECURITY.get(port, SecureMode.STARTTLS)
