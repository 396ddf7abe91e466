"""Lists of an office: from a printed sheet to the cases of a project."""
