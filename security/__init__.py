"""Secrets, passwords, addresses and limits: the primitives that the other rooms decide with.

Knows no domain, keeps nothing and imports no other room of ours.
"""
