"""What was changed in a document after it was signed, in pictures and in words.

Nothing here decides whether a signature holds; that was decided on the octets before (``app.verification.pdf_changes``,
``app.verification.ooxml_coverage``). This is for the person who asks what the change was.
"""
