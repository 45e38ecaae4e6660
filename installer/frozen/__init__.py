"""The program with its own Python runtime in one folder, for every system."""
