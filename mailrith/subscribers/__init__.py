"""The people of a workspace: statuses, tags, consent, timeline, imports, and the choice of an audience.

Does not know how mail is sent or what came back; higher packages change statuses through `actions`.
"""
