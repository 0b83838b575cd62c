"""A task that talks, for the tests of worker and supervisor: does what it is told, also what no worker should."""

import os
import time
from collections.abc import Mapping
from typing import Any

from marinelayer.engines.worker import Talk
from marinelayer.ports import SelectionError


class Talking:
    def converse(self, request: Mapping[str, Any], talk: Talk) -> Mapping[str, Any]:
        if request["do"] == "double":
            number = 0
            while data := talk.ask({"number": number}):
                number += 1
                talk.tell({"number": number, "pid": os.getpid()}, data * 2)
        elif request["do"] == "refuse":
            talk.tell({}, b"something")
            raise SelectionError("CastFailed it can not be cast")
        elif request["do"] == "sleep":
            time.sleep(request["seconds"])
        elif request["do"] == "think":  # a little for each thing told
            while True:
                talk.tell({"pid": os.getpid()}, b"x" * 100_000)
                time.sleep(request["seconds"])
        elif request["do"] == "die":
            talk.tell({}, b"something")
            os._exit(3)
        return {}


def open_task(options: Mapping[str, Any]) -> Talking:
    return Talking()
