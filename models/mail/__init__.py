"""Messages that wait to leave, and those that did not arrive."""
