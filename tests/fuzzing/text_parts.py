"""Tables and JSON with values that are odd but of their kind."""

from __future__ import annotations

import json
import random

from damage import damaged, rearranged

FIELDS = (
    "", " ", "0", "-0", "1", "-1", "0.5", "nan", "NaN", "inf", "-inf", "1e308", "1e309", "-1e309",
    "1e-320", "9" * 19, "9" * 400, "1_0", "0x10", "True", "None", "=1+1", "@x", "\t=1", '"', '""',
    "a,b", "a;b", "a\nb", "\ud7ff", "\N{RIGHT-TO-LEFT OVERRIDE}x", "e\N{COMBINING ACUTE ACCENT}",
    "\N{ARABIC-INDIC DIGIT THREE}", "x" * 600, "epoch", "step", "loss", "NORMAL", "PNEUMONIA",
    "<img src=x onerror=alert(1)>", "[x](javascript:alert(1))", "$x$", "../x",
    "9223372036854775808",
)  # fmt: skip
_VALUES = (
    None, True, False, 0, -1, 1, 2**31, 2**53 + 1, 2**63, -(2**63) - 1, 10**400, 0.5, 1e308,
    float("nan"), float("inf"), float("-inf"), "", [], {}, [[]], [None], [[1, 2]], {"": None},
    "\ud800", "x" * 5000,
)  # fmt: skip


def mutated_table(data: bytes, dice: random.Random) -> bytes:
    text = data.decode("utf-8", "replace")
    separator = ";" if text.count(";") > text.count(",") else ","
    lines = [line.split(separator) for line in text.split("\n")]
    for _ in range(dice.choice((1, 1, 2, 5))):
        kind = dice.randrange(5)
        row = dice.choice(lines) if lines else []
        if kind == 0:
            lines = rearranged(lines, dice)
        elif kind == 1:
            row[:] = rearranged(row, dice)
        elif kind == 2 and lines:
            column = dice.randrange(len(lines[0]) or 1)
            for line in lines[1:]:
                line[column : column + 1] = [dice.choice(FIELDS)]
        elif row:
            row[dice.randrange(len(row))] = dice.choice(FIELDS)
    separator = dice.choice((separator, separator, separator, ";", "\t"))
    whole = "\n".join(separator.join(line) for line in lines).encode("utf-8", "surrogatepass")
    whole = dice.choice((b"", b"", b"", b"\xef\xbb\xbf")) + whole
    return damaged(whole, dice) if dice.random() < 0.15 else whole


def mutated_json(data: bytes, dice: random.Random) -> bytes:
    try:
        document = json.loads(data)
    except (ValueError, RecursionError):
        return damaged(data, dice)
    for _ in range(dice.choice((1, 1, 2, 4))):
        document = _changed(document, dice)
    if dice.random() < 0.02:
        return b"[" * 100_000
    whole = json.dumps(document).encode()
    return damaged(whole, dice) if dice.random() < 0.1 else whole


def _changed(value: object, dice: random.Random) -> object:
    """Return the value with one of the values in it another."""
    if isinstance(value, dict) and value and dice.random() < 0.9:
        key = dice.choice(list(value))
        kind = dice.randrange(8)
        if kind == 0:
            return {name: one for name, one in value.items() if name != key}
        if kind == 1:
            return value | {dice.choice((*FIELDS, *value)): dice.choice(_VALUES)}
        return value | {key: _changed(value[key], dice)}
    if isinstance(value, list) and value and dice.random() < 0.9:
        if dice.random() < 0.3:
            return rearranged(value, dice)
        place = dice.randrange(len(value))
        return [*value[:place], _changed(value[place], dice), *value[place + 1 :]]
    return dice.choice((*_VALUES, *FIELDS, [value], {"x": value}, str(value)))
