"""What a list of pictures and a table of results hold: columns, types and limits."""

from __future__ import annotations

import pyarrow

# Of what is to be judged. `file` is a path below the source, a whole path, or a URL.
LISTED = pyarrow.schema(
    [
        ("file", pyarrow.string()),
        ("label", pyarrow.int8()),
        ("patient", pyarrow.string()),
        ("kind", pyarrow.string()),
    ]
)

STRONGEST = pyarrow.list_(
    pyarrow.struct(
        [
            ("superpixel", pyarrow.int32()),
            ("weight", pyarrow.float64()),
            ("low", pyarrow.float64()),
            ("high", pyarrow.float64()),
        ]
    )
)
EXPLAINED = pyarrow.struct(
    [
        ("method", pyarrow.string()),
        ("unit", pyarrow.string()),
        ("segments", pyarrow.int32()),
        ("samples", pyarrow.int32()),
        ("strongest", STRONGEST),
        ("fidelity_r2", pyarrow.float64()),
        ("stability", pyarrow.float64()),
        ("settled", pyarrow.bool_()),
        ("trust", pyarrow.string()),
        ("sentence", pyarrow.string()),
    ]
)

# Of what came out: a row for every picture, in the order of the list. One that cannot be read has
# `error` and `hint`, and nothing of a verdict.
RESULTS = pyarrow.schema(
    [
        ("file", pyarrow.string()),
        ("sha256", pyarrow.string()),
        ("run", pyarrow.string()),
        ("model_sha256", pyarrow.string()),
        ("probability", pyarrow.float64()),
        ("threshold", pyarrow.float64()),
        ("operating_point", pyarrow.string()),
        ("decision", pyarrow.string()),
        ("accepted", pyarrow.bool_()),
        ("reasons", pyarrow.list_(pyarrow.string())),
        ("error", pyarrow.string()),
        ("hint", pyarrow.string()),
        ("label", pyarrow.int8()),
        ("patient", pyarrow.string()),
        ("kind", pyarrow.string()),
        ("explanation", EXPLAINED),
    ]
)

# Under this name the file says what it was made of, as JSON: see `pipeline.batch.judging.Task`.
ABOUT = b"xray_batch"
