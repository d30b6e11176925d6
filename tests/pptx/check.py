"""Compares a deck with the outline that it was made from, as python-pptx reads it.

usage: check.py DECK OUTLINE.json
"""

import json
import sys

from pptx import Presentation
from pptx.oxml import parse_xml

DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
POWERPOINT = "{http://schemas.microsoft.com/office/powerpoint/2010/main}"


def main(deck, outline):
    with open(outline, encoding="utf-8") as file:
        outline = json.load(file)["outline"]
    presentation = Presentation(deck)
    slides = list(presentation.slides)
    same("size", (presentation.slide_width, presentation.slide_height), (12192000, 6858000))
    same("title of the file", presentation.core_properties.title, outline["title"])
    same("author of the file", presentation.core_properties.author, outline.get("author", ""))
    same("theme colour", accent(presentation), outline.get("theme_colour", "#1F6FEB").lstrip("#").upper())
    same("title slide", slides[0].shapes.title.text_frame.text, outline["title"])
    same("slides", [read(slide) for slide in slides[1:]], [expected for expected in expect(outline)])
    same("sections", section_names(presentation), named_sections(outline))
    print(f"{deck}: {len(slides)} slides say what the outline says")


def expect(outline):
    for section in outline["sections"]:
        if section.get("title"):
            yield {"title": section["title"], "bullets": [], "table": None, "notes": None}
        for slide in section["slides"]:
            table = slide.get("table")
            yield {
                "title": slide["title"],
                "bullets": [(bullet.get("level", 0), bullet["text"]) for bullet in slide.get("bullets", [])],
                "table": table and [table["header"], *table["rows"]],
                "notes": slide.get("notes"),
            }


def read(slide):
    bodies = [shape for shape in slide.placeholders if shape.placeholder_format.idx == 1]
    tables = [shape.table for shape in slide.shapes if shape.has_table]
    notes = slide.notes_slide.notes_text_frame.text if slide.has_notes_slide else None
    return {
        "title": slide.shapes.title.text_frame.text,
        "bullets": [(text.level, text.text) for body in bodies for text in body.text_frame.paragraphs],
        "table": [[cell.text for cell in row.cells] for row in tables[0].rows] if tables else None,
        "notes": notes,
    }


def accent(presentation):
    themes = [
        relationship.target_part
        for relationship in presentation.slide_masters[0].part.rels.values()
        if relationship.reltype.endswith("/theme")
    ]
    colour = parse_xml(themes[0].blob).find(f".//{DRAWING}accent1/{DRAWING}srgbClr")
    return colour.get("val")


def section_names(presentation):
    return [section.get("name") for section in presentation.element.iter(f"{POWERPOINT}section")]


def named_sections(outline):
    return [outline["title"], *(section["title"] for section in outline["sections"] if section.get("title"))]


def same(what, found, expected):
    if found != expected:
        sys.exit(f"{what}: found {found!r}, expected {expected!r}")


if __name__ == "__main__":
    main(*sys.argv[1:])
