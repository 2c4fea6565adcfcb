"""Signing in: password, steps, passwordless, remembered devices, step-up and sessions."""
