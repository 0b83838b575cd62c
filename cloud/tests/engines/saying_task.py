"""A task for the tests of worker and supervisor: logs, and may use a device beside the processor."""

import logging
import os
import resource
from collections.abc import Mapping
from typing import Any

LOG = logging.getLogger("marinelayer.engines.saying")


class Saying:
    def run(self, request: Mapping[str, Any], payload: bytes) -> Mapping[str, Any]:
        LOG.warning("something %s", "broke")
        logging.getLogger("elsewhere").warning("somebody else's")
        return {"address_space": resource.getrlimit(resource.RLIMIT_AS)[0], "environment": dict(os.environ)}


def devices(options: Mapping[str, Any]) -> list[str]:
    return ["Something"] if options["device"] == "auto" else []


def open_task(options: Mapping[str, Any]) -> Saying:
    LOG.info("runs on something")
    return Saying()
