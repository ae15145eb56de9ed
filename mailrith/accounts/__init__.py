"""Users, accounts, workspaces, members and permissions, API keys, the audit log, and the installation's own mail.

Owns who may do what. Knows nothing of subscribers or sending.
"""
