"""The checks: each module attacks one side of a factor, through the flows that the server runs."""
