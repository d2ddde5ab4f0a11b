"""The contestants of `intent.py`: each module has `fit(texts, labels)` and `load(folder)`."""
