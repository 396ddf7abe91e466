"""Tables that a pasted block or a workbook fills: one engine, a module for each table."""
