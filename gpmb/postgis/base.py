"""The connection that starts its own server.

Whatever opens the first connection (a command, a test, a gunicorn worker) finds the cluster up:
a refused connection starts it, or makes the database that is missing, and asks once more. A
connection that succeeds costs nothing more.
"""

from pathlib import Path
from typing import Any

from django.contrib.gis.db.backends.postgis import base
from psycopg import OperationalError

from gpmb.localdb import Cluster, LocalDbError


class DatabaseWrapper(base.DatabaseWrapper):
    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        try:
            return super().get_new_connection(conn_params)
        except OperationalError as refused:
            if not self._mend(conn_params["dbname"]):
                raise
            first = refused
        try:
            return super().get_new_connection(conn_params)
        except OperationalError as again:
            raise again from first

    def _mend(self, database: str) -> bool:
        """Do what a first connection needs; False if nothing was missing."""
        cluster = Cluster(Path(self.settings_dict["LOCALDB"]))
        try:
            started = cluster.start()
            # Test databases are Django's to make; a connection to "postgres" always works.
            own = database == self.settings_dict["NAME"] and not self._is_test(database)
            return (own and cluster.ensure_database(database)) or started
        except LocalDbError as error:
            raise OperationalError(str(error)) from error

    def _is_test(self, database: str) -> bool:
        name = self.settings_dict["TEST"].get("NAME") or ""
        return database.startswith("test_") or (bool(name) and database.startswith(name))
