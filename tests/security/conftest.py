"""The practices of ``tests/flows``: people at the schema without a server between."""

from tests.flows.conftest import app, bells, office, opened, other_office

__all__ = ["app", "bells", "office", "opened", "other_office"]
