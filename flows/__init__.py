"""Who may proceed: sign-in, factors, invitations, access, passwords, sessions, staff.

A flow takes the :class:`~flows.core.context.House`, who calls, and plain values; it answers plain values or a
:class:`~flows.refusals.Refusal`. Knows factors only by their contract; speaks no GraphQL and sends nothing.
"""
