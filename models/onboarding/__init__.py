"""The ways to a login: invitation, starter password and sign-up."""
