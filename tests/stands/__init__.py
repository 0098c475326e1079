"""Servers as the platforms are, one module a connector: what the contract test sets every connector before.

A stand holds

- ``options(base) -> dict``: options with which the connector reads the server at ``base``, secrets left out;
- ``answer(request) -> Response``: what the platform answers, from the samples beside the tests; pure, so that the
  same request gets the same answer. It answers 401 where a key that it needs is absent or wrong (``SECRET``);
- ``KEYS``: the keys of all mentions that one visit brings, its query's matches among them.

A connector that speaks another protocol than HTTP has ``serving()`` instead of ``answer``: a context manager that
gives ``base`` while its server runs.
"""

SECRET = "s3cr3t-of-the-operator"
QUERY = '"Oakfield House" OR oakfieldhouse'
