"""What the command line does besides serving: migrating, making practices and staff, checking, the demo.

Each takes what it needs from ``server.py``, which composes; it imports neither the server nor the schema.
"""
