"""What stops a connection: reaching the server, encryption, sign-in, the line, and who may send."""

from mailrith.smtp.causes.cause import Cause

CONNECTION_CAUSES: dict[str, Cause] = {
    # Reaching the server
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
    # Encryption
    "starttls_missing": Cause(
        "No encryption offered",
        "The server does not offer STARTTLS, so Mailrith stopped before sending anything.",
        "This port speaks TLS from the start, or somebody between here and there removed the offer.",
        ("Try port 465 with TLS.", "If STARTTLS worked before, ask whose network this is."),
    ),
    "starttls_refused": Cause(
        "Encryption refused",
        "The server offers STARTTLS and then would not begin it.",
        "Its TLS is set up wrongly, or it is overloaded.",
        ("Try again in a few minutes.", "Tell your mail service what the server said."),
    ),
    "starttls_required": Cause(
        "The server wants encryption",
        "The server takes nothing over an unencrypted line.",
        "Security is set to none.",
        ("Set Security to STARTTLS, required.",),
    ),
    "tls_mismatch": Cause(
        "Encryption does not fit the port",
        "Mailrith began with TLS, and the server answered without.",
        "Security and port do not belong together.",
        ("Use TLS with port 465, and STARTTLS with port 587.",),
    ),
    "tls_too_old": Cause(
        "Encryption is too old",
        "The server only speaks versions of TLS that are not safe any more.",
        "Its software is many years old.",
        ("Ask your mail service for a server with TLS 1.2 or newer.",),
    ),
    "tls_failed": Cause(
        "Encryption failed",
        "The line could not be encrypted.",
        "The TLS set-up of the server has a fault.",
        ("Try again in a few minutes.", "Tell your mail service what the server said."),
    ),
    "certificate_expired": Cause(
        "Certificate has run out",
        "The server's certificate is not valid at this time, so nobody can be sure who it is.",
        "Nobody renewed it, or a clock is wrong.",
        ("Ask the people who run the server to renew its certificate.",),
    ),
    "certificate_name": Cause(
        "Certificate is for another name",
        "The server's certificate does not carry the host name you typed.",
        "The server is known under another name.",
        (
            "Use the host name from the instructions of your mail service, not an address or an alias.",
        ),
    ),
    "certificate_untrusted": Cause(
        "Certificate is not trusted",
        "Nobody known vouches for the server's certificate.",
        "The server signed it itself, or an authority of your own did.",
        ("Ask the people who run the server for a certificate of a public authority.",),
    ),
    # Signing in
    "auth_missing": Cause(
        "It takes no sign-in",
        "The server does not offer a sign-in here.",
        "It wants encryption first, or it needs no username.",
        (
            "Set Security to STARTTLS or TLS.",
            "If the server needs none, empty Username and Password.",
        ),
    ),
    "auth_required": Cause(
        "Sign-in is needed",
        "The server takes mail only from people who signed in.",
        "Username and password are empty, or it forgot the sign-in.",
        ("Fill in Username and Password.",),
    ),
    "auth_refused": Cause(
        "Sign-in refused",
        "The server answered, but it will not take this username and password.",
        "One of them is mistyped, or the service wants an app password instead of the one you read mail with.",
        (
            "Type the username as your service writes it, often the whole address.",
            "Create an app password at your service if it has them.",
            "Paste it under Access and press Verify again.",
        ),
    ),
    "auth_mechanism": Cause(
        "No common way to sign in",
        "The server wants a kind of sign-in that Mailrith does not have.",
        "The service accepts only sign-in through its own page, or wants an app password.",
        ("Look for SMTP AUTH or app passwords in the settings of your service.",),
    ),
    "auth_in_clear": Cause(
        "Password would be readable",
        "Without encryption everybody on the way could read the password, so it was not sent.",
        "Security is set to none.",
        ("Set Security to STARTTLS or TLS.",),
    ),
    "auth_temporary": Cause(
        "Sign-in does not work now",
        "The server could not check the password just now.",
        "Its user directory is away for a moment.",
        ("Try again in a few minutes. The password may be right.",),
    ),
    # The line
    "timeout": Cause(
        "The server fell silent",
        "The server stopped answering in the middle of the conversation.",
        "It is overloaded, or the network between is.",
        ("Mailrith tries again.", "If it stays so, ask your mail service."),
    ),
    "connection_lost": Cause(
        "The line broke",
        "The server closed the connection in the middle of the conversation.",
        "It restarted, or it limits how many messages one connection carries.",
        ("Mailrith connects again.",),
    ),
    "connection_closed": Cause(
        "The line was closed",
        "Mailrith closed the connection.",
        "The broadcast was paused or canceled, or the worker stopped.",
        ("Nothing: the message goes out when sending goes on.",),
    ),
    "stopped_before_dot": Cause(
        "Stopped in time",
        "Mailrith stopped before the message was complete, so it was not delivered.",
        "The broadcast was paused or canceled, or the worker was asleep for too long.",
        ("Nothing: the message goes out when sending goes on.",),
    ),
    # The sender
    "quota": Cause(
        "Sending limit reached",
        "The service does not take more mail from this account for now.",
        "The plan's limit for an hour, a day or a month is used up.",
        (
            "Wait until the limit starts over, or raise it at your service.",
            "Lower the limits here.",
        ),
    ),
    "sender_refused": Cause(
        "Sender address refused",
        "The server does not let this account send from this address.",
        "From email is not verified at your service, or belongs to another account.",
        (
            "Use an address that this login may use.",
            "Verify the address or its domain at your service.",
        ),
    ),
    "relay_denied": Cause(
        "It does not pass mail on",
        "The server only takes mail for its own people.",
        "It wants a sign-in first, or it is not a server for sending.",
        ("Fill in Username and Password.", "Check SMTP Host with your mail service."),
    ),
    "account_blocked": Cause(
        "Account blocked",
        "The service has stopped this account from sending.",
        "Too many complaints or bounces, an unpaid bill, or a review that is not finished.",
        ("Sign in at your service and read what it says.",),
    ),
}
