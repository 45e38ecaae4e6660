"""All files of a release, built the same twice."""
