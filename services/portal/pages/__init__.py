"""The pages, a file for each thing that people come to do. Each file has a ``BOOK``."""
