"""What helps when the program fails: its log, the reports of crashes, the file for support."""
