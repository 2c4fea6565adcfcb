"""What leaves the building: the outbox's worker, mail, text messages, and the demo's own mailbox.

Carries out what flows have decided and stored; nothing here decides who may do what.
"""
