"""Run as a program of its own (`pipeline.isolated`): a compressed frame in, its samples out.

Decoders written in C or C++ may crash on damaged data, and a crash takes its process with it: of
mutated JPEG frames python-gdcm 3.2 aborted on every 8th to 50th. So this one has nothing but the
frame, no name to give away, little memory and little time; whoever started it sees only that it
failed.
Imports nothing of this project, so that it starts quickly.

    {lossless,jpeg12,jpegls,jpeg2000} ROWS COLUMNS SAMPLES BITS < frame

writes (ROWS, COLUMNS, SAMPLES) little endian, one byte a sample up to 8 bits, otherwise two.
"""

import sys

LIMIT_BYTES = 4_000_000_000
LIMIT_SECONDS = 60


def _with_gdcm(frame, rows, columns, samples, bits, uid):
    import gdcm

    # A layer of objects around one call; pydicom's own plugin for GDCM is built alike.
    fragment = gdcm.Fragment()
    fragment.SetByteStringValue(frame)
    fragments = gdcm.SequenceOfFragments.New()
    fragments.AddFragment(fragment)
    pixels = gdcm.DataElement(gdcm.Tag(0x7FE0, 0x0010))
    pixels.SetValue(fragments.__ref__())
    image = gdcm.Image()
    image.SetNumberOfDimensions(2)
    image.SetDimensions((columns, rows, 1))
    image.SetDataElement(pixels)
    meaning = gdcm.PhotometricInterpretation.GetPIType("RGB" if samples == 3 else "MONOCHROME2")
    image.SetPhotometricInterpretation(gdcm.PhotometricInterpretation(meaning))
    if samples == 3:
        image.SetPlanarConfiguration(0)
    image.SetTransferSyntax(gdcm.TransferSyntax(gdcm.TransferSyntax.GetTSType(uid)))
    image.SetPixelFormat(gdcm.PixelFormat(samples, 8 if bits <= 8 else 16, bits, bits - 1, 0))
    # GDCM hands bytes out as text.
    return image.GetBuffer().encode("utf-8", "surrogateescape")


def _lossless(frame, *layout):
    return _with_gdcm(frame, *layout, "1.2.840.10008.1.2.4.57")


def _jpeg12(frame, *layout):
    return _with_gdcm(frame, *layout, "1.2.840.10008.1.2.4.51")


def _jpegls(frame, rows, columns, samples, bits):
    import jpeg_ls
    import numpy as np

    data, told = jpeg_ls.decode_pixel_data(frame)
    if samples == 1 or told["interleave_mode"] != 0:
        return data
    planes = np.frombuffer(data, np.uint8 if bits <= 8 else np.uint16)
    return planes.reshape(samples, rows, columns).transpose(1, 2, 0).tobytes()


def _jpeg2000(frame, rows, columns, samples, bits):
    import openjpeg

    return openjpeg.decode(frame, 0).tobytes()


DECODERS = {
    "lossless": _lossless,
    "jpeg12": _jpeg12,
    "jpegls": _jpegls,
    "jpeg2000": _jpeg2000,
}


def main():
    kind, *layout = sys.argv[1:]
    sys.stdout.buffer.write(DECODERS[kind](sys.stdin.buffer.read(), *map(int, layout)))


if __name__ == "__main__":
    main()
