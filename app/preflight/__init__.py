"""What in a document should be known, or put right, before it is signed; and putting it right on a copy."""
