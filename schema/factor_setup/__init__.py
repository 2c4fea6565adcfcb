"""Setting up factors, and the factors of one's own account."""
