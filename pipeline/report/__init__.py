"""One judged and explained picture as files to take away: PNG, numbers, a printed page, DICOM.

Whoever holds the numbers and the picture can make all of it again: the picture is named by its
SHA-256 and never by its file's name, the run by its name and its network's SHA-256, and the
command line that repeats the explanation is part of both documents.
"""

from pipeline.report.contents import Report, Shown
from pipeline.report.dicom import as_dicom, as_zip
from pipeline.report.drawing import png
from pipeline.report.numbers import to_json
from pipeline.report.page import as_html

__all__ = ["Report", "Shown", "as_dicom", "as_html", "as_zip", "png", "to_json"]
