"""A child that serves ends with its parent, in good order, however the parent is stopped."""

import os
import signal
import subprocess
import sys
import time

import pytest

PARENT = """
import subprocess, sys
from orchestration import processes
processes.PATIENCE = 0.5
child = subprocess.Popen([sys.executable, "-c", "import time; print('ready', flush=True); time.sleep(60)"])
print(child.pid, flush=True)
sys.exit(processes._wait(child))
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_stopping_the_parent_stops_the_child_and_is_no_failure(number: signal.Signals) -> None:
    parent = subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    told = [parent.stdout.readline().strip() for _ in range(2)]
    child = int(next(line for line in told if line != "ready"))
    time.sleep(0.2)  # the parent waits
    parent.send_signal(number)
    assert parent.wait(timeout=20) == 0
    parent.stdout.close()
    with pytest.raises(ProcessLookupError):
        os.kill(child, 0)


def test_a_child_that_fails_gives_its_exit_code() -> None:
    script = PARENT.replace("time.sleep(60)", "raise SystemExit(7)")
    assert subprocess.run([sys.executable, "-c", script], stdout=subprocess.DEVNULL, check=False).returncode == 7
