"""The office's work: signing, verifying, filing, journal. Knows neither Qt nor PKCS#11."""

__version__ = "0.1.0"
