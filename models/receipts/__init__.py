"""Receipts of appointments."""
