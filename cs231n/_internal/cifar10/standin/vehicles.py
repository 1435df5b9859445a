"""Airplanes, automobiles, ships and trucks, each seen from two sides."""

from .canvas import dimmed

__all__ = [
    "airplane_above",
    "airplane_side",
    "automobile_front",
    "automobile_side",
    "ship_cargo",
    "ship_sail",
    "truck_front",
    "truck_side",
]

METAL = ((0.9, 0.9, 0.92), (0.7, 0.72, 0.76), (0.5, 0.55, 0.6), (0.35, 0.4, 0.35))
PAINT = (
    (0.75, 0.15, 0.15),
    (0.15, 0.25, 0.6),
    (0.85, 0.85, 0.85),
    (0.15, 0.15, 0.17),
    (0.55, 0.57, 0.6),
    (0.8, 0.65, 0.15),
    (0.15, 0.4, 0.25),
)
GLASS = ((0.15, 0.2, 0.25), (0.5, 0.6, 0.7))
RUBBER = ((0.1, 0.1, 0.1), (0.2, 0.2, 0.2))
LAMP = ((0.95, 0.95, 0.8), (0.9, 0.75, 0.3))


def airplane_side(canvas, dice, ground):
    body, trim = dice.colour(*METAL), dice.colour(*PAINT)
    tail, sweep = dice.between(-0.6, -0.35), dice.between(-0.75, -0.35)
    thick = dice.between(0.09, 0.14)
    canvas.polygon((-0.55, 0), (-0.85, 0), (-1.0, tail), (-0.8, tail), colour=trim)
    canvas.polygon(
        (0.2, 0), (-0.1, 0), (sweep, -0.35), (sweep + 0.13, -0.35), colour=dimmed(body, 0.8)
    )
    canvas.limb(-0.85, -0.02, 0.78, 0.02, 0.6 * thick, body, end=thick)
    canvas.ellipse(0.75, 0.02, 0.22, 0.9 * thick, body)
    canvas.limb(-0.5, -0.02, 0.6, 0.0, 0.02, dice.colour(*GLASS))
    drop = dice.between(0.25, 0.5)
    canvas.polygon(
        (0.3, 0.05), (-0.15, 0.05), (sweep, drop), (sweep + 0.18, drop), colour=dimmed(body, 0.65)
    )
    canvas.ellipse(0.02, 0.17, 0.14, 0.07, trim)
    canvas.polygon((-0.65, 0), (-0.85, 0), (-1.05, 0.13), (-0.92, 0.13), colour=dimmed(body, 0.7))


def airplane_above(canvas, dice, ground):
    body, trim = dice.colour(*METAL), dice.colour(*PAINT)
    sweep, span = dice.between(-0.55, 0.0), dice.between(0.7, 1.0)
    root, chord = dice.between(0.15, 0.35), dice.between(0.1, 0.22)
    for side in (-1, 1):
        near, far = side * 0.04, side * span
        wing = ((root, near), (root - 0.4, near), (sweep - chord, far), (sweep, far))
        canvas.polygon(*wing, colour=dimmed(body, 0.85 + 0.1 * side))
        tail = ((-0.68, near), (-0.88, near), (-1.0, side * 0.36), (-0.9, side * 0.36))
        canvas.polygon(*tail, colour=trim)
        canvas.ellipse(0.5 * (root + sweep), 0.5 * far, 0.14, 0.05, dimmed(body, 0.6))
    canvas.limb(-0.9, 0, 0.8, 0, 0.05, body, end=dice.between(0.09, 0.13))
    canvas.ellipse(0.82, 0, 0.07, 0.05, dice.colour(*GLASS))


def automobile_side(canvas, dice, ground):
    paint, glass = dice.colour(*PAINT), dice.colour(*GLASS)
    roof, front, back = dice.between(-0.5, -0.28), dice.between(0.1, 0.3), dice.between(-0.6, -0.3)
    bonnet, axle = dice.between(-0.06, 0.08), dice.between(0.5, 0.6)
    canvas.ellipse(0, 0.5, 1.0, 0.1, dimmed(ground, 0.5))
    cabin = ((back - 0.28, 0), (back, roof), (front, roof), (front + 0.35, 0.05))
    canvas.polygon(*cabin, colour=paint)
    canvas.polygon(
        (-0.95, 0), (0.6, -0.02), (0.97, bonnet + 0.08), (0.97, 0.36), (-0.97, 0.36), colour=paint
    )
    pillar = 0.5 * (back + front)
    top = roof + 0.07
    canvas.polygon(
        (back - 0.14, -0.02),
        (back + 0.05, top),
        (pillar - 0.03, top),
        (pillar - 0.03, -0.02),
        colour=glass,
    )
    canvas.polygon(
        (pillar + 0.04, -0.02),
        (pillar + 0.04, top),
        (front - 0.04, top),
        (front + 0.2, 0),
        colour=glass,
    )
    canvas.limb(-0.9, 0.33, 0.9, 0.33, 0.04, dimmed(paint, 0.5))
    for x in (-axle, axle):
        canvas.ellipse(x, 0.34, 0.21, 0.21, dice.colour(*RUBBER))
        canvas.ellipse(x, 0.34, 0.1, 0.1, dice.colour(*METAL))
    canvas.ellipse(0.92, 0.14, 0.05, 0.05, dice.colour(*LAMP))
    canvas.ellipse(-0.93, 0.12, 0.04, 0.05, dice.colour((0.8, 0.1, 0.1)))


def automobile_front(canvas, dice, ground):
    paint, glass = dice.colour(*PAINT), dice.colour(*GLASS)
    roof, broad = dice.between(-0.6, -0.4), dice.between(0.38, 0.5)
    canvas.ellipse(0, 0.62, 0.95, 0.12, dimmed(ground, 0.5))
    for side in (-1, 1):
        inner, outer = side * 0.5, side * 0.8
        canvas.box(inner, 0.4, outer, 0.68, dice.colour(*RUBBER))
    canvas.polygon((-0.68, 0.02), (-broad, roof), (broad, roof), (0.68, 0.02), colour=paint)
    canvas.polygon(
        (-0.58, -0.02),
        (0.05 - broad, roof + 0.07),
        (broad - 0.05, roof + 0.07),
        (0.58, -0.02),
        colour=glass,
    )
    canvas.polygon(
        (-0.72, -0.02),
        (0.72, -0.02),
        (0.88, 0.2),
        (0.85, 0.52),
        (-0.85, 0.52),
        (-0.88, 0.2),
        colour=paint,
    )
    lamp = dice.colour(*LAMP)
    for side in (-1, 1):
        canvas.ellipse(side * 0.62, 0.2, 0.13, 0.09, lamp)
    canvas.polygon(
        (-0.34, 0.14), (0.34, 0.14), (0.3, 0.3), (-0.3, 0.3), colour=dice.colour(*RUBBER)
    )
    canvas.limb(-0.75, 0.44, 0.75, 0.44, 0.05, dimmed(paint, 0.6))


def ship_cargo(canvas, dice, ground):
    hull, white = dice.colour(*PAINT), dice.colour((0.9, 0.9, 0.88), (0.8, 0.8, 0.75))
    deck, bow = dice.between(-0.02, 0.14), dice.between(0.8, 1.0)
    bridge, tall = dice.between(-0.75, 0.2), dice.between(0.25, 0.5)
    for x in (-0.25, 0.1, 0.4):
        high = deck - dice.between(0.0, 0.25)
        canvas.box(x - 0.17, high, x + 0.17, deck + 0.05, dice.colour(*PAINT))
    canvas.limb(
        dice.between(0.3, 0.6), deck, 0.45, deck - dice.between(0.4, 0.7), 0.025, dimmed(white, 0.6)
    )
    top, mid = deck - tall, deck - 0.55 * tall
    canvas.box(bridge + 0.02, top - 0.25, bridge + 0.16, top, dice.colour(*PAINT))
    canvas.box(bridge, top, bridge + 0.26, mid, dimmed(white, 0.9))
    canvas.box(bridge - 0.1, mid, bridge + 0.4, deck + 0.05, white)
    canvas.limb(bridge - 0.05, mid + 0.08, bridge + 0.35, mid + 0.08, 0.025, dice.colour(*GLASS))
    canvas.polygon(
        (-0.95, deck), (bow, deck - 0.08), (bow - 0.22, 0.48), (-0.82, 0.48), colour=hull
    )
    canvas.polygon(
        (-0.87, 0.33),
        (bow - 0.13, 0.33),
        (bow - 0.22, 0.48),
        (-0.82, 0.48),
        colour=dimmed(hull, 0.6),
    )
    canvas.box(-3, 0.4, 3, 0.62, ground, shown=dice.chance(0.8))


def ship_sail(canvas, dice, ground):
    hull, cloth = (
        dice.colour(*PAINT),
        dice.colour((0.95, 0.95, 0.92), (0.9, 0.85, 0.75), (0.8, 0.3, 0.25)),
    )
    mast, peak = dice.between(-0.1, 0.15), dice.between(-1.0, -0.75)
    boom, stay = dice.between(0.4, 0.65), dice.between(0.35, 0.6)
    canvas.limb(mast, 0.35, mast, peak, 0.03, dice.colour((0.35, 0.25, 0.15)))
    canvas.polygon(
        (mast - 0.04, peak + 0.08), (mast - 0.04, 0.22), (mast - boom, 0.22), colour=cloth
    )
    canvas.polygon(
        (mast + 0.05, peak + 0.2),
        (mast + 0.05, 0.2),
        (mast + stay, 0.24),
        colour=dimmed(cloth, 0.88),
    )
    canvas.polygon((-0.7, 0.3), (0.85, 0.25), (0.55, 0.55), (-0.55, 0.55), colour=hull)
    canvas.limb(-0.65, 0.31, 0.8, 0.27, 0.03, dimmed(hull, 1.4))
    canvas.box(-3, 0.5, 3, 0.66, ground, shown=dice.chance(0.8))


def truck_side(canvas, dice, ground):
    cab, load = dice.colour(*PAINT), dice.colour(*PAINT, *METAL)
    top, gap = dice.between(-0.75, -0.35), dice.between(0.28, 0.36)
    roof, nose = dice.between(-0.45, -0.2), dice.between(0.7, 0.95)
    canvas.ellipse(0, 0.55, 1.0, 0.1, dimmed(ground, 0.5))
    canvas.limb(-0.92, 0.32, 0.9, 0.32, 0.07, dice.colour(*RUBBER))
    tilt = dice.between(-0.12, 0.12) * dice.chance(0.4)
    canvas.polygon((-0.98, top - tilt), (gap, top + tilt), (gap, 0.26), (-0.98, 0.26), colour=load)
    canvas.limb(-0.9, -0.1, gap - 0.08, -0.1, 0.06, dice.colour(*PAINT), shown=dice.chance(0.5))
    canvas.polygon(
        (gap + 0.05, roof), (nose - 0.15, roof), (nose, 0.0), (gap + 0.05, 0.0), colour=cab
    )
    canvas.polygon((gap + 0.05, -0.02), (0.95, -0.02), (0.98, 0.34), (gap + 0.05, 0.34), colour=cab)
    canvas.polygon(
        (gap + 0.14, roof + 0.07),
        (nose - 0.18, roof + 0.07),
        (nose - 0.07, 0),
        (gap + 0.14, 0),
        colour=dice.colour(*GLASS),
    )
    for x in (-0.75, -0.42, 0.68):
        canvas.ellipse(x, 0.4, 0.17, 0.17, dice.colour(*RUBBER))
        canvas.ellipse(x, 0.4, 0.07, 0.07, dice.colour(*METAL))
    canvas.ellipse(0.93, 0.18, 0.05, 0.05, dice.colour(*LAMP))


def truck_front(canvas, dice, ground):
    cab, load, glass = dice.colour(*PAINT), dice.colour(*PAINT, *METAL), dice.colour(*GLASS)
    top, sill = dice.between(-0.6, -0.4), dice.between(-0.12, 0.02)
    lean, box = dice.between(-0.2, 0.2), dice.between(-1.0, -0.65)
    canvas.ellipse(0, 0.75, 0.8, 0.1, dimmed(ground, 0.5))
    canvas.box(lean - 0.7, box, lean + 0.7, 0.4, load)
    for side in (-1, 1):
        inner, outer = side * 0.36, side * 0.62
        canvas.box(inner, 0.45, outer, 0.82, dice.colour(*RUBBER))
        canvas.limb(side * 0.62, top + 0.1, side * 0.75, top + 0.2, 0.05, dice.colour(*RUBBER))
    canvas.polygon((-0.58, top), (0.58, top), (0.64, 0.6), (-0.64, 0.6), colour=cab)
    canvas.polygon((-0.5, top + 0.1), (0.5, top + 0.1), (0.54, sill), (-0.54, sill), colour=glass)
    canvas.box(-0.34, sill + 0.1, 0.34, 0.4, dice.colour(*METAL, *RUBBER))
    lamp = dice.colour(*LAMP)
    for side in (-1, 1):
        canvas.ellipse(side * 0.5, 0.36, 0.1, 0.08, lamp)
    canvas.limb(-0.62, 0.55, 0.62, 0.55, 0.07, dice.colour(*METAL))
