"""Office documents as PDF, by the Office program that is installed."""
