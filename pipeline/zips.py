"""What every reader of ZIP files must know: what damaged ones raise, and which packing is read."""

import struct
import zipfile
import zlib

# What zipfile raises on damaged input, found by mutating archives.
ERRORS = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    OSError,
    OverflowError,
    RuntimeError,
    ValueError,
)
READABLE = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # others may blow up while being read
