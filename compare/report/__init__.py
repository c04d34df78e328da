"""A verification as a document: JSON, web page, terminal."""
