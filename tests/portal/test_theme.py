"""A region may pick any hue: no hue may make the site hard to read."""

import pytest

from portal.web import theme

# The chosen look, measured: hue 200, "fjord". One step of rounding per channel is allowed.
FJORD = {
    "bg": ("#fafaf7", "#111919"),
    "surface": ("#ffffff", "#182223"),
    "sunken": ("#eef4f4", "#1f2a2b"),
    "ink": ("#192a2b", "#e4ebeb"),
    "muted": ("#4a5c5d", "#aebabb"),
    "line": ("#d7dede", "#344040"),
    "edge": ("#748484", "#748484"),
    "brand": ("#005256", "#7cced2"),
    "brand-hover": ("#003e41", "#a1e2e5"),
    "on-brand": ("#ffffff", "#021819"),
    "soft": ("#e2f3f4", "#1c3435"),
    "link": ("#01585c", "#8bd7da"),
    "visited": ("#61367d", "#d2b8e7"),
    "focus": ("#192a2b", "#fde89a"),
    "mark": ("#fae8a2", "#594c1a"),
    "info-soft": ("#e6f2fe", "#1e2d3c"),
    "info": ("#1a588f", "#9cc5f0"),
    "ok-soft": ("#e1f7e7", "#1a2e21"),
    "ok": ("#1f613c", "#91d3a8"),
    "warn-soft": ("#fff1d5", "#372c17"),
    "warn": ("#7b5117", "#e6c686"),
    "danger-soft": ("#feebeb", "#3f2222"),
    "danger": ("#a0292a", "#f6aaa4"),
}


def channels(colour):
    return bytes.fromhex(colour[1:])


@pytest.mark.parametrize("chroma", [0, 0.045, theme.DEFAULT_CHROMA, 0.15, 0.3])
def test_every_hue_keeps_every_pair_above_its_contrast(chroma):
    too_low = []
    for hue in range(360):
        for mode, colours in theme.tokens(hue, chroma).items():
            for drawn, ground, least in theme.PAIRS:
                if theme.contrast(colours[drawn], colours[ground]) < least:
                    too_low.append((hue, mode, drawn, ground))

    assert too_low == []


def test_hue_200_gives_the_chosen_look():
    modes = theme.tokens(200)

    assert modes["light"].keys() == modes["dark"].keys() == FJORD.keys()
    for name, (light, dark) in FJORD.items():
        for expected, got in ((light, modes["light"][name]), (dark, modes["dark"][name])):
            steps = [abs(a - b) for a, b in zip(channels(expected), channels(got), strict=True)]
            assert max(steps) <= 1, f"{name}: {got} instead of {expected}"


def test_every_pair_names_tokens_that_exist():
    assert {name for pair in theme.PAIRS for name in pair[:2]} <= FJORD.keys()


def test_hues_a_turn_apart_give_the_same_colours():
    assert theme.tokens(560) == theme.tokens(200) == theme.tokens(-160)


def test_stylesheet_gives_plain_light_values_before_the_pairs():
    css = theme.theme_css(200)
    plain, pairs = css.split("@supports (color: light-dark(#000, #fff))")

    assert plain.startswith("@layer reset, tokens, base, layout, parts, print;")
    for name, value in theme.tokens(200)["light"].items():
        assert f"--{name}: {value};" in plain
        assert f"--{name}: light-dark({value}, {theme.tokens(200)['dark'][name]});" in pairs
    assert ':root[data-theme="dark"]' in pairs
    assert css.count("{") == css.count("}")
    assert "url(" not in css


def test_print_forces_light_after_the_readers_choice():
    css = theme.theme_css(200)

    assert css.index("@media print") > css.index('[data-theme="dark"]')
    assert "color-scheme: light;" in css[css.index("@media print") :]


def test_pair_below_its_contrast_is_named(monkeypatch):
    monkeypatch.setattr(theme, "PAIRS", (("line", "bg", 3.0),))
    theme.theme_css.cache_clear()

    with pytest.raises(ValueError, match=r"line on bg in light mode has contrast 1\.3"):
        theme.theme_css(200)


@pytest.mark.parametrize(
    ("hue", "chroma"),
    [(float("nan"), 0.09), (float("inf"), 0.09), (200, -0.1), (200, 0.5), (200, float("nan"))],
)
def test_impossible_colour_is_refused(hue, chroma):
    with pytest.raises(ValueError, match="No colour has hue"):
        theme.theme_css(hue, chroma)


@pytest.mark.parametrize(
    ("colour", "hue"),
    [("#0062ba", 254), ("#005256", 200), ("#ff0000", 29), ("#00FF00", 142)],
)
def test_hue_of(colour, hue):
    assert theme.hue_of(colour) == hue


@pytest.mark.parametrize("colour", ["#808080", "#fff", "0062ba", "#0062bz", ""])
def test_hue_of_refuses_what_has_no_hue(colour):
    with pytest.raises(ValueError, match=r".+"):
        theme.hue_of(colour)


@pytest.mark.parametrize(
    ("a", "b", "ratio"),
    [("#000000", "#ffffff", 21), ("#fff000", "#fff000", 1), ("#767676", "#ffffff", 4.54)],
)
def test_contrast(a, b, ratio):
    assert theme.contrast(a, b) == theme.contrast(b, a) == pytest.approx(ratio, abs=0.01)
