"""The composition root: the only place that constructs adapters and wires them to ports.

`cloud` builds what lives as long as the process (folder, engines, sockets), of which epochs see the `ground`. `house`
builds what lives in one epoch of the data folder: what its parts share (`shared`), its `services` behind the request's
path, the `jobs` of its outbox, and the cloud's own addresses (`routes`).
"""

from marinelayer.app.cloud import Cloud, serve

__all__ = ["Cloud", "serve"]
