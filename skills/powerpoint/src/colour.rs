//! The colours of a deck, all derived from one, so that text on them can be read whatever was chosen.

use std::fmt;

/// The colours that the theme is made of.
#[derive(Debug, PartialEq)]
pub(crate) struct Palette {
    /// What was asked for: bands, marks, bullets.
    pub accent: Colour,
    /// Darkened until white text on it, and it on white, can be read: titles, the first slide, table headers.
    pub dark: Colour,
    /// Stands out against `dark`.
    pub light: Colour,
    /// Nearly white: the slides of sections, every other row of a table.
    pub pale: Colour,
}

/// A colour of sRGB.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Colour([u8; 3]);

/// Contrast of text that everybody can read (WCAG 2.2, success criterion 1.4.6, level AAA).
const READABLE: f64 = 7.0;

const BLACK: Colour = Colour([0; 3]);
const WHITE: Colour = Colour([255; 3]);

impl Palette {
    /// The palette around an accent.
    pub(crate) fn of(accent: Colour) -> Self {
        let dark = (0..=100)
            .map(|percent| accent.mix(BLACK, percent))
            .find(|shade| shade.contrast(WHITE) >= READABLE)
            .unwrap_or(BLACK);
        Self {
            accent,
            dark,
            light: accent.mix(WHITE, 60),
            pale: accent.mix(WHITE, 92),
        }
    }
}

impl Default for Palette {
    fn default() -> Self {
        Self::of(Colour([0x1F, 0x6F, 0xEB]))
    }
}

impl Colour {
    /// Reads `#RRGGBB`; the `#` may be missing.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('#').unwrap_or(text);
        if digits.len() != 6 || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        let [_, red, green, blue] = u32::from_str_radix(digits, 16).ok()?.to_be_bytes();
        Some(Self([red, green, blue]))
    }

    fn mix(self, other: Self, percent: u16) -> Self {
        let mut mixed = self.0;
        for (channel, other) in mixed.iter_mut().zip(other.0) {
            let sum = u16::from(*channel) * (100 - percent) + u16::from(other) * percent;
            *channel = u8::try_from(sum / 100).unwrap_or(u8::MAX);
        }
        Self(mixed)
    }

    /// The contrast ratio of WCAG 2.2: from 1 to 21.
    fn contrast(self, other: Self) -> f64 {
        let (one, two) = (self.luminance(), other.luminance());
        (one.max(two) + 0.05) / (one.min(two) + 0.05)
    }

    fn luminance(self) -> f64 {
        let [red, green, blue] = self.0.map(|channel| {
            let share = f64::from(channel) / 255.0;
            if share <= 0.040_45 {
                share / 12.92
            } else {
                ((share + 0.055) / 1.055).powf(2.4)
            }
        });
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    }
}

/// Six hexadecimal digits, as DrawingML writes colours.
impl fmt::Display for Colour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [red, green, blue] = self.0;
        write!(f, "{red:02X}{green:02X}{blue:02X}")
    }
}
