"""What keeps us from the server, or it from talking to us."""

from mailrith.smtp.causes.cause import Cause

REACHING_CAUSES: dict[str, Cause] = {
    "host_refused": Cause(
        "Server not found",
        "No public mail server answers to this host name.",
        "The name is misspelled, or the server is inside a private network.",
        (
            "Compare SMTP Host with the instructions of your mail service.",
            "For a server in your own network, ask the person who runs Mailrith to allow it.",
        ),
    ),
    "port_refused": Cause(
        "Port not open here",
        "Mailrith does not use this port.",
        "Mail services take mail from senders on 587 or 465.",
        ("Use port 587 with STARTTLS, or port 465 with TLS.",),
    ),
    "port_25": Cause(
        "Port 25 is not for senders",
        "Port 25 is where mail servers talk to each other, so Mailrith does not use it.",
        "It comes from an old instruction. Most networks close this port, and it often has no sign-in.",
        (
            "Use port 587 with STARTTLS, or port 465 with TLS.",
            "If your server really has nothing else, ask the person who runs Mailrith to allow port 25.",
        ),
    ),
    "connection_refused": Cause(
        "Connection refused",
        "The machine is there, but nothing answers at this port.",
        "The port is wrong, or a firewall closes it.",
        ("Check the port: 587 with STARTTLS, 465 with TLS.", "Ask your host whether it is open."),
    ),
    "connect_timeout": Cause(
        "No answer",
        "The server did not answer in time.",
        "A firewall on the way drops the connection, or the host name points to another machine.",
        ("Check SMTP Host and port.", "Ask your host whether outgoing mail ports are blocked."),
    ),
    "network_unreachable": Cause(
        "No way to the server",
        "There is no route from Mailrith to this server.",
        "The network of one of the two is down, or only one of them speaks IPv6.",
        ("Try again in a few minutes.", "If it stays so, tell the person who runs Mailrith."),
    ),
    "greeting_timeout": Cause(
        "It does not say hello",
        "The server accepted the connection and then stayed silent.",
        "This port expects encryption from the start, as port 465 does.",
        ("Set Security to TLS, or use port 587 with STARTTLS.",),
    ),
    "greeting_refused": Cause(
        "The server turns us away",
        "The server answered, and refused to talk to this machine.",
        "It only serves certain addresses, or this machine's address is on a block list.",
        (
            "Ask your mail service to allow this machine's address.",
            "Read what the server said: it often names the list.",
        ),
    ),
    "too_many_connections": Cause(
        "The server is busy",
        "The server does not want another connection now.",
        "Too many are open at once, or too many were made in a short time.",
        ("Lower the number of sessions under Limits.", "Mailrith tries again later."),
    ),
    "not_smtp": Cause(
        "Not a mail server",
        "Something answers at this port, but it does not speak SMTP.",
        "The port belongs to another program, for example a web server.",
        ("Check the port: 587 with STARTTLS, 465 with TLS.",),
    ),
    "ehlo_refused": Cause(
        "Hello refused",
        "The server does not accept how this machine introduces itself.",
        "It wants a host name that it can look up.",
        ("Ask your mail service which EHLO name it expects.",),
    ),
}
