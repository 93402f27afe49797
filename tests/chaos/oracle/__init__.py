"""The oracle: what the client wrote down against what the database holds, promise by promise."""
