"""Gives directory entries in random order in the programs that are run.

Python promises no order for a directory. On one machine it is always the same, which is how a
program that hangs on it comes to give another result elsewhere.
"""

import os
import random

_listdir = os.listdir
_scandir = os.scandir
_random = random.SystemRandom()


def listdir(path="."):
    names = _listdir(path)
    _random.shuffle(names)
    return names


class scandir:  # noqa: N801
    """An iterator and a context manager, like the one that it stands for."""

    def __init__(self, path="."):
        with _scandir(path) as entries:
            found = list(entries)
        _random.shuffle(found)
        self._entries = iter(found)

    def __iter__(self):
        return self

    def __next__(self):
        return next(self._entries)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.close()

    def close(self):
        self._entries = iter(())


os.listdir = listdir
os.scandir = scandir
