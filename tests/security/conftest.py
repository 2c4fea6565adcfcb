"""The practices of ``tests/flows``: people at the schema without a server between."""

from tests.flows.conftest import bells, house, office, opened, other_office

__all__ = ["bells", "house", "office", "opened", "other_office"]
