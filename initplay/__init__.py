"""A terminal playground that teaches neural-network weight initialization by running it."""

__version__ = "0.1.0"
