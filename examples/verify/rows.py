"""Corrections of rows, and rows of claimants who have the same cells."""
import hashlib
import pathlib
import re

from cells import cell, csv_lines, folded, need, trimmed

# batch, "Corrections": each takes the place of one cell of the claims.
class Corrections:
    def __init__(self, run, id):
        self.id, self.by_id, self.made = id, {}, []
        self.files = [f"corrections-{number}.csv"
                      for number in range(1, 1 + len(list(run.glob("corrections-*.csv"))))]
        for file in self.files:
            header, *lines = trimmed(csv_lines((run / file).read_bytes(), run / file), run / file)
            for entry in (dict(zip(header, line)) | {"in": file} for line in lines):
                if entry["correction"]:
                    key = entry["claimant_id"] if "claimant_id" in entry else entry[id]
                    self.by_id.setdefault(key, []).append(entry)

    def correct(self, cells, place, file):
        """Corrects the cells of a row, counted over all files."""
        for entry in self.by_id.get(cells.get(self.id), []):
            if (entry.get("row") or str(place)) == str(place) and (
                    pathlib.Path(entry.get("file") or file).name == file):
                column, text = entry["column"], entry["correction"]
                need(column in cells and entry.get("value", cells[column]) == cells[column],
                     f"row {place}: `{column}` is not what the correction says")
                cells = cells | {column: "" if text == "(blank)" else text}
                self.made.append((entry["in"], place, column))
        return cells

    def facts(self, run):
        entries = sum(map(len, self.by_id.values()))
        need(len(self.made) == entries == len({cell[1:] for cell in self.made}),
             "a correction is not of one cell")
        return {"rows": len({place for _, place, _ in self.made}), "cells": len(self.made),
                "files": [{"name": file, "cells": sum(one == file for one, *_ in self.made),
                           "sha256": sha256(run / file)} for file in self.files]}

def sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()

# One person under two ids: cells are compared as near misses are, of the taxpayer number the
# digits; rows with a blank or a placeholder are not compared.
PLACEHOLDERS = set("n/a na n.a. none null nil nan unknown notavailable notapplicable "
                   "notprovided tbd".split())

def has_no_value(text):
    return text in PLACEHOLDERS or not any(letter.isalnum() for letter in text)

def flag_duplicates(rows, plan):
    """The rows that are flagged: claimant, row, rule, and the first claimant with these cells."""
    flags = []
    for place, rule in enumerate(plan["unique"]):
        first = {}
        for row in rows:
            cells = tuple(re.sub("[^0-9]", "", cell(row.cells, column))
                          if column == plan["tax"].get("number")
                          else folded(cell(row.cells, column))
                          for column in rule["columns"])
            if not row.accepted or any(map(has_no_value, cells)) or first.setdefault(cells, row.id) == row.id:
                continue
            need(rule.get("duplicates") == "flag",
                 f"row {row.place}: the same {', '.join(rule['columns'])} as {first[cells]}")
            flags.append((row.place, place, row.id, ";".join(rule["columns"]), first[cells]))
    return [[id, str(row), rule, same] for row, _, id, rule, same in sorted(flags)]
