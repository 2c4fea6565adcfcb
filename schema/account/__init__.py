"""One's own account: details, changes, export and closing."""
