"""The benchmarks: our server beside a hand-written floor, in the same run on the same database. `make bench`."""
