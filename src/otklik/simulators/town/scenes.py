"""Photos of the invented town: simple scenes drawn by us, before the work and after it."""

from __future__ import annotations

from enum import StrEnum
from io import BytesIO
from random import Random

from PIL import Image, ImageDraw, ImageFilter

WIDTH, HEIGHT = 1280, 960
_HORIZON = 420


class Scene(StrEnum):
    """What a photo is about."""

    ROAD = "road"
    LAMP = "lamp"


def photo_of(scene: Scene, *, mended: bool) -> bytes:
    """Return a JPEG of a scene, the same each time: as the resident found it, or as it is once mended."""
    dice = Random(f"{scene}")
    match scene:
        case Scene.ROAD:
            picture = _road(dice, mended=mended)
        case Scene.LAMP:
            picture = _lamp(dice, lit=mended)
    into = BytesIO()
    picture.save(into, "JPEG", quality=88)
    return into.getvalue()


def _road(dice: Random, *, mended: bool) -> Image.Image:
    picture = _street(dice, sky=("#bcd3e6", "#e9eef0"), walls=("#d9c7a8", "#c9b08e", "#b9c3c9"), windows="#6c7f8e")
    draw = ImageDraw.Draw(picture)
    draw.polygon([(0, HEIGHT), (430, _HORIZON + 40), (850, _HORIZON + 40), (WIDTH, HEIGHT)], fill="#6b6d70")
    for row in range(6):
        top = _HORIZON + 70 + row * row * 17
        draw.polygon(
            [(636 - row, top), (644 + row, top), (648 + row * 2, top + 26), (632 - row * 2, top + 26)], "#e8e6df"
        )
    if mended:
        draw.polygon([(430, 700), (810, 690), (870, 820), (380, 835)], fill="#43454a")
        draw.line([(430, 700), (810, 690), (870, 820), (380, 835), (430, 700)], fill="#2f3134", width=5)
    else:
        for spread, colour in ((0, "#4a4641"), (26, "#37322d"), (52, "#58707f")):
            box = (400 + spread * 1.6, 690 + spread * 0.6, 850 - spread * 1.6, 836 - spread * 0.6)
            draw.ellipse(box, fill=colour)
        for _ in range(60):
            x, y = dice.gauss(620, 190), dice.gauss(765, 62)
            size = dice.randint(3, 11)
            draw.ellipse((x, y, x + size, y + size * 0.7), fill=dice.choice(("#57534d", "#7d7870", "#3d3a36")))
    return _grained(picture, dice)


def _lamp(dice: Random, *, lit: bool) -> Image.Image:
    sky = ("#1c2740", "#39435c") if lit else ("#121826", "#1f2637")
    picture = _street(dice, sky=sky, walls=("#2b2f3d", "#262a38", "#313546"), windows="#d9b96a" if lit else "#3a3f50")
    draw = ImageDraw.Draw(picture)
    draw.polygon([(0, HEIGHT), (470, _HORIZON + 40), (810, _HORIZON + 40), (WIDTH, HEIGHT)], fill="#2a2d34")
    draw.rectangle((902, 210, 916, 830), fill="#4b4f58")
    draw.line([(909, 214), (800, 190)], fill="#4b4f58", width=12)
    draw.ellipse((760, 176, 836, 214), fill="#ffe9b0" if lit else "#5a5e68")
    if lit:
        glow = Image.new("RGB", (WIDTH, HEIGHT), "#000000")
        light = ImageDraw.Draw(glow)
        light.polygon([(798, 200), (300, 930), (1180, 930)], fill="#6a5a2e")
        light.ellipse((700, 110, 896, 290), fill="#8a7740")
        glow = glow.filter(ImageFilter.GaussianBlur(60))
        picture = Image.blend(
            picture,
            Image.merge("RGB", [Image.eval(channel, lambda value: min(255, value * 2)) for channel in glow.split()]),
            0.38,
        )
    return _grained(picture, dice)


def _street(dice: Random, *, sky: tuple[str, str], walls: tuple[str, ...], windows: str) -> Image.Image:
    strip = Image.new("RGB", (1, 2))
    for row, colour in enumerate(sky):
        strip.paste(colour, (0, row, 1, row + 1))
    picture = strip.resize((WIDTH, HEIGHT), Image.Resampling.BICUBIC)
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, _HORIZON + 40, WIDTH, HEIGHT), fill=walls[0])
    left = -40
    while left < WIDTH:
        width, top = dice.randint(170, 260), dice.randint(170, 280)
        draw.rectangle((left, top, left + width, _HORIZON + 60), fill=dice.choice(walls))
        for column in range(left + 24, left + width - 30, 52):
            for row in range(top + 26, _HORIZON + 10, 58):
                draw.rectangle((column, row, column + 24, row + 32), fill=windows)
        left += width + dice.randint(4, 34)
    return picture


def _grained(picture: Image.Image, dice: Random) -> Image.Image:
    grain = Image.frombytes("L", (WIDTH // 4, HEIGHT // 4), dice.randbytes(WIDTH * HEIGHT // 16)).resize(picture.size)
    return Image.blend(picture, Image.merge("RGB", (grain, grain, grain)), 0.05)
