"""A region's colours: one hue becomes the token stylesheet, in light and dark.

Lightness is fixed per token in OKLCH, so the hue a region picks cannot make text hard
to read; `theme_css` still measures every pair in `PAIRS` and refuses one that is too low.

Units    hue in degrees (30 red, 90 yellow, 150 green, 250 blue), lightness 0-1,
         chroma 0 (grey) to about 0.3 (vivid), contrast as a ratio 1-21.
Sources  OKLab by Björn Ottosson, "A perceptual color space for image processing" (2020;
         matrices of 2021-01-25). sRGB: CSS Color 4. Contrast: WCAG 2.2.
"""

import math
from collections.abc import Callable
from functools import lru_cache

DEFAULT_CHROMA = 0.09

# name: ((lightness, chroma, hue) in light mode, the same in dark). Hue None: the region's.
FIXED = {
    "bg": ((0.985, 0.005, 110), (0.205, 0.012, None)),
    "surface": ((1, 0, None), (0.2435, 0.015, None)),
    "sunken": ((0.962, 0.006, None), (0.275, 0.015, None)),
    "ink": ((0.27, 0.0225, None), (0.935, 0.0075, None)),
    "muted": ((0.46, 0.0225, None), (0.78, 0.0135, None)),
    "line": ((0.895, 0.0075, None), (0.36, 0.015, None)),
    "edge": ((0.6, 0.018, None), (0.6, 0.018, None)),
    "on-brand": ((1, 0, None), (0.19, 0.03, None)),
    "visited": ((0.42, 0.12, 310), (0.82, 0.07, 310)),
    "focus": ((0.27, 0.0225, None), (0.93, 0.1, 95)),
    "mark": ((0.93, 0.09, 95), (0.42, 0.07, 95)),
    "info-soft": ((0.955, 0.02, 250), (0.29, 0.035, 250)),
    "info": ((0.45, 0.11, 250), (0.81, 0.075, 250)),
    "ok-soft": ((0.955, 0.03, 155), (0.28, 0.035, 155)),
    "ok": ((0.44, 0.09, 155), (0.81, 0.09, 155)),
    "warn-soft": ((0.962, 0.04, 85), (0.3, 0.038, 85)),
    "warn": ((0.47, 0.09, 70), (0.84, 0.09, 85)),
    "danger-soft": ((0.955, 0.02, 20), (0.29, 0.045, 20)),
    "danger": ((0.47, 0.155, 25), (0.81, 0.09, 25)),
}
# name: (lightness, share of the region's chroma) in light mode, the same in dark.
BRAND = {
    "brand": ((0.4, 1), (0.8, 0.89)),
    "brand-hover": ((0.33, 0.8), (0.87, 0.725)),
    "soft": ((0.952, 0.2), (0.305, 0.335)),
    "link": ((0.42, 0.79), (0.83, 0.835)),
}
_PAGE = ("bg", "surface", "sunken", "soft")
_BOXES = ("info-soft", "ok-soft", "warn-soft", "danger-soft")
# (what is drawn, what it is drawn on, least contrast). Body text holds AAA (7), other
# text AA (4.5), edges of controls and the focus ring 3 (WCAG 1.4.6, 1.4.3, 1.4.11).
PAIRS = (
    *[("ink", ground, 7.0) for ground in (*_PAGE, *_BOXES)],
    ("ink", "mark", 4.5),
    *[(text, ground, 4.5) for text in ("muted", "link", "visited") for ground in (*_PAGE, *_BOXES)],
    *[("brand", ground, 4.5) for ground in _PAGE],
    ("on-brand", "brand", 4.5),
    ("on-brand", "brand-hover", 4.5),
    *[(box.removesuffix("-soft"), box, 4.5) for box in _BOXES],
    *[("danger", ground, 4.5) for ground in _PAGE],
    *[("edge", ground, 3.0) for ground in ("bg", "surface", "sunken")],
    *[("focus", ground, 3.0) for ground in (*_PAGE, *_BOXES)],
)


def hue_of(colour: str) -> int:
    """The OKLCH hue of a colour, in whole degrees: hue_of("#0062ba") is 254.

    A grey has no hue and raises ValueError, as does anything but "#rrggbb".
    """
    red, green, blue = _linear_rgb(colour)
    long = math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue)
    medium = math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue)
    short = math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue)
    green_red = 1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short
    blue_yellow = 0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short
    if math.hypot(green_red, blue_yellow) < 0.01:
        raise ValueError(f"{colour} is grey and has no hue")
    return round(math.degrees(math.atan2(blue_yellow, green_red))) % 360


def hue_from(text: str) -> int:
    """A region's colour, given as a hue 0-359 or as "#rrggbb", as a hue.

    Raises ValueError for anything else, and for a hue with a pair below its contrast.
    """
    hue = hue_of(text) if text.startswith("#") else int(text)
    if not 0 <= hue <= 359:
        raise ValueError(f"{hue} is not a hue, 0-359")
    theme_css(hue)
    return hue


def contrast(a: str, b: str) -> float:
    """WCAG contrast of two "#rrggbb" colours, 1 (the same) to 21 (black on white)."""
    luminances = []
    for colour in (a, b):
        red, green, blue = _linear_rgb(colour)
        luminances.append(0.2126 * red + 0.7152 * green + 0.0722 * blue)
    return (max(luminances) + 0.05) / (min(luminances) + 0.05)


def tokens(hue: float, chroma: float = DEFAULT_CHROMA) -> dict[str, dict[str, str]]:
    """Every token in both modes: {"light": {"bg": "#fafaf7", ...}, "dark": {...}}.

    Chroma tints the brand tokens only; greys and status colours keep their own.
    Raises ValueError for a hue or chroma that is no number, or a chroma outside 0-0.4.
    """
    if not (math.isfinite(hue) and 0 <= chroma <= 0.4):
        raise ValueError(f"No colour has hue {hue} and chroma {chroma}")
    modes = {}
    for position, mode in enumerate(("light", "dark")):
        modes[mode] = {}
        for name, per_mode in FIXED.items():
            lightness, own_chroma, own_hue = per_mode[position]
            token_hue = hue if own_hue is None else own_hue
            modes[mode][name] = _hex(lightness, own_chroma, token_hue)
        for name, per_mode in BRAND.items():
            lightness, share = per_mode[position]
            modes[mode][name] = _hex(lightness, share * chroma, hue)
    return modes


@lru_cache(maxsize=16)
def theme_css(hue: float, chroma: float = DEFAULT_CHROMA) -> str:
    """The token stylesheet. Raises ValueError naming a pair below its contrast."""
    modes = tokens(hue, chroma)
    for mode, colours in modes.items():
        for drawn, ground, least in PAIRS:
            ratio = contrast(colours[drawn], colours[ground])
            if ratio < least:
                raise ValueError(
                    f"Hue {hue:g}, chroma {chroma:g}: {drawn} on {ground} in {mode} mode"
                    f" has contrast {ratio:.2f}, less than {least}"
                )
    light, dark = modes["light"], modes["dark"]
    return f"""@layer reset, tokens, base, layout, parts, print;
@layer tokens {{
  :root {{
    color-scheme: light;
{_declarations(light, lambda name: light[name], indent=4)}
  }}
  @supports (color: light-dark(#000, #fff)) {{
    :root {{
      color-scheme: light dark;
{_declarations(light, lambda name: f"light-dark({light[name]}, {dark[name]})", indent=6)}
    }}
    :root[data-theme="light"] {{
      color-scheme: light;
    }}
    :root[data-theme="dark"] {{
      color-scheme: dark;
    }}
  }}
  @media print {{
    :root,
    :root[data-theme] {{
      color-scheme: light;
    }}
  }}
}}
"""


def _declarations(names, value_of: Callable[[str], str], *, indent: int) -> str:
    return "\n".join(f"{' ' * indent}--{name}: {value_of(name)};" for name in names)


def _linear_rgb(colour: str) -> list[float]:
    """Light per channel, 0-1, of "#rrggbb"."""
    if len(colour) != 7 or colour[0] != "#":
        raise ValueError(f"{colour!r} is not a colour like #0062ba")
    channels = [byte / 255 for byte in bytes.fromhex(colour[1:])]
    return [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]


def _hex(lightness: float, chroma: float, hue: float) -> str:
    """The nearest colour a screen can show, "#rrggbb", with chroma lowered until it can."""
    channels = _oklch_to_linear(lightness, chroma, hue)
    if not _on_screen(channels):
        low, high = 0.0, chroma
        while high - low > 0.00001:
            middle = (low + high) / 2
            if _on_screen(_oklch_to_linear(lightness, middle, hue)):
                low = middle
            else:
                high = middle
        channels = _oklch_to_linear(lightness, low, hue)
    colour = "#"
    for channel in channels:
        light = min(1.0, max(0.0, channel))
        encoded = 12.92 * light if light <= 0.0031308 else 1.055 * light ** (1 / 2.4) - 0.055
        colour += f"{round(255 * encoded):02x}"
    return colour


def _oklch_to_linear(lightness: float, chroma: float, hue: float) -> list[float]:
    """Light per sRGB channel; below 0 or above 1 when no screen can show the colour."""
    green_red = chroma * math.cos(math.radians(hue))
    blue_yellow = chroma * math.sin(math.radians(hue))
    long = (lightness + 0.3963377774 * green_red + 0.2158037573 * blue_yellow) ** 3
    medium = (lightness - 0.1055613458 * green_red - 0.0638541728 * blue_yellow) ** 3
    short = (lightness - 0.0894841775 * green_red - 1.2914855480 * blue_yellow) ** 3
    return [
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    ]


def _on_screen(channels: list[float]) -> bool:
    # White comes out a hair above 1.
    return all(-0.000001 <= channel <= 1.000001 for channel in channels)
