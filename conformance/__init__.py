"""The conformance kit: attacks any factor through the real core, on a real database.

``python -m pytest -p conformance.plugin --factor=package:Class --possession=package:Class``

A factor's author writes the :class:`Possession`, which is the person's side of the factor, and imports nothing
else from here. Nothing of the product imports this room.
"""

from conformance.possession import Message, Possession, Surroundings

__all__ = ["Message", "Possession", "Surroundings"]
