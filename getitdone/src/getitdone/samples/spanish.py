"""Spanish descriptions for requests that came without one: San Diego's file has almost no Spanish in it.

Made up for this package, as all of `texts.py`, whose Spanish ones are among them: angry, plain and pleased ones. Each
may be followed by where or since when it is, so that the same is seldom written twice.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence

from getitdone.samples.texts import OTHER_LANGUAGES, SCOOTERS

_OURS = OTHER_LANGUAGES["es"]

KINDS: Mapping[str, tuple[Sequence[str], Sequence[str]]] = {
    "scooters": (
        ("shared mobility",),
        (
            *_OURS[SCOOTERS],
            "Hay un montón de scooters tirados en la acera y nadie puede pasar. Es horrible.",
            "Otra vez un scooter abandonado en la entrada de mi garaje. Qué asco, estoy furiosa.",
            "Los scooters bloquean la rampa. Es un peligro para los ciegos y nadie hace nada.",
            "Un niño tropezó con un scooter roto. Es muy peligroso.",
            "Hay un scooter junto a la parada del autobús.",
            "Gracias por retirar los scooters ayer, excelente trabajo. Queda uno en la esquina.",
        ),
    ),
    "graffiti": (
        ("graffiti",),
        (
            "Hay grafiti en la pared de la biblioteca.",
            "Pintaron insultos horribles en la pared de la escuela, los niños tienen miedo.",
            "Grafiti muy feo y ofensivo en mi puerta, es una vergüenza.",
            "El grafiti volvió a aparecer en la pared del parque.",
            "Muchas gracias por limpiar la pared tan rápido, quedó muy bonita. Falta una letra.",
        ),
    ),
    "dumping": (
        ("dumping", "litter", "waste"),
        (
            *_OURS["Illegal Dumping"],
            "Un sofá viejo y muebles rotos en la acera, hay ratas. Es horrible.",
            "Hay una televisión vieja junto a los árboles.",
            "Gracias por limpiar el parque, quedó excelente. Dejaron otra bolsa.",
        ),
    ),
    "potholes": (
        ("pothole", "curb", "sidewalk"),
        (
            *_OURS["Pothole"],
            "La calle está destruida, casi tuve un accidente. Es terrible.",
            "El pavimento está roto cerca de la esquina.",
            "Gracias por reparar la calle, buen trabajo. Falta una parte.",
        ),
    ),
    "collection": (
        ("collection", "recycling"),
        (*_OURS["Missed Collection"], "El camión no pasó esta semana por nuestra calle."),
    ),
    "lights": (
        ("street light",),
        (
            "La lámpara de la calle no funciona.",
            "La calle está muy oscura y tengo miedo de caminar de noche. Es peligroso.",
        ),
    ),
}
"""What is written about which services: words of their names, and the texts."""

MORE = (
    "",
    "",
    "Está cerca de la escuela.",
    "Está así desde hace tres días.",
    "Es la segunda vez que escribo.",
    "Está al lado del parque.",
    "Está frente a la iglesia.",
    "Es urgente.",
    "Está en la calle principal.",
)


def kind_of(service: str) -> str:
    """The kind of texts that fit a service, "" where none do."""
    name = service.casefold()
    return next((kind for kind, (words, _) in KINDS.items() if any(word in name for word in words)), "")


class SpanishTexts:
    """Texts from a seeded generator; of each kind, all sentences are used before one comes again."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._left: dict[str, list[str]] = {}

    def about(self, kind: str) -> str:
        """The next text of a kind."""
        left = self._left.setdefault(kind, [])
        if not left:
            left += self._rng.sample(KINDS[kind][1], len(KINDS[kind][1]))
        return f"{left.pop()} {self._rng.choice(MORE)}".strip()
