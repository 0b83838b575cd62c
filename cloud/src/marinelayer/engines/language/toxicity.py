"""The ToxicityScorer: texts to `toxicity_task`'s worker, replies to the port's values."""

from __future__ import annotations

from marinelayer.engines.models.shelf import Shelf, only
from marinelayer.engines.supervisor import Supervisor
from marinelayer.ports import Toxicity

MODEL = "MiniLMv2-toxic-jigsaw"
TOXICITY = only(MODEL)


class ToxicityEngine:
    """Tells how toxic English texts are, with the model of the shelf."""

    def __init__(self, supervisor: Supervisor, shelf: Shelf) -> None:
        self._supervisor = supervisor
        self._shelf = shelf

    async def toxicity(self, text: str) -> Toxicity:
        """Of one text, whatever its length. Raises as `ports.ToxicityScorer` says."""
        model = (await self._shelf.have(TOXICITY)).model
        reply = await self._supervisor.run({"text": text})
        return Toxicity(overall=reply["toxicity"], labels=reply["labels"], engine=model.engine)
