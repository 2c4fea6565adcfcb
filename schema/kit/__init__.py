"""What every type and field is made with."""
