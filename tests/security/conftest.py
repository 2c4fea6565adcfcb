"""The practices of ``tests/flows``: people at the schema without a server between."""

from tests.flows.conftest import app, office, opened, other_office, signals

__all__ = ["app", "office", "opened", "other_office", "signals"]
