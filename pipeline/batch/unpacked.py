"""Run as a program of its own (`pipeline.isolated`): results as Parquet in, their figures out.

What anybody uploads is read here, with little memory and little time: a reader written in C++ may
crash on a damaged file, or unpack a small one without end. Imports nothing of this project.

    ROWS < results.parquet

writes a NumPy archive without objects. Ends with 3 if these are no results, with 4 if there are
more than ROWS of them.
"""

import io
import sys

LIMIT_BYTES = 3_000_000_000
LIMIT_SECONDS = 60
NO_RESULTS, TOO_MANY = 3, 4
# Column -> type, as pyarrow spells it.
COLUMNS = {
    "run": "string",
    "operating_point": "string",
    "threshold": "double",
    "probability": "double",
    "accepted": "bool",
    "error": "string",
    "label": "int8",
    "patient": "string",
}
_LONGEST = 200  # of a name; more is no name


def figures(content, most):
    """Return the arrays of a file."""
    import numpy as np
    import pyarrow
    from pyarrow import parquet

    # Repeated texts stay packed: a million long names may be a file of a few kilobytes.
    file = parquet.ParquetFile(
        io.BytesIO(content), read_dictionary=["run", "operating_point", "error", "patient"]
    )
    if file.metadata.num_rows > most:
        sys.exit(TOO_MANY)
    schema = file.schema_arrow
    for name, kind in COLUMNS.items():
        told = schema.field(name).type if name in schema.names else None
        if pyarrow.types.is_dictionary(told) if told is not None else False:
            told = told.value_type
        if str(told) != kind:
            sys.exit(NO_RESULTS)
    table = file.read(columns=list(COLUMNS), use_threads=False)
    judged = table["probability"].is_valid().to_numpy()
    if table.num_rows == 0 or (judged == table["error"].is_valid().to_numpy()).any():
        sys.exit(NO_RESULTS)  # a picture is judged, or says why not
    names = {}
    for name in ("run", "operating_point"):
        found = table[name].drop_null().unique().to_pylist()
        if len(found) > 1 or any(len(one) > _LONGEST for one in found):
            sys.exit(NO_RESULTS)
        names[name] = np.array(found[0] if found else "")
    patients = table["patient"].combine_chunks()
    if isinstance(patients, pyarrow.ChunkedArray):
        patients = pyarrow.concat_arrays(patients.chunks)
    return names | {
        "threshold": np.unique(table["threshold"].drop_null().to_numpy()),
        "probability": table["probability"].fill_null(float("nan")).to_numpy(),
        "accepted": table["accepted"].fill_null(True).to_numpy(),
        "label": table["label"].fill_null(-1).to_numpy(),
        "patient": patients.indices.fill_null(-1).to_numpy(zero_copy_only=False),
    }


def main():
    import numpy as np

    found = figures(sys.stdin.buffer.read(), int(sys.argv[1]))
    sink = io.BytesIO()
    np.savez(sink, **found)
    sys.stdout.buffer.write(sink.getvalue())


if __name__ == "__main__":
    main()
