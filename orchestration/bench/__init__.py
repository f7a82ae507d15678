"""The benchmark: stage timings and memory of a whole refresh, beside a floor measured in the same run."""

from orchestration.bench.stages import print_bench, run_bench

__all__ = ["print_bench", "run_bench"]
