"""Letters from Word templates that the administrator edits: checked, filled, many at once."""
