"""Users, accounts, workspaces, members and permissions, the audit log, and the installation's own mail.

Owns who may do what. Knows nothing of subscribers or sending.
"""
