"""The composition root: the only place that constructs adapters and wires them to ports.

`house` builds what lives in one epoch of the data folder (tables, outbox, services, the request's path), `cloud` what
lives as long as the process (folder, engines, sockets), `routes` the cloud's own addresses.
"""

from marinelayer.app.cloud import Cloud, serve

__all__ = ["Cloud", "serve"]
