"""Verifies many runs in one process, for tests/verify.rs.

The argument is the folder of verify.py. Each line of standard input names a folder with
plan.toml, claims.csv and perhaps the run of both. The answer is one line of JSON: `passed`,
`computed` (there is no run to compare), or else `differs` or `unusable`, and why.
"""

import csv
import json
import pathlib
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, sys.argv[1])
import verify

csv.field_size_limit(2**24)


def answer(folder):
    plan, claims, run = (folder / name for name in ("plan.toml", "claims.csv", "run"))
    try:
        if not run.is_dir():
            verify.Computed(verify.read_plan(plan), [claims])
            return ["computed", ""]
        differences = verify.verify(run, [claims], plan)[1].differences
    except Exception as error:  # as main does
        return ["unusable", f"{type(error).__name__}: {error}"]
    return ["differs", "\n".join(map(repr, differences))] if differences else ["passed", ""]


for line in sys.stdin:
    print(json.dumps(answer(pathlib.Path(line.rstrip("\n")))), flush=True)
