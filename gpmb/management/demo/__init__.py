"""The illustrative city: its ground, its projects, and the histories of its cases.

Everything but `load*` is numpy, shapely and the law's step table: no database.
"""
