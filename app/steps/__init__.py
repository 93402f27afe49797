"""One use case a file: gather, call a pure decision, persist; one transaction each."""
