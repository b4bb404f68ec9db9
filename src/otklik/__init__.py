"""Otklik: the open channel between a city and its head."""

__version__ = "0.1.0"
