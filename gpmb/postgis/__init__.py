"""Django's PostGIS backend, on the private cluster of gpmb.localdb (an ENGINE of settings)."""
