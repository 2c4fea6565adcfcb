"""What the process runs beside requests: supervised loops, the lag of the event loop, headers of answers."""
