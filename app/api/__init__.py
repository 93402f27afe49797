"""HTTP in: thin routes that parse, call one step or view, and shape the answer."""
