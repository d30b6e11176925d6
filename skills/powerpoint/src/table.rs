//! The XML of a table: a graphic frame with a grid (ECMA-376 part 1, section 21.1.3).

use crate::grid::{Column, Grid, Row, SIDE};
use crate::paragraph::paragraph;
use crate::slide::{emu, transform};
use crate::xml::{Element, element};

const TABLE: &str = "http://schemas.openxmlformats.org/drawingml/2006/table";

/// "No Style, No Grid": every cell says what it looks like, so that every program shows the same.
const NO_STYLE: &str = "{2D5ABB26-0587-4C30-8999-92F81FD0307C}";

/// The shape of a table; the description is what screen readers say.
pub(crate) fn graphic_frame(id: u32, grid: &Grid<'_>, description: &str) -> Element {
    let name = element("p:cNvPr")
        .attribute("id", id)
        .attribute("name", "Table")
        .attribute("descr", description);
    let locks = element("p:cNvGraphicFramePr").child(element("a:graphicFrameLocks").attribute("noGrp", 1));
    let height = grid.rows.iter().map(|row| row.height).sum();
    let frame = crate::fit::Frame { height, ..grid.frame };
    let data = element("a:graphicData").attribute("uri", TABLE).child(table(grid));
    element("p:graphicFrame")
        .child(
            element("p:nvGraphicFramePr")
                .child(name)
                .child(locks)
                .child(element("p:nvPr")),
        )
        .child(transform("p:xfrm", frame))
        .child(element("a:graphic").child(data))
}

fn table(grid: &Grid<'_>) -> Element {
    let direction = grid.right_to_left.then_some(("rtl", 1));
    let properties = [("firstRow", 1), ("bandRow", 1)]
        .into_iter()
        .chain(direction)
        .fold(element("a:tblPr"), |properties, (name, value)| {
            properties.attribute(name, value)
        })
        .child(element("a:tableStyleId").text(NO_STYLE));
    let columns = grid
        .columns
        .iter()
        .map(|column| element("a:gridCol").attribute("w", emu(column.width)));
    element("a:tbl")
        .child(properties)
        .child(element("a:tblGrid").children(columns))
        .children(
            grid.rows
                .iter()
                .enumerate()
                .map(|(index, row)| table_row(grid, index, row)),
        )
}

fn table_row(grid: &Grid<'_>, index: usize, row: &Row<'_>) -> Element {
    let cells = row.cells.iter().zip(&grid.columns);
    element("a:tr")
        .attribute("h", emu(row.height))
        .children(cells.map(|(text, column)| cell(text, *column, index, grid)))
}

fn cell(text: &str, column: Column, row: usize, grid: &Grid<'_>) -> Element {
    let (colour, fill) = match row {
        0 => ("bg1", Some("tx2")),
        _ => ("tx1", Some("bg2").filter(|_| row.is_multiple_of(2))),
    };
    let size = format!("{:.0}", grid.font_size * 100.0);
    let run = |name| {
        let run = element(name).attribute("sz", &size);
        let run = if row == 0 { run.attribute("b", 1) } else { run };
        run.child(solid(colour))
    };
    let properties = element("a:pPr");
    let properties = if column.numeric {
        properties.attribute("algn", "r")
    } else {
        properties
    };
    let paragraph = match text.trim() {
        "" => element("a:p").child(run("a:endParaRPr")),
        text => paragraph(text, properties, &|| run("a:rPr")),
    };
    let body = element("a:txBody")
        .child(element("a:bodyPr"))
        .child(element("a:lstStyle"))
        .child(paragraph);
    element("a:tc").child(body).child(cell_properties(fill, grid.air()))
}

fn cell_properties(fill: Option<&'static str>, air: f64) -> Element {
    let (side, end) = (emu(SIDE), emu(air));
    let rule = element("a:lnB").attribute("w", emu(0.75)).child(
        element("a:solidFill").child(
            element("a:schemeClr")
                .attribute("val", "bg2")
                .child(element("a:lumMod").attribute("val", 85_000)),
        ),
    );
    element("a:tcPr")
        .attribute("marL", &side)
        .attribute("marR", side)
        .attribute("marT", &end)
        .attribute("marB", end)
        .attribute("anchor", "ctr")
        .child(rule)
        .child(fill.map_or(element("a:noFill"), solid))
}

fn solid(colour: &str) -> Element {
    element("a:solidFill").child(element("a:schemeClr").attribute("val", colour))
}
