"""Run a command and print what it took: seconds, processor seconds, memory in MB.

A process of its own between: a child's largest memory begins with that of who forks it, so who
forks must be small. Imports nothing but what Python has at hand.
"""

import os
import sys
import time

if __name__ == "__main__":
    started = time.perf_counter()
    child = os.posix_spawn(sys.argv[1], sys.argv[1:], dict(os.environ))
    _, status, used = os.wait4(child, 0)
    wall, cpu = time.perf_counter() - started, used.ru_utime + used.ru_stime
    unit = 1e6 if sys.platform == "darwin" else 1e3
    print(wall, cpu, used.ru_maxrss / unit, os.waitstatus_to_exitcode(status))
