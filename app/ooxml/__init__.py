"""Open Packaging Conventions (ISO/IEC 29500-2) and the markup of their signatures."""
