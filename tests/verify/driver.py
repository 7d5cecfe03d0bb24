"""Verifies many runs in one process.

    python3 driver.py VERIFY
    python3 driver.py VERIFY --random PAYOUT [--seed S] [--cases N] [--first N] [--keep FOLDER]

VERIFY is the folder of verify.py. Without --random, for tests/verify.rs: each line of
standard input names a folder with plan.toml, claims.csv, perhaps the reconciliation `rec`
that they follow, and perhaps the run of all. The
answer is one line of JSON: `passed`, `computed` (there is no run to compare), or else
`differs` or `unusable`, and why.

With --random, PAYOUT (the program) computes plans and claims of random_plans.py, from case
--first of the seed on. A run that the verifier does not confirm is a difference, and so is
a case that only one of the two refuses. Each is printed, and its folder is kept in FOLDER
(default `differences`). The exit status is 1 if there are any.
"""

import argparse
import csv
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
from collections import Counter

sys.dont_write_bytecode = True
sys.path.insert(0, sys.argv[1] if len(sys.argv) > 1 else "")
import verify

import random_plans

csv.field_size_limit(2**24)


def answer(folder):
    plan, claims, run, after = (
        folder / name for name in ("plan.toml", "claims.csv", "run", "rec"))
    after = after if after.is_dir() else None
    try:
        if not run.is_dir():
            computed = verify.Computed(verify.read_plan(plan, folder), [claims], after)
            computed.tables(), computed.summary(["claims.csv"])
            return ["computed", ""]
        differences = verify.verify(run, [claims], plan, after)[1].differences
    except Exception as error:  # as main does
        return ["unusable", f"{type(error).__name__}: {error}"]
    return ["differs", "\n".join(map(repr, differences))] if differences else ["passed", ""]


def try_case(payout, folder):
    """What became of a case, and what is wrong with it."""
    command = [payout, "compute", "claims.csv", "--plan", "plan.toml", "--out", "run", "--quiet"]
    command += ["--after", "rec"] if (folder / "rec").is_dir() else []
    process = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    verdict, why = answer(folder)
    if process.returncode not in (0, 2):
        return "failed", f"exit status {process.returncode}: {process.stderr}"
    if process.returncode == 2 and verdict == "computed":
        return "refused by payout only", process.stderr
    if process.returncode == 0 and verdict != "passed":
        return "refused by verify.py only" if verdict == "unusable" else verdict, why
    return "confirmed" if verdict == "passed" else "refused by both", ""


def try_random(options):
    payout, counts = str(options.random.resolve()), Counter()
    for number in range(options.first, options.first + options.cases):
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            random_plans.write(options.seed, number, folder)
            result, why = try_case(payout, folder)
            counts[result] += 1
            if why:
                kept = options.keep / f"{options.seed}-{number}"
                shutil.copytree(folder, kept, dirs_exist_ok=True)
                print(f"{kept}: {result}\n{why.rstrip()}\n", flush=True)
    print(", ".join(f"{count} {result}" for result, count in counts.most_common()))
    return 0 if counts.keys() <= {"confirmed", "refused by both"} else 1


def main():
    parser = argparse.ArgumentParser(description="Verify many runs in one process.")
    parser.add_argument("verify", type=pathlib.Path, metavar="VERIFY")
    parser.add_argument("--random", type=pathlib.Path, metavar="PAYOUT")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--cases", type=int, default=1000)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--keep", type=pathlib.Path, default="differences", metavar="FOLDER")
    options = parser.parse_args()
    if options.random:
        return try_random(options)
    for line in sys.stdin:
        print(json.dumps(answer(pathlib.Path(line.rstrip("\n")))), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
