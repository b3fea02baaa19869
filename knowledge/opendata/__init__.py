"""Reading of official open data: CSV, GeoJSON and zip files into `knowledge.place.Place`. No database."""

from knowledge.opendata.layouts import BY_NAME, LAYOUTS, Layout
from knowledge.opendata.problems import ReadingError, RowProblem
from knowledge.opendata.reader import Options, Reading, read_file, read_files, stream
from knowledge.opendata.specialities import speciality

__all__ = [
    "BY_NAME",
    "LAYOUTS",
    "Layout",
    "Options",
    "Reading",
    "ReadingError",
    "RowProblem",
    "read_file",
    "read_files",
    "speciality",
    "stream",
]
