"""The last gate: approving access, its scopes, and what staff can reach."""
