"""Adapters to authorities over HTTP: the national medical insurance envelope, the social security field names."""
