"""What the parts of tools/testbed share about processes."""

import ctypes
import signal

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
_libc = ctypes.CDLL(None, use_errno=True)


def die_with_parent():
    """For preexec_fn: the kernel kills the child when the thread that made it ends, however that ends."""
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def adopt_orphans():
    """What a child leaves behind becomes a child of this process instead of init's, and can be ended."""
    _libc.prctl(PR_SET_CHILD_SUBREAPER, 1)
