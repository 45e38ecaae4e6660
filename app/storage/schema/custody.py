"""The register of tokens and what happened to them."""
