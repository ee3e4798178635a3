"""Side-by-side timings; each module is one command: `python -m benchmarks.NAME`."""
