"""Birds, cats, deer, dogs, frogs and horses, each seen from two sides."""

from .canvas import dimmed

__all__ = [
    "bird_flying",
    "bird_perched",
    "cat_front",
    "cat_side",
    "deer_front",
    "deer_side",
    "dog_front",
    "dog_side",
    "frog_above",
    "frog_side",
    "horse_head",
    "horse_side",
]

FUR = (
    (0.55, 0.4, 0.28),
    (0.35, 0.25, 0.18),
    (0.8, 0.72, 0.6),
    (0.15, 0.14, 0.14),
    (0.6, 0.58, 0.56),
    (0.9, 0.88, 0.85),
    (0.75, 0.5, 0.25),
)
HIDE = (
    (0.5, 0.32, 0.2),
    (0.35, 0.22, 0.14),
    (0.65, 0.48, 0.33),
    (0.2, 0.15, 0.13),
    (0.8, 0.75, 0.7),
)
FAWN = ((0.6, 0.42, 0.26), (0.5, 0.36, 0.24), (0.7, 0.52, 0.34), (0.42, 0.34, 0.28))
PLUMAGE = (
    (0.35, 0.3, 0.25),
    (0.2, 0.35, 0.65),
    (0.75, 0.25, 0.2),
    (0.85, 0.75, 0.25),
    (0.9, 0.9, 0.9),
    (0.15, 0.15, 0.18),
    (0.55, 0.5, 0.45),
)
SKIN = (
    (0.35, 0.55, 0.2),
    (0.5, 0.6, 0.25),
    (0.45, 0.38, 0.22),
    (0.25, 0.4, 0.25),
    (0.7, 0.55, 0.2),
)
BEAK = ((0.9, 0.6, 0.15), (0.25, 0.22, 0.2))
HORN = ((0.45, 0.35, 0.25), (0.75, 0.65, 0.5), (0.3, 0.22, 0.15))
DARK = ((0.07, 0.06, 0.06),)
WOOD = ((0.35, 0.25, 0.17),)


def bird_perched(canvas, dice, ground):
    coat, belly = dice.colour(*PLUMAGE), dice.colour(*PLUMAGE, (0.85, 0.8, 0.7))
    nod = dice.between(-0.1, 0.12)
    tail = dice.between(0.2, 0.75)
    leg = dice.colour(*BEAK)
    for x in (-0.05, 0.1):
        canvas.limb(x, 0.3, x + 0.02, 0.75, 0.03, leg)
    canvas.limb(
        -1.5, 0.78, 1.5, dice.between(0.65, 0.9), 0.06, dice.colour(*WOOD), shown=dice.chance(0.5)
    )
    canvas.polygon(
        (-0.35, 0.0), (-0.3, 0.28), (-0.9, tail), (-1.0, tail - 0.15), colour=dimmed(coat, 0.75)
    )
    canvas.limb(-0.22, 0.14, 0.2, -0.1, 0.25, coat, end=0.22)
    canvas.limb(0.0, 0.22, 0.25, 0.0, 0.15, belly)
    head = -0.42 + nod
    canvas.polygon(
        (0.5, head - 0.07), (0.5, head + 0.08), (0.84, head + 0.05), colour=dice.colour(*BEAK)
    )
    canvas.limb(0.24, -0.15, 0.36, head, 0.17, coat, end=0.19)
    canvas.limb(-0.5, 0.22, 0.08, -0.02, 0.07, dimmed(coat, 0.65), end=0.15)
    canvas.ellipse(0.42, head - 0.03, 0.05, 0.05, dice.colour(*DARK))


def bird_flying(canvas, dice, ground):
    coat = dice.colour(*PLUMAGE)
    flap, spread = dice.between(-0.95, -0.35), dice.between(-0.6, 0.3)
    other = dice.between(-0.9, 0.7)
    tip = dice.between(-0.6, 0.1)
    for end, x, shade in ((other, spread, 0.65), (flap, tip, 0.85)):
        wrist = 0.5 * end - 0.06
        canvas.polygon(
            (-0.28, 0),
            (0.22, 0),
            (0.5 * x + 0.3, wrist),
            (0.5 * x - 0.2, wrist),
            colour=dimmed(coat, shade),
        )
        canvas.polygon(
            (0.5 * x - 0.2, wrist),
            (0.5 * x + 0.3, wrist),
            (x, end),
            (x - 0.22, end + 0.05),
            colour=dimmed(coat, 0.8 * shade),
        )
    canvas.polygon(
        (-0.3, -0.05), (-0.3, 0.1), (-0.85, 0.2), (-0.9, -0.05), colour=dimmed(coat, 0.8)
    )
    canvas.limb(-0.35, 0.04, 0.3, 0.0, 0.1, coat, end=0.15)
    canvas.ellipse(0.48, -0.06, 0.15, 0.12, coat)
    canvas.polygon((0.58, -0.1), (0.58, 0.0), (0.82, -0.02), colour=dice.colour(*BEAK))
    canvas.ellipse(0.52, -0.08, 0.035, 0.035, dice.colour(*DARK))


def _four_legged(canvas, dice, coat, long, deep, leg, thick):
    """Paint legs and body; the shoulder is at (long, 0), the hip at (-long, 0)."""
    for x, shade in (
        (long - 0.08, 0.6),
        (-long - 0.06, 0.6),
        (long + 0.04, 0.9),
        (-long + 0.04, 0.9),
    ):
        knee, foot = x + dice.between(-0.1, 0.1), x + dice.between(-0.16, 0.16)
        colour = dimmed(coat, shade)
        canvas.limb(x, 0.05, knee, 0.5 * (deep + leg), 1.5 * thick, colour, end=thick)
        canvas.limb(knee, 0.5 * (deep + leg), foot, leg, thick, colour)
    canvas.limb(-long, 0, long, 0, deep * dice.between(0.85, 1.1), coat, end=deep)


def _turned_face(dice):
    """Draw how far a head that looks at us is turned aside."""
    return dice.between(-0.12, 0.12)


def cat_side(canvas, dice, ground):
    coat = dice.colour(*FUR)
    tail, tip = dice.between(-0.5, 0.3), dice.between(-0.9, -0.3)
    canvas.limb(-0.45, -0.02, -0.78, tail, 0.055, coat)
    canvas.limb(-0.78, tail, -0.85, tail + tip, 0.055, coat, end=0.045)
    _four_legged(canvas, dice, coat, 0.36, dice.between(0.15, 0.22), dice.between(0.45, 0.58), 0.05)
    for x in (-0.25, -0.08, 0.09, 0.26):
        canvas.limb(x, -0.17, x + 0.03, 0.03, 0.025, dimmed(coat, 0.5), shown=dice.chance(0.45))
    x, y = dice.between(0.5, 0.62), dice.between(-0.38, -0.1)
    for side in (-0.11, 0.09):
        canvas.polygon(
            (x + side - 0.08, y - 0.1),
            (x + side + 0.08, y - 0.1),
            (x + side, y - 0.34),
            colour=dimmed(coat, 0.75),
        )
    canvas.ellipse(x, y, 0.2, 0.18, coat)
    canvas.ellipse(x + 0.14, y + 0.06, 0.09, 0.07, dimmed(coat, 1.25))
    canvas.ellipse(
        x + 0.06, y - 0.03, 0.045, 0.045, dice.colour((0.6, 0.75, 0.2), (0.85, 0.7, 0.2))
    )


def cat_front(canvas, dice, ground):
    coat, aside = dice.colour(*FUR), _turned_face(dice)
    tail = dice.sign()
    canvas.limb(tail * 0.35, 0.75, tail * 0.8, dice.between(0.2, 0.7), 0.07, dimmed(coat, 0.8))
    canvas.limb(0, 0.25, 0, 0.75, 0.3, dimmed(coat, 0.9), end=0.4)
    high, broad = dice.between(-0.98, -0.78), dice.between(0.38, 0.46)
    for side in (-1, 1):
        canvas.polygon(
            (side * broad, -0.3), (side * 0.08, -0.5), (side * 0.36, high), colour=dimmed(coat, 0.8)
        )
        canvas.polygon(
            (side * 0.34, -0.45),
            (side * 0.18, -0.5),
            (side * 0.33, high + 0.14),
            colour=dice.colour((0.8, 0.6, 0.55)),
        )
    canvas.ellipse(0, -0.22, broad, 0.35, coat)
    for x in (-0.12, 0.0, 0.12):
        canvas.limb(
            x + aside, -0.54, x + aside, -0.42, 0.02, dimmed(coat, 0.5), shown=dice.chance(0.45)
        )
    canvas.ellipse(aside, -0.05, 0.17, 0.12, dimmed(coat, 1.3))
    iris = dice.colour((0.6, 0.75, 0.2), (0.85, 0.7, 0.2), (0.4, 0.65, 0.75))
    for side in (-1, 1):
        canvas.ellipse(side * 0.18 + aside, -0.26, 0.09, 0.075, iris)
        canvas.ellipse(side * 0.18 + aside, -0.26, 0.03, 0.075, dice.colour(*DARK))
    canvas.polygon(
        (aside - 0.06, -0.12),
        (aside + 0.06, -0.12),
        (aside, -0.04),
        colour=dice.colour((0.75, 0.45, 0.45)),
    )


def dog_side(canvas, dice, ground):
    coat, patch = dice.colour(*FUR), dice.colour(*FUR)
    canvas.limb(-0.45, -0.08, -0.75, dice.between(-0.55, 0.2), 0.06, coat, end=0.04)
    _four_legged(canvas, dice, coat, 0.36, dice.between(0.16, 0.24), dice.between(0.52, 0.7), 0.06)
    canvas.ellipse(dice.between(-0.3, 0.2), -0.04, 0.16, 0.13, patch, shown=dice.chance(0.4))
    x, y = dice.between(0.5, 0.62), dice.between(-0.45, -0.22)
    canvas.limb(0.36, -0.05, x, y, 0.15, coat, end=0.12)
    drop = dice.between(0.02, 0.1)
    canvas.limb(x + 0.08, y + 0.02, x + dice.between(0.26, 0.36), y + drop, 0.1, coat, end=0.065)
    canvas.ellipse(x, y, 0.18, 0.16, coat)
    canvas.ellipse(x + 0.37, y + drop - 0.03, 0.05, 0.045, dice.colour(*DARK))
    canvas.ellipse(x - 0.11, y + dice.between(-0.12, 0.12), 0.08, 0.16, dimmed(patch, 0.7))
    canvas.ellipse(x + 0.08, y - 0.05, 0.035, 0.035, dice.colour(*DARK))


def dog_front(canvas, dice, ground):
    coat, ears, aside = dice.colour(*FUR), dice.colour(*FUR), _turned_face(dice)
    canvas.limb(0, 0.25, 0, 0.75, 0.3, dimmed(coat, 0.9), end=0.38)
    canvas.ellipse(0, -0.22, 0.34, 0.38, coat)
    hang = dice.between(-0.3, 0.0)
    for side in (-1, 1):
        canvas.limb(side * 0.3, -0.45, side * 0.44, hang + 0.08, 0.1, dimmed(ears, 0.75), end=0.13)
        canvas.ellipse(side * 0.15 + aside, -0.3, 0.055, 0.055, dice.colour(*DARK))
    canvas.ellipse(aside, 0.2, 0.08, 0.13, dice.colour((0.85, 0.4, 0.42)), shown=dice.chance(0.45))
    canvas.ellipse(1.3 * aside, 0.0, 0.21, 0.19, dimmed(coat, 1.25))
    canvas.ellipse(1.3 * aside, -0.08, 0.1, 0.075, dice.colour(*DARK))
    canvas.limb(1.3 * aside, -0.05, 1.3 * aside, 0.1, 0.02, dice.colour(*DARK))


def deer_side(canvas, dice, ground):
    coat, horn = dice.colour(*FAWN), dice.colour(*HORN)
    _four_legged(canvas, dice, coat, 0.34, dice.between(0.15, 0.2), dice.between(0.72, 0.85), 0.035)
    canvas.ellipse(-0.52, -0.06, 0.07, 0.11, dice.colour((0.9, 0.88, 0.82)))
    canvas.limb(-0.3, 0.13, 0.25, 0.13, 0.05, dimmed(coat, 1.35))
    x, y = dice.between(0.45, 0.65), dice.between(-0.58, -0.35)
    canvas.limb(0.34, -0.05, x, y, 0.12, coat, end=0.08)
    antlers = dice.chance(0.75)
    for back, lean in ((0.0, dice.between(-0.3, 0.0)), (0.06, dice.between(0.0, 0.25))):
        tip = x + lean
        canvas.limb(x - back, y - 0.08, tip, y - 0.4, 0.035, horn, shown=antlers)
        middle = 0.5 * (x + tip)
        canvas.limb(middle, y - 0.24, middle + 0.2, y - 0.36, 0.025, horn, shown=antlers)
        canvas.limb(tip, y - 0.38, tip + 0.16, y - 0.52, 0.025, horn, shown=antlers)
    canvas.limb(x, y, x + 0.24, y + dice.between(0.02, 0.12), 0.1, coat, end=0.055)
    canvas.ellipse(x - 0.12, y - 0.08, 0.11, 0.05, dimmed(coat, 0.8))
    canvas.ellipse(x + 0.06, y - 0.03, 0.03, 0.03, dice.colour(*DARK))


def deer_front(canvas, dice, ground):
    coat, horn, aside = dice.colour(*FAWN), dice.colour(*HORN), _turned_face(dice)
    canvas.limb(0, 0.95, 0, 0.15, 0.34, dimmed(coat, 0.85), end=0.2)
    broad, antlers = dice.between(0.35, 0.6), dice.chance(0.8)
    for side in (-1, 1):
        canvas.limb(side * 0.1, -0.3, side * broad, -0.68, 0.045, horn, shown=antlers)
        canvas.limb(side * broad, -0.68, side * (broad - 0.1), -1.0, 0.04, horn, shown=antlers)
        canvas.limb(
            side * 0.6 * broad, -0.52, side * 0.5 * broad, -0.85, 0.035, horn, shown=antlers
        )
        canvas.limb(
            side * 0.2,
            -0.22,
            side * 0.48,
            dice.between(-0.4, -0.15),
            0.09,
            dimmed(coat, 0.75),
            end=0.05,
        )
    canvas.limb(0, -0.15, aside, 0.3, 0.22, coat, end=0.12)
    for side in (-1, 1):
        canvas.ellipse(side * 0.17, -0.12, 0.05, 0.055, dice.colour(*DARK))
    canvas.ellipse(aside, 0.34, 0.12, 0.08, dimmed(coat, 1.4))
    canvas.ellipse(aside, 0.32, 0.08, 0.055, dice.colour(*DARK))


def frog_side(canvas, dice, ground):
    skin = dice.colour(*SKIN)
    lift = dice.between(-0.2, 0.05)
    canvas.limb(-0.45, 0.25, 0.3, lift, 0.26, skin, end=0.27)
    canvas.ellipse(0.15, 0.25, 0.36, 0.15, dimmed(skin, 1.4))
    canvas.limb(0.1, lift + 0.14, 0.56, lift + 0.08, 0.03, dimmed(skin, 0.4))
    canvas.ellipse(0.3, lift - 0.27, 0.14, 0.13, skin)
    canvas.ellipse(
        0.33, lift - 0.28, 0.085, 0.085, dice.colour((0.85, 0.75, 0.2), (0.75, 0.3, 0.15))
    )
    canvas.ellipse(0.34, lift - 0.28, 0.045, 0.045, dice.colour(*DARK))
    canvas.limb(0.25, 0.15, dice.between(0.28, 0.45), 0.5, 0.08, dimmed(skin, 0.8), end=0.06)
    canvas.limb(0.36, 0.52, 0.55, 0.53, 0.05, dimmed(skin, 0.8))
    canvas.ellipse(-0.42, dice.between(0.18, 0.3), 0.32, 0.2, dimmed(skin, 0.75))
    canvas.limb(-0.65, 0.48, -0.1, 0.53, 0.07, dimmed(skin, 0.65), end=0.05)
    for _ in range(3):
        spot = (dice.between(-0.5, 0.2), dice.between(-0.1, 0.2))
        canvas.ellipse(*spot, 0.08, 0.06, dimmed(skin, 0.5), shown=dice.chance(0.5))


def frog_above(canvas, dice, ground):
    skin = dice.colour(*SKIN)
    bent, stretch = dice.between(0.5, 0.8), dice.between(0.3, 0.8)
    for side in (-1, 1):
        knee, foot = side * bent, side * dice.between(0.4, 0.75)
        canvas.limb(side * 0.2, 0.35, knee, 0.15, 0.12, dimmed(skin, 0.85), end=0.09)
        canvas.limb(knee, 0.15, foot, stretch, 0.09, dimmed(skin, 0.7), end=0.06)
        hand = side * dice.between(0.45, 0.65), dice.between(-0.6, -0.2)
        canvas.limb(side * 0.22, -0.15, *hand, 0.08, dimmed(skin, 0.75), end=0.06)
    canvas.ellipse(0, 0.08, dice.between(0.3, 0.4), 0.46, skin)
    canvas.ellipse(0, -0.36, 0.3, 0.24, skin)
    canvas.limb(0, -0.3, 0, 0.4, 0.05, dimmed(skin, 1.45), shown=dice.chance(0.4))
    for side in (-1, 1):
        canvas.ellipse(side * 0.22, -0.46, 0.1, 0.1, dimmed(skin, 1.3))
        canvas.ellipse(side * 0.23, -0.47, 0.05, 0.05, dice.colour(*DARK))
        spot = (side * dice.between(0.05, 0.25), dice.between(-0.1, 0.3))
        canvas.ellipse(*spot, 0.07, 0.07, dimmed(skin, 0.5), shown=dice.chance(0.6))


def horse_side(canvas, dice, ground):
    coat, mane = dice.colour(*HIDE), dice.colour(*HIDE, *DARK)
    canvas.limb(-0.6, -0.1, dice.between(-0.9, -0.68), dice.between(0.2, 0.5), 0.05, mane, end=0.08)
    _four_legged(canvas, dice, coat, 0.42, dice.between(0.2, 0.25), dice.between(0.72, 0.85), 0.05)
    grazing = dice.chance(0.2)
    x = dice.between(0.68, 0.82)
    y = dice.between(-0.65, -0.4) + grazing * 0.85
    canvas.limb(0.38, -0.16, x - 0.06, y - 0.06, 0.12, mane, end=0.1)
    canvas.limb(0.45, -0.05, x, y, 0.18, coat, end=0.11)
    canvas.polygon((x - 0.1, y - 0.05), (x + 0.06, y - 0.06), (x - 0.02, y - 0.26), colour=coat)
    canvas.limb(x, y, x + 0.2, y + dice.between(0.2, 0.32), 0.11, coat, end=0.075)
    canvas.ellipse(x + 0.05, y + 0.02, 0.03, 0.03, dice.colour(*DARK))


def horse_head(canvas, dice, ground):
    coat, mane = dice.colour(*HIDE), dice.colour(*HIDE, *DARK)
    x, y = dice.between(0.5, 0.7), dice.between(0.2, 0.5)
    canvas.limb(-0.8, 0.75, -0.05, -0.55, 0.3, mane, end=0.14)
    canvas.limb(-0.5, 0.95, 0.05, -0.35, 0.45, coat, end=0.24)
    for lean in (-0.08, 0.1):
        canvas.polygon(
            (lean - 0.08, -0.5), (lean + 0.1, -0.5), (lean + 0.04, -0.88), colour=dimmed(coat, 0.85)
        )
    canvas.limb(0.08, -0.35, x, y, 0.24, coat, end=0.14)
    canvas.limb(
        0.16,
        -0.45,
        x + 0.08,
        y - 0.12,
        0.04,
        dice.colour((0.92, 0.9, 0.88)),
        shown=dice.chance(0.4),
    )
    strap = dice.colour(*HIDE, *DARK)
    canvas.limb(x - 0.26, y + 0.02, x - 0.02, y - 0.26, 0.03, strap, shown=dice.chance(0.4))
    canvas.ellipse(x + 0.03, y + 0.03, 0.04, 0.04, dice.colour(*DARK))
    canvas.ellipse(0.16, -0.26, 0.055, 0.05, dice.colour(*DARK))
