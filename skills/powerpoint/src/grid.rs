//! Lays out a table: the widths of its columns, the height of its rows, and how many slides it takes.

use std::iter;

use crate::Table;
use crate::fit::{self, Frame};
use crate::text::{is_number, is_right_to_left, least_width, line_count, natural_width};

/// The part of a table that stands on one slide. Lengths are points.
pub(crate) struct Grid<'a> {
    pub frame: Frame,
    pub font_size: f64,
    pub columns: Vec<Column>,
    /// The header is the first row.
    pub rows: Vec<Row<'a>>,
    pub right_to_left: bool,
}

impl Grid<'_> {
    /// Above and below the text of each cell.
    pub(crate) fn air(&self) -> f64 {
        self.font_size * AIR
    }
}

#[derive(Clone, Copy)]
pub(crate) struct Column {
    pub width: f64,
    /// Numbers are read by their last digit.
    pub numeric: bool,
}

#[derive(Clone, Copy)]
pub(crate) struct Row<'a> {
    pub cells: &'a [String],
    pub height: f64,
}

/// Between the left or right edge of a cell and its text.
pub(crate) const SIDE: f64 = 9.0;

/// Above and below the text of a cell, as a share of its size.
const AIR: f64 = 0.4;

/// Sizes that read well; a table that is too long at the last one continues on another slide.
const FONT_SIZES: [f64; 4] = [18.0, 16.0, 14.0, 12.0];

/// No column asks for more than this, in ems, so that one long text does not starve the others.
const WIDEST: f64 = 40.0;

/// The table in as few slides as it needs. The first has room for it in `first`, the others in `rest`.
pub(crate) fn lay_out(table: &Table, first: Frame, rest: Frame) -> Vec<Grid<'_>> {
    let mut grids = Vec::new();
    for font_size in FONT_SIZES {
        grids = split(table, font_size, first, rest);
        if grids.len() == 1 {
            break;
        }
    }
    grids
}

fn split<'a>(table: &'a Table, font_size: f64, first: Frame, rest: Frame) -> Vec<Grid<'a>> {
    let columns = columns(table, font_size, first.width);
    let measured = |cells| Row {
        cells,
        height: row_height(cells, &columns, font_size),
    };
    let header = measured(table.header.as_slice());
    let body: Vec<_> = table.rows.iter().map(|cells| measured(cells.as_slice())).collect();
    let total = body.iter().map(|row| row.height).sum::<f64>() + rest.height - first.height;
    let parts = fit::evenly(total, rest.height - header.height, |room| {
        packed(&body, room.min(first.height - header.height), room)
    });
    let right_to_left = table.header.iter().any(|heading| is_right_to_left(heading));
    let frames = iter::once(first).chain(iter::repeat(rest));
    let grid = |(rows, frame): (Vec<Row<'a>>, _)| Grid {
        frame,
        font_size,
        columns: columns.clone(),
        rows: iter::once(header).chain(rows).collect(),
        right_to_left,
    };
    parts.into_iter().zip(frames).map(grid).collect()
}

fn packed<'a>(body: &[Row<'a>], first: f64, rest: f64) -> Vec<Vec<Row<'a>>> {
    let (mut parts, mut part, mut left) = (Vec::new(), Vec::new(), first);
    for row in body {
        if row.height > left && !part.is_empty() {
            parts.push(std::mem::take(&mut part));
            left = rest;
        }
        part.push(*row);
        left -= row.height;
    }
    parts.push(part);
    parts
}

/// Every column gets the width of its longest word, and of what is left, a share by the length of its texts.
fn columns(table: &Table, font_size: f64, width: f64) -> Vec<Column> {
    let padding = 2.0 * SIDE;
    let wanted: Vec<_> = (0..table.header.len())
        .map(|column| {
            let widest = |measure: fn(&str) -> f64| cells(table, column).map(measure).fold(1.0, f64::max).min(WIDEST);
            let least = widest(least_width) * font_size * BOLD + padding;
            (least, widest(natural_width) * font_size * BOLD + padding)
        })
        .collect();
    let least: f64 = wanted.iter().map(|(least, _)| least).sum();
    let natural: f64 = wanted.iter().map(|(_, natural)| natural).sum();
    let share = |(least_here, natural_here): &(f64, f64)| {
        if least >= width {
            width * least_here / least
        } else if natural <= width {
            width * natural_here / natural
        } else {
            least_here + (width - least) * (natural_here - least_here) / (natural - least)
        }
    };
    let numeric = |column| {
        let mut filled = body(table, column).filter(|cell| !cell.trim().is_empty()).peekable();
        filled.peek().is_some() && filled.all(is_number)
    };
    wanted
        .iter()
        .enumerate()
        .map(|(column, wanted)| Column {
            width: share(wanted),
            numeric: numeric(column),
        })
        .collect()
}

/// The header is bold, and letters differ between fonts.
const BOLD: f64 = 1.08;

fn row_height(cells: &[String], columns: &[Column], font_size: f64) -> f64 {
    let lines = cells
        .iter()
        .zip(columns)
        .map(|(cell, column)| line_count(cell, (column.width - 2.0 * SIDE) / (font_size * BOLD)))
        .max();
    f64::from(lines.unwrap_or(1)) * font_size * 1.2 + 2.0 * font_size * AIR
}

fn cells(table: &Table, column: usize) -> impl Iterator<Item = &str> {
    let heading = table.header.get(column).into_iter().map(String::as_str);
    heading.chain(body(table, column))
}

fn body(table: &Table, column: usize) -> impl Iterator<Item = &str> {
    table
        .rows
        .iter()
        .filter_map(move |row| row.get(column))
        .map(String::as_str)
}
