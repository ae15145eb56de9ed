"""Delivery connections: settings, sealed credentials, limits, verify and test. Speaks SMTP only through `mailrith.smtp`."""
