"""What every other package stands on: settings, database, queue, clock, keys, addresses, network guard, errors, paging, logs.

Owns no table of a feature. Knows nothing of HTTP, except that `core.db` is bound to the app by Flask-SQLAlchemy.
"""
