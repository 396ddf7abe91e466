"""History of a table: every insert, update and delete, whichever door it comes through."""

from typing import Any

import pghistory


def tracked(**options: Any) -> Any:
    """Return the class decorator that keeps the history of a model.

    The trackers are made anew for each model: pghistory copies shared ones deeply, and a copied
    operation no longer equals the one a statement trigger looks for.
    """
    return pghistory.track(
        pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent(), **options
    )
