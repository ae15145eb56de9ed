"""Mail that comes back: DSNs (RFC 3464), complaints (RFC 5965), automatic replies (RFC 3834), and bounces in prose."""

from mailrith.events.mail.reading import MailKind, MailReport, read_mail

__all__ = ["MailKind", "MailReport", "read_mail"]
