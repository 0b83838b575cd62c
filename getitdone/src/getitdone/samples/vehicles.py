"""Motor scooters, kick scooters and their wheels, drawn from the side."""

from __future__ import annotations

import math

from getitdone.samples.canvas import Canvas, Colour, Point

BLACK: Colour = (22, 23, 26)
TYRE: Colour = (34, 35, 38)
STEEL: Colour = (188, 193, 198)
BODIES: tuple[Colour, ...] = (
    (168, 28, 34),
    (36, 92, 150),
    (222, 214, 188),
    (52, 116, 92),
    (214, 148, 32),
    (96, 98, 104),
)


class Pen:
    """Draws in a vehicle's own measures: `unit` points of the picture each, from `origin`, mirrored or not."""

    def __init__(self, canvas: Canvas, origin: Point, unit: float, *, mirrored: bool = False) -> None:
        self.canvas = canvas
        self.unit = unit
        self._origin = origin
        self._sign = -1 if mirrored else 1

    def at(self, x: float, y: float) -> Point:
        """The picture's point of a vehicle's point (y grows upwards)."""
        return self._origin[0] + self._sign * x * self.unit, self._origin[1] - y * self.unit

    def shape(self, points: list[Point], light: Colour, dark: Colour, *, smooth: bool = True) -> None:
        """A shaded shape."""
        self.canvas.shape([self.at(*point) for point in points], light, dark, smooth=smooth)

    def line(self, points: list[Point], colour: Colour, width: float) -> None:
        """A line, its width in the vehicle's measures."""
        self.canvas.line([self.at(*point) for point in points], colour, width * self.unit)

    def disc(self, x: float, y: float, radius: float, light: Colour, dark: Colour) -> None:
        """A shaded disc."""
        self.canvas.ellipse(self.at(x, y), radius * self.unit, radius * self.unit, light, dark)

    def glow(self, x: float, y: float, rx: float, ry: float, strength: float) -> None:
        """A reflection."""
        self.canvas.glow(self.at(x, y), rx * self.unit, ry * self.unit, strength=strength)

    def shadow(self, left: float, right: float, depth: float) -> None:
        """The shadow on the ground."""
        ground = [(left, 0.0), ((left + right) / 2, depth * 0.3), (right, 0.0), ((left + right) / 2, -depth)]
        self.canvas.shadow([self.at(*point) for point in ground], blur=0.05 * self.unit, strength=0.75)


def shade(colour: Colour, by: float) -> Colour:
    """Lighter with `by` above 1, darker below."""
    red, green, blue = (max(0, min(255, round(part * by))) for part in colour)
    return red, green, blue


def wheel(pen: Pen, x: float, radius: float, *, spokes: int) -> None:
    """A wheel that stands at `x`."""
    pen.disc(x, radius, radius, shade(TYRE, 1.4), BLACK)
    pen.disc(x, radius, radius * 0.66, shade(STEEL, 1.05), shade(STEEL, 0.6))
    pen.disc(x, radius, radius * 0.56, (92, 95, 99), (58, 60, 64))
    for at in range(spokes):
        turn = 2 * math.pi * at / spokes + 0.3
        end = (x + radius * 0.62 * math.cos(turn), radius + radius * 0.62 * math.sin(turn))
        pen.line([(x, radius), end], shade(STEEL, 0.95), radius * 0.11)
    pen.disc(x, radius, radius * 0.18, STEEL, shade(STEEL, 0.5))


def motor_scooter(pen: Pen, body: Colour) -> None:
    """A motor scooter, its front to the right; 1.8 long, 1.15 high (in metres)."""
    light, mid, dark = shade(body, 1.3), body, shade(body, 0.5)
    pen.shadow(-0.1, 1.95, 0.16)
    wheel(pen, 0.33, 0.24, spokes=5)
    wheel(pen, 1.52, 0.24, spokes=5)
    # engine, exhaust and stand, below the body
    pen.shape(
        [(0.2, 0.34), (0.36, 0.46), (0.72, 0.42), (0.8, 0.26), (0.6, 0.18), (0.3, 0.2)], (70, 72, 76), (32, 33, 36)
    )
    pen.shape([(-0.08, 0.36), (0.36, 0.31), (0.5, 0.24), (0.44, 0.18), (-0.06, 0.24)], (150, 152, 156), (62, 63, 66))
    pen.line([(0.78, 0.22), (0.9, 0.01)], (50, 51, 54), 0.035)
    # fork and front mudguard
    pen.line([(1.52, 0.24), (1.36, 0.66)], (120, 123, 128), 0.06)
    pen.shape(
        [(1.26, 0.34), (1.3, 0.5), (1.46, 0.58), (1.66, 0.52), (1.79, 0.36), (1.72, 0.36), (1.6, 0.45), (1.42, 0.44)],
        light,
        dark,
    )
    # footboard
    pen.shape([(0.66, 0.3), (0.7, 0.36), (1.2, 0.35), (1.3, 0.42), (1.3, 0.3), (1.18, 0.25), (0.72, 0.24)], mid, dark)
    pen.line([(0.72, 0.36), (1.18, 0.355)], (38, 39, 42), 0.035)
    # the rear body
    pen.shape(
        [
            (-0.06, 0.64),
            (0.1, 0.7),
            (0.42, 0.73),
            (0.68, 0.72),
            (0.76, 0.6),
            (0.76, 0.4),
            (0.62, 0.33),
            (0.52, 0.5),
            (0.34, 0.56),
            (0.14, 0.46),
            (0.02, 0.48),
        ],
        light,
        dark,
    )
    pen.glow(0.4, 0.64, 0.26, 0.045, 0.55)
    pen.line([(0.12, 0.6), (0.4, 0.62), (0.66, 0.58)], shade(body, 0.62), 0.012)
    pen.shape([(-0.1, 0.6), (-0.06, 0.66), (0.03, 0.64), (0.02, 0.55), (-0.07, 0.54)], (226, 60, 52), (120, 14, 16))
    pen.shape([(-0.18, 0.42), (-0.02, 0.46), (0.02, 0.4), (-0.12, 0.3)], (40, 41, 44), BLACK)
    # the seat
    pen.shape(
        [(-0.04, 0.7), (0.0, 0.79), (0.24, 0.82), (0.44, 0.79), (0.7, 0.8), (0.8, 0.74), (0.72, 0.68), (0.3, 0.7)],
        (66, 58, 54),
        (18, 17, 18),
    )
    pen.glow(0.3, 0.8, 0.26, 0.018, 0.35)
    pen.line([(-0.02, 0.72), (-0.16, 0.8), (-0.2, 0.77)], STEEL, 0.028)
    # legshield and steering head
    pen.shape(
        [
            (1.18, 0.3),
            (1.26, 0.28),
            (1.38, 0.5),
            (1.4, 0.74),
            (1.3, 0.98),
            (1.22, 1.02),
            (1.16, 0.98),
            (1.22, 0.72),
            (1.2, 0.5),
        ],
        light,
        dark,
    )
    pen.glow(1.33, 0.74, 0.035, 0.2, 0.6)
    pen.shape([(1.12, 0.96), (1.14, 1.05), (1.26, 1.1), (1.4, 1.05), (1.42, 0.95), (1.3, 0.92)], light, dark)
    pen.disc(1.4, 0.99, 0.075, STEEL, shade(STEEL, 0.6))
    pen.disc(1.415, 0.99, 0.058, (252, 252, 238), (188, 196, 204))
    pen.shape([(1.36, 0.72), (1.4, 0.76), (1.43, 0.7), (1.38, 0.66)], (240, 160, 60), (190, 96, 20))
    # handlebars, mirror, number plate
    pen.line([(1.22, 1.06), (1.1, 1.11), (1.0, 1.09)], (44, 45, 48), 0.05)
    pen.line([(1.12, 1.1), (1.22, 1.13)], STEEL, 0.02)
    pen.line([(1.2, 1.08), (1.16, 1.27)], (60, 61, 64), 0.02)
    pen.shape([(1.08, 1.28), (1.12, 1.36), (1.22, 1.36), (1.25, 1.28), (1.16, 1.24)], (72, 76, 82), BLACK)


def kick_scooter(pen: Pen, body: Colour) -> None:
    """A rental kick scooter, its front to the right; 1.1 long, 1.15 high."""
    pen.shadow(-0.1, 1.25, 0.1)
    wheel(pen, 0.12, 0.11, spokes=6)
    wheel(pen, 1.02, 0.11, spokes=6)
    pen.shape([(0.06, 0.26), (0.14, 0.28), (0.3, 0.2), (0.22, 0.14)], (52, 54, 58), BLACK)
    pen.shape(
        [(0.2, 0.14), (0.22, 0.19), (0.82, 0.19), (0.95, 0.3), (0.9, 0.16), (0.82, 0.11), (0.24, 0.11)],
        (74, 77, 82),
        (26, 27, 30),
        smooth=False,
    )
    pen.line([(0.26, 0.19), (0.8, 0.19)], shade(body, 1.1), 0.02)
    pen.line([(1.02, 0.11), (0.93, 0.36), (0.8, 1.05)], shade(body, 0.95), 0.06)
    pen.line([(0.915, 0.42), (0.81, 1.0)], shade(body, 1.35), 0.018)
    pen.line([(0.7, 1.08), (0.92, 1.08)], (40, 41, 44), 0.045)
    pen.disc(0.83, 0.96, 0.04, (250, 250, 240), (190, 190, 180))
    pen.line([(0.5, 0.12), (0.44, 0.0)], (90, 92, 96), 0.02)
