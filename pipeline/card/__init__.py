"""A run's model card: what it is for, what it was made from, how good it is and where it fails.

The headings follow CLAIM (Checklist for AI in Medical Imaging, 2024 update) and TRIPOD+AI. Every
figure is computed anew from the files stored with the run, and the card carries the SHA-256 of
each of them, so that anybody can tell whether card and run belong together.

References
----------
Tejani et al. 2024, CLAIM: 2024 Update, doi:10.1148/ryai.240300;
Collins et al. 2024, TRIPOD+AI statement, doi:10.1136/bmj-2023-078378.
"""

from pipeline.card.binding import differences
from pipeline.card.contents import build
from pipeline.card.page import as_html
from pipeline.card.parts import Card, Chart, Facts, FigureTable, Quoted, Section, Text

__all__ = [
    "Card",
    "Chart",
    "Facts",
    "FigureTable",
    "Quoted",
    "Section",
    "Text",
    "as_html",
    "build",
    "differences",
]
