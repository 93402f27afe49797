"""All models on one page, worst first."""
