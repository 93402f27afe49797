"""Routes, one noun a file: parse, call one step or view, shape the answer."""
