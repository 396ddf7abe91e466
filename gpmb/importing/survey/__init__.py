"""Layers of parcels and units: from a file of shapes to land and what is taken of it."""
