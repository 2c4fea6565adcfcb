"""What a practice asks of its people, and exemptions from it."""
