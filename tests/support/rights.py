"""A thread without the superuser's right to read everything, so that file modes mean something to tests run as root."""

import ctypes
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

VERSION_3 = 0x20080522
CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH = 1, 2


@contextmanager
def file_modes_count() -> Iterator[None]:
    """Put aside, in this thread alone, what lets the superuser read files that nobody may read (capabilities(7))."""
    if os.geteuid() != 0 or not sys.platform.startswith("linux"):
        yield
        return
    header = (ctypes.c_uint32 * 2)(VERSION_3, 0)
    held = (ctypes.c_uint32 * 6)()  # twice effective, permitted, inheritable
    call = ctypes.CDLL(None, use_errno=True)
    if call.capget(header, held):
        raise OSError(ctypes.get_errno(), "capget")
    before = held[0]
    held[0] = before & ~(1 << CAP_DAC_OVERRIDE | 1 << CAP_DAC_READ_SEARCH)
    if call.capset(header, held):
        raise OSError(ctypes.get_errno(), "capset")
    try:
        yield
    finally:
        held[0] = before
        call.capset(header, held)
