"""What the made-up citizens write: clearly angry, pleased or plain, in English, and some in the city's other languages.

All of it was written for this generator; the requests say which of it is not English (column `generated`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A service of the city: how often it is asked for, who handles it, and what is written about it."""

    name: str
    weight: int
    record_type: str
    texts: tuple[str, ...]
    photo: str = ""


SCOOTERS = "Shared Mobility Device"

SERVICES: tuple[Service, ...] = (
    Service(
        name="Illegal Dumping",
        weight=24,
        record_type="ESD Complaint/Report",
        texts=(
            "Disgusting pile of trash bags and a filthy mattress dumped in the alley again. It stinks and it is awful.",
            "Someone dumped a broken sofa on the sidewalk. Horrible mess, full of rats.",
            "Two shopping carts and a box of clothes at the corner.",
            "Couch left by the curb.",
            "This ugly heap of garbage has been rotting here for weeks and nobody cares. Terrible.",
            "Old television next to the bins.",
        ),
    ),
    Service(
        name=SCOOTERS,
        weight=22,
        record_type="Parking",
        texts=(
            "Scooters blocking the sidewalk again, this is dangerous and I am sick of it.",
            "Terrible. Three scooters dumped across the wheelchair ramp, my mother fell and got hurt.",
            "Scooter in front of the driveway.",
            "Awful mess of scooters on the boardwalk, people keep tripping and getting injured.",
            "I hate these abandoned scooters, they are a horrible hazard for blind people.",
            "Two scooters parked outside of the corral.",
            "Thank you for removing the scooters so quickly yesterday, great work! One more is left here.",
            "A motor scooter has been left on the walkway for days, leaking oil. Disgusting and unsafe.",
            "Bird staged outside of the corral, worst operator, they ignore every complaint.",
        ),
        photo="motor-scooter",
    ),
    Service(
        name="Missed Collection",
        weight=14,
        record_type="ESD Complaint/Report",
        texts=(
            "My recycling was not collected.",
            "The truck skipped our whole street for the third time. Terrible service, I am furious.",
            "Green bin missed on Tuesday.",
            "Trash was not picked up again and it smells awful.",
        ),
    ),
    Service(
        name="Graffiti Removal",
        weight=14,
        record_type="TSW",
        texts=(
            "Graffiti on the utility box.",
            "Ugly hateful graffiti all over the school wall, please remove it, the children are scared.",
            "Tagging on the back of the stop sign.",
            "Thanks for the wonderful job on the mural wall, one small tag is back.",
        ),
    ),
    Service(
        name="Pothole",
        weight=12,
        record_type="TSW",
        texts=(
            "Huge dangerous pothole, it ruined my tire and I nearly crashed. Terrible road.",
            "Pothole in the right lane.",
            "Several potholes on this block, the worst street in the city, awful for bikes.",
            "Pothole near the crosswalk.",
        ),
        photo="pothole",
    ),
    Service(
        name="72 Hour Violation",
        weight=9,
        record_type="Parking",
        texts=(
            "White van has not moved for ten days.",
            "Abandoned car with a smashed window, an ugly dangerous eyesore.",
            "Trailer parked since last week.",
        ),
    ),
    Service(
        name="Parking Zone Violation",
        weight=5,
        record_type="Parking",
        texts=(
            "Car parked in the loading zone, see the sign.",
            "They park in the tow away zone every night and block the buses. Infuriating and unsafe.",
            "Truck on the sidewalk.",
        ),
        photo="sign",
    ),
    Service(
        name="Street Light Out",
        weight=4,
        record_type="TSW",
        texts=("Street light is out.", "It is pitch dark here and I am afraid to walk home. Bad and dangerous."),
    ),
    Service(
        name="Street Flooded",
        weight=4,
        record_type="TSW",
        texts=("Water over the curb after the rain.", "The street floods every time, our garage is ruined. Terrible."),
    ),
    Service(
        name="Drain Maintenance ",  # the blank at its end is the city's
        weight=2,
        record_type="TSW",
        texts=("Storm drain is full of leaves.", "Drain clogged, awful smell."),
    ),
    Service(
        name="Tree/Limb Fallen/Hanging",
        weight=2,
        record_type="TSW",
        texts=("A branch hangs over the road.", "The crew was great, thank you! There is one more limb on the ground."),
    ),
    Service(name="", weight=1, record_type="DSD", texts=("", "Not sure whom to ask.")),
)

OTHER_LANGUAGES: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "es": {
        "Illegal Dumping": (
            "Hay basura por todas partes en el callejón, es un asco y huele horrible.",
            "Dejaron un colchón viejo en la acera. Es una vergüenza, nadie hace nada.",
            "Tiraron unas cajas junto al contenedor.",
        ),
        SCOOTERS: (
            "Los patinetes bloquean la acera todos los días, es muy peligroso y estoy harto.",
            "Dejaron un scooter tirado frente a mi casa, mi abuela se cayó. Es terrible.",
            "Hay dos patinetes en la esquina.",
        ),
        "Pothole": (
            "Hay un bache enorme en la calle, muy peligroso, se me rompió la llanta.",
            "Bache en el carril derecho.",
        ),
        "Missed Collection": (
            "No recogieron la basura otra vez, pésimo servicio.",
            "Muchas gracias por su ayuda, excelente trabajo. Falta un contenedor.",
        ),
    },
    "vi": {
        "Illegal Dumping": ("Rác bị đổ đầy trong hẻm, rất hôi thối và bẩn thỉu.",),
        "Pothole": ("Ổ gà rất lớn trên đường, rất nguy hiểm cho xe đạp.",),
    },
    "tl": {
        "Illegal Dumping": ("Ang daming basura sa kalye namin, sobrang baho at nakakadiri.",),
        "Missed Collection": ("Hindi na naman kinuha ang basura namin ngayong linggo.",),
    },
    "zh": {
        "Illegal Dumping": ("巷子里到处都是垃圾，又脏又臭，太糟糕了。",),  # noqa: RUF001 - Chinese has its own comma
        SCOOTERS: ("滑板车堵住了人行道，非常危险。",),  # noqa: RUF001 - as above
    },
}
SHARES: Mapping[str, float] = {"es": 0.09, "vi": 0.008, "tl": 0.008, "zh": 0.008}
"""Which part of the described requests is in which language, where the service has texts in it."""
