"""Dossiers and their respondents."""
