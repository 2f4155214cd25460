"""Events of TensorBoard, read and written with protobuf alone.

The messages are described here instead of imported from the ``tensorboard`` package, which would
bring a web server along: only the fields that scalars need, under the numbers that TensorFlow's
``event.proto``, ``summary.proto`` and ``tensor.proto`` give them. Everything else is skipped.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np

# The first event of every file.
VERSION = "brain.Event:2"

_STARTED = 1  # of SessionLog.SessionStatus
# Per message its fields: name, number, kind. A capital names a message; + means repeated.
_MESSAGES = {
    "Shape": (("dim", 2, "+Dim"),),
    "Dim": (("size", 1, "int64"),),
    "Tensor": (
        ("dtype", 1, "int32"),
        ("tensor_shape", 2, "Shape"),
        ("tensor_content", 4, "bytes"),
        ("float_val", 5, "+float"),
        ("double_val", 6, "+double"),
        ("int_val", 7, "+int32"),
        ("int64_val", 10, "+int64"),
        ("half_val", 13, "+int32"),
    ),
    "PluginData": (("plugin_name", 1, "bytes"),),
    "Metadata": (("plugin_data", 1, "PluginData"),),
    "Value": (
        ("tag", 1, "bytes"),
        ("simple_value", 2, "float"),
        ("tensor", 8, "Tensor"),
        ("metadata", 9, "Metadata"),
    ),
    "Summary": (("value", 1, "+Value"),),
    "SessionLog": (("status", 1, "int32"),),
    "Event": (
        ("wall_time", 1, "double"),
        ("step", 2, "int64"),
        ("file_version", 3, "bytes"),
        ("summary", 5, "Summary"),
        ("session_log", 7, "SessionLog"),
    ),
}
# TensorFlow's DataType: how it is packed, and the field that holds it unpacked.
_PACKED = {
    1: ("<f4", "float_val"),
    2: ("<f8", "double_val"),
    3: ("<i4", "int_val"),
    4: ("u1", "int_val"),
    5: ("<i2", "int_val"),
    6: ("i1", "int_val"),
    9: ("<i8", "int64_val"),
    10: ("u1", "int_val"),
    14: ("<u2", "half_val"),  # bfloat16
    19: ("<f2", "half_val"),
}
_BFLOAT16, _HALF = 14, 19


class Event(NamedTuple):  # a million of them: a dataclass takes three times as long
    """What an event says of scalars.

    Attributes
    ----------
    time : Unix seconds.
    step : of whatever the source counts.
    opens : it is the first of its file.
    restarts : a session begins, from `step` on.
    scalars : tag and value.
    """

    time: float
    step: int
    opens: bool
    restarts: bool
    scalars: tuple[tuple[str, float], ...]


@functools.cache
def _message():
    from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

    kinds = descriptor_pb2.FieldDescriptorProto
    # proto2 has fields that are absent, which is how a value is told from a picture. Its parsers
    # take packed and unpacked numbers alike.
    file = descriptor_pb2.FileDescriptorProto(name="event.proto", package="scalars")
    for message, fields in _MESSAGES.items():
        described = file.message_type.add(name=message)
        for name, number, kind in fields:
            field = described.field.add(name=name, number=number)
            field.label = kinds.LABEL_REPEATED if kind[0] == "+" else kinds.LABEL_OPTIONAL
            kind = kind.removeprefix("+")
            if kind[0].isupper():
                field.type, field.type_name = kinds.TYPE_MESSAGE, f".scalars.{kind}"
            else:
                field.type = getattr(kinds, f"TYPE_{kind.upper()}")
    # A pool of its own: TensorFlow may describe its messages in the common one.
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("scalars.Event"))


def events(contents: Iterable[bytes]) -> Iterator[Event | None]:
    """Yield what each record says; None for one that is no event."""
    from google.protobuf.message import DecodeError

    message = _message()
    for content in contents:
        try:
            event = message.FromString(content)
        except DecodeError:
            yield None
            continue
        yield Event(
            event.wall_time,
            event.step,
            event.file_version.startswith(b"brain.Event:"),
            event.HasField("session_log") and event.session_log.status == _STARTED,
            tuple(_scalars(event.summary.value)),
        )


def _scalars(values) -> Iterator[tuple[str, float]]:
    for value in values:
        number = None
        if value.HasField("simple_value"):
            number = value.simple_value
        elif value.HasField("tensor") and value.metadata.plugin_data.plugin_name in (
            b"",
            b"scalars",
        ):
            number = _only_number(value.tensor)
        if number is not None:
            yield value.tag.decode("utf-8", "replace"), number


def _only_number(tensor) -> float | None:
    """Return the number in a tensor that holds one; None for text, pictures and distributions."""
    if tensor.dtype not in _PACKED or any(dim.size != 1 for dim in tensor.tensor_shape.dim):
        return None
    packed, field = _PACKED[tensor.dtype]
    size = np.dtype(packed).itemsize
    if tensor.tensor_content:
        if len(tensor.tensor_content) != size:
            return None
        number = np.frombuffer(tensor.tensor_content, packed)[0]
    else:
        numbers = getattr(tensor, field)
        if len(numbers) != 1:
            # A zero may be left out altogether.
            return None if numbers else 0.0
        number = numbers[0]
        if tensor.dtype == _HALF:
            number = np.array(number & 0xFFFF, "<u2").view("<f2")
    if tensor.dtype == _BFLOAT16:
        number = np.array(int(number) << 16 & 0xFFFFFFFF, "<u4").view("<f4")
    return float(number)


def file_start(time: float) -> bytes:
    """Return the first event of a file; `time` in Unix seconds."""
    return _message()(wall_time=time, file_version=VERSION.encode()).SerializeToString()


def scalar(tag: str, step: int, value: float, time: float) -> bytes:
    """Return the event of one scalar, in the form that every version of TensorBoard reads.

    It keeps float32; what is beyond its range becomes infinite.
    """
    event = _message()(wall_time=time, step=step)
    with np.errstate(over="ignore"):
        event.summary.value.add(tag=tag.encode(), simple_value=float(np.float32(value)))
    return event.SerializeToString()
