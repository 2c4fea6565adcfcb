"""What every topic uses."""
