"""What is found on this workstation and what is wrong with it, each with a hint a clerk can follow."""
