"""What a person looks for on the reading page: widgets by their keys, answers by their words.

The names are the dashboard's own, which nothing in this package may import; a test holds them to
`dashboard/state.py` and `dashboard/wording`.
"""

from __future__ import annotations

import re

# Keys of widgets, and the choice that brings the box for uploads.
SOURCE, UPLOAD, POINT, VIEWER, SAVE = "source", "upload", "point", "viewer", "save_json"
UPLOAD_CHOICE = "Upload"
# The end of the address of another page.
ELSEWHERE = "tour"

VERDICT = re.compile(r"The model calls this")
# What stands there instead where the gate does not let a picture through.
REFUSED = re.compile(r"so it is not judged")
# Beside the bar of an explanation that others are before, with how many where that is told.
WAITING = re.compile(r"(?P<before>\d+) before you|you are (?P<next>next)|waiting for another one")
# What somebody is told who asks for more than one person may.
LIMITED = re.compile(r"\btry again in\b", re.IGNORECASE)
