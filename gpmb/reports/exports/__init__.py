"""Data out: lists and layers of the takings that a filter keeps, by a whitelist of columns.

What is exported starts from `Taking.objects.visible_to(user)`; names and amounts are in lists
alone, for the rows whose household the reader may see. Layers carry public facts only, for a file
is carried anywhere. ID numbers leave in no export.
"""

from gpmb.reports.exports.content import Content, Shape
from gpmb.reports.exports.files import EXTENSION, write

__all__ = ["EXTENSION", "Content", "Shape", "write"]
