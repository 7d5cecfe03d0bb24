"""How verify.py reads cells: numbers, money, texts, amounts, dates, and tables to look up.

`language.py` uses it, which reads the rules of a plan.
"""

import calendar
import csv
import io
import re
import unicodedata
from bisect import bisect_left
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor

class Unusable(Exception):
    """The plan, the claims or the run cannot be used; the text says why."""

def need(condition, otherwise):
    if not condition:
        raise Unusable(otherwise)

def check_keys(table, known, where):
    for key in table:
        need(key in known or key == "source" and where not in ("a condition", "an operand"),
             f"the plan has `{key}` in {where}, which this verifier does not read")

# ---------------------------------------------------------------- numbers

PLAIN = r"[0-9]+(\.[0-9]+)?"

# plan reference, "Numbers and texts": a number, with or without quotes.
def number(written):
    text = format(written, "f") if isinstance(written, Decimal) else str(written)
    need(not isinstance(written, bool) and re.fullmatch(PLAIN, text),
         f"the plan has `{written}` where a number belongs")
    return Fraction(text)

def number_or_fraction(written):
    if isinstance(written, str) and re.fullmatch(r"[0-9]+/0*[1-9][0-9]*", written):
        return Fraction(written)
    return number(written)

def decimal_text(value, decimals=0):
    """An exact decimal, with at least so many digits after the point."""
    while (value * 10**decimals).denominator != 1:
        decimals += 1
    digits = str(int(value * 10**decimals)).rjust(decimals + 1, "0")
    point = len(digits) - decimals
    return digits[:point] + ("." + digits[point:] if decimals else "")

# Steps: what pools and portions read, and what is added up, has at most 28 digits.
def decimal(value, what):
    exact = 10**28 % value.denominator == 0
    need(exact and len(decimal_text(abs(value)).replace(".", "").lstrip("0")) <= 28,
         f"{what} comes to {value}, which is no decimal of at most 28 digits")
    return value

# ISO 4217: the currencies that do not have two decimals.
DECIMALS = {"CLF": 4, "UYW": 4} | dict.fromkeys("BHD IQD JOD KWD LYD OMR TND".split(), 3)
NO_DECIMALS = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"

class Currency:
    """Amounts are fractions in units of the currency; this rounds and writes them."""
    def __init__(self, code):
        self.code = code
        self.decimals = 0 if code in NO_DECIMALS.split() else DECIMALS.get(code, 2)
        self.minor_unit = Fraction(1, 10**self.decimals)

    def down(self, amount):
        return floor(amount / self.minor_unit) * self.minor_unit

    def up(self, amount):
        return ceil(amount / self.minor_unit) * self.minor_unit

    def nearest(self, amount):  # a half is rounded up
        return self.down(amount + self.minor_unit / 2)

    def rounded(self, amount, how):
        return {"nearest": self.nearest, "down": self.down, "up": self.up}[how](amount)

    def text(self, amount):  # `10.00`, and more decimals only if the amount has more
        return decimal_text(amount, self.decimals)

# ---------------------------------------------------------------- cells

SEPARATORS = {",": ",", "_": "_", " ": " \u00a0\u202f\u2009", "'": "'\u2019"}

def csv_lines(content, path):
    try:
        text = io.StringIO(content.decode("utf-8-sig"), newline="")
        return list(csv.reader(text, strict=True))
    except (ValueError, csv.Error) as error:
        raise Unusable(f"{path} is not CSV in UTF-8: {error}") from error

# plan reference, "Claims": cells are read without surrounding white space; empty rows, and
# rows of blank cells, are no data rows.
def empty_rows(lines):
    return sum(bool(line) and not any(map(str.strip, line)) for line in lines)

def trimmed(lines, path):
    lines = [[text.strip() for text in line] for line in lines if any(map(str.strip, line))] or [[]]
    need(all(len(line) == len(lines[0]) for line in lines),
         f"{path}: a row is longer or shorter than the header")
    return lines

def cell(cells, column):
    need(column in cells, f"the claims have no column `{column}`, or two of this name")
    return cells[column]

# plan reference, "Near misses": texts that differ only by case, white space or Unicode form.
def folded(text):
    return unicodedata.normalize("NFC", "".join(text.casefold().split()))

# plan reference, "Columns": `thousands` and `prefix`.
def amount_in(content, written):
    """The number in a cell; `written` is the [column] of the cell, or empty."""
    if isinstance(content, Fraction):  # a value, or added up over several rows
        return content
    rest = content
    if "prefix" in written and content.startswith(written["prefix"]):
        rest = content[len(written["prefix"]):].lstrip()
    for between in SEPARATORS.values():
        if written.get("thousands", "none") in between and re.fullmatch(
                rf"[1-9][0-9]{{0,2}}([{between}][0-9]{{3}})+(\.[0-9]+)?", rest):
            rest = re.sub(f"[{between}]", "", rest)
    need(re.fullmatch(PLAIN, rest), f"`{content}` is not an amount")
    return Fraction(rest)

# plan reference, "Valid taxpayer numbers".
def valid_number(text):
    def between(part, *ranges):
        return any(low <= int(part) <= high for low, high in ranges)
    found = re.fullmatch(r"([0-9]{3})(-?)([0-9]{2})(-?)([0-9]{4})"
                         r"|([0-9]{2})-([0-9]{7})", text)
    digits = text.replace("-", "")
    if (not found or found[2] != found[4] or len(set(digits)) == 1
            or digits in ("123456789", "078051120", "219099999")):
        return False
    area, group, serial = digits[:3], digits[3:5], digits[5:]
    ssn = area not in ("000", "666") and area < "900" and group != "00" and serial != "0000"
    itin = area >= "900" and between(group, (50, 65), (70, 88), (90, 92), (94, 99))
    ein = between(digits[:2], (1, 6), (10, 16), (20, 27), (30, 48), (50, 68), (71, 77),
                  (80, 88), (90, 95), (98, 99))
    if "-" not in text:
        return ssn or itin or ein
    return ein if found[6] else ssn or itin

# ---------------------------------------------------------------- dates

DATES = {"YYYY-MM-DD": r"(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)",
         "MM/DD/YYYY": r"(?P<month>\d\d?)/(?P<day>\d\d?)/(?P<year>\d{4})",
         "DD/MM/YYYY": r"(?P<day>\d\d?)/(?P<month>\d\d?)/(?P<year>\d{4})"}
TIME = (r"(,?(T|\s+)(?P<hour>\d\d?):(?P<minute>\d\d)(:(?P<second>\d\d)(?P<part>\.\d+)?)?"
        r"(\s*(?P<half>[AaPp])\.?[Mm]\.?)?(\s*(?P<zone>Z|UTC|[+-]\d\d(:?\d\d)?))?)?")
ONE_DAY = timedelta(days=1)
WEEKDAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]

# plan reference, "Dates and moments".
def date_in(content, written, with_offset=False):
    """The date in a cell; or, if bounds have an offset, the moment in UTC and its fraction."""
    form = "YYYY-MM-DD" if with_offset else written.get("format", "YYYY-MM-DD")
    need(isinstance(content, str), f"{content} is a number, and not a date")
    found = re.fullmatch(DATES[form] + TIME, content, re.ASCII)
    need(found, f"`{content}` is not a date of the form {form}")
    need(with_offset == bool(found["zone"]),
         f"`{content}` has an offset and the bounds of the plan have none, or the reverse")
    hour = int(found["hour"] or 0)
    if found["half"]:
        hour = hour % 12 + (12 if found["half"] in "Pp" else 0)
    zone = (found["zone"] or "Z").replace(":", "")
    offset = 0 if zone in ("Z", "UTC") else int(zone[:3]) * 60 + int(zone[0] + (zone[3:] or "0"))
    try:
        moment = datetime(int(found["year"]), int(found["month"]), int(found["day"]), hour,
                          int(found["minute"] or 0), int(found["second"] or 0))
    except ValueError as error:
        raise Unusable(f"`{content}`: {error}") from error
    need(moment.year >= 1000 and str(moment.date()) not in ("1899-12-30", "1899-12-31",
         "1900-01-01"), f"`{content}` is what programs write where a date is missing")
    if with_offset:
        return moment - timedelta(minutes=offset), Fraction(found["part"] or 0)
    return moment.date()

def is_day(written):
    return isinstance(written, date) and not isinstance(written, datetime)

def bound(written):
    """A bound of the plan: a day, a moment like those of date_in, or a number."""
    if isinstance(written, datetime):
        need(written.tzinfo, f"the plan has the time {written} without an offset")
        utc = written.astimezone(timezone.utc).replace(tzinfo=None)
        return utc.replace(microsecond=0), Fraction(utc.microsecond, 10**6)
    return written if is_day(written) else number(written)

def value_like(content, like, written):
    """What is in a cell, read as a bound of the plan is: a moment, a day or a number."""
    if isinstance(like, date):
        return date_in(content, written, isinstance(like, datetime))
    return amount_in(content, written)

# Dates: days, weeks, months and years between two days.
SPANS = ["days", "weeks", "months", "years"]

def span_of(operand):
    return next((span for span in SPANS if span in operand), None)

def column_of(end):
    """The column of one end of a span; None if it is a day of the plan."""
    return end["column"] if isinstance(end, dict) else end if isinstance(end, str) else None

def check_span(span, operand):
    ends, within = operand[span], operand.get("within", [date.min, date.max])
    count, begins = operand.get("count", "full"), operand.get("begins", "Sunday")
    counts = {"days": [], "weeks": ["full", "begun", "calendar"],
              "months": ["full", "begun", "calendar"], "years": ["full", "begun"]}
    need(len(ends) == 2 and len(within) == 2 and all(map(is_day, within))
         and within[0] <= within[1], f"`{span}` are between two days")
    for end in ends:
        check_keys(end if isinstance(end, dict) else {}, ["column", "blank"], "an operand")
        need(isinstance(column_of(end), str) and is_day(end.get("blank", date.min))
             if isinstance(end, dict) else isinstance(end, str) or is_day(end),
             f"`{span}` are between columns or days")
    need("count" not in operand or count in counts[span], f"`{span}` cannot be counted `{count}`")
    need(count != "calendar" or "inclusive" not in operand, "`calendar` excludes `inclusive`")
    need("begins" not in operand or (span == "weeks" and count == "calendar"),
         "only weeks of the calendar have `begins`")
    need(begins in WEEKDAYS, f"`{begins}` is not a day of the week")

def span_value(span, operand, view):
    first, second = (day_at(end, view) for end in operand[span])
    if first is None or second is None:
        need("blank" in operand, f"a cell that `{span}` reads is blank")
        return number_or_fraction(operand["blank"])
    need(first <= second, f"{second} is before {first}")
    low, high = operand.get("within", [first, second])
    low, high = max(low, first), min(high, second)
    if operand.get("count") == "calendar":
        return max(calendar_number(high, span, operand) - calendar_number(low, span, operand) + 1,
                   0) if low <= high else 0
    high += ONE_DAY if operand.get("inclusive") else timedelta(0)
    if low >= high:
        return 0
    if span in ("days", "weeks"):
        full, rest = divmod((high - low).days, 1 if span == "days" else 7)
    else:
        months = 1 if span == "months" else 12
        full = months_between(low, high) // months
        rest = plus_months(low, full * months) < high
    return full + 1 if rest and operand.get("count") == "begun" else full

def day_at(end, view):
    """The day at one end of a span; None if the cell is blank."""
    column = column_of(end)
    if column is None:
        return end
    content = cell(view.cells, column)
    if content == "":
        return end.get("blank") if isinstance(end, dict) else None
    return date_in(content, view.plan["column"].get(column, {}))

def calendar_number(day, span, operand):
    """The number of a month, or of a week, since the beginning of the calendar."""
    if span == "months":
        return day.year * 12 + day.month
    return (day.toordinal() - 1 - WEEKDAYS.index(operand.get("begins", "Sunday"))) // 7

def plus_months(day, months):
    """A day that the month does not have is its last one."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))

def months_between(low, high):
    months = (high.year - low.year) * 12 + high.month - low.month
    return months if plus_months(low, months) <= high else months - 1

# ---------------------------------------------------------------- tables

@dataclass(eq=False)
class Table:
    """For the texts in the columns `by`: a value, or bands of a number or day."""
    by: list
    lines: dict  # by those texts: a value, or Bands
    blank: object = None  # the value for a blank cell where there are bands
    texts: bool = False  # whether the text of the operand's own column comes last in the key

    def value(self, operand, view):
        column = operand.get("column")
        key = tuple(cell(view.cells, name) for name in [*self.by, *([column] * self.texts)])
        need(key in self.lines, f"a table has no line for {' '.join(map(repr, key))}")
        found = self.lines[key]
        if not isinstance(found, Bands):
            return found
        content = view.content(column)
        if content == "":
            need(self.blank is not None, f"a cell of column `{column}` is blank")
            return number_or_fraction(self.blank)
        return found.value(content, view.plan["column"].get(column, {}))

class Bands:
    """Bands in rising order, each with its beginning or None, its end or None, and its value.

    An end is the bound and 1, or 0 if the bound itself is in the next band.
    """
    def __init__(self, bands):
        self.bands, self.ends = bands, [end for _, end, _ in bands if end is not None]
        need(bands and all(end is not None for _, end, _ in bands[:-1]),
             "only the last band of a table has no end")
        before = None
        for begin, end, _ in bands:
            need(None in (begin, before) or (begin, 1) > before, "bands of a table overlap")
            need(end is None or ((before is None or before < end)
                                 and (begin is None or (begin, 1) <= end)),
                 "bands of a table do not rise, or nothing can be in one of them")
            before = end
        bounds = [bound for begin, end, _ in bands for bound in (begin, end and end[0])]
        self.kinds = {type(bound) for bound in bounds if bound is not None}
        need(self.kinds in (set(), {date}, {Fraction}), "a table has numbers and days")

    def value(self, content, written):
        at = value_like(content, date.min if date in self.kinds else 0, written)
        place = bisect_left(self.ends, (at, 1))
        begin, _, value = self.bands[place] if place < len(self.bands) else (at, None, None)
        need(value is not None and (begin is None or begin <= at), f"`{content}` is in no band")
        return value

def end_of(key, limit):
    """The end of a band: `to` is in it, `below` is not; for days that is `to` the day before."""
    if key == "below" and is_day(limit):
        return limit - ONE_DAY, 1
    return limit, 1 if key == "to" else 0

def bands_written(entries, begin=None):
    """Bands of the plan, in the order written; `begin` is the lower end of the first."""
    bands = []
    for entry in entries:
        check_keys(entry, ["to", "below", "value"], "a band")
        need(len(entry) - ("source" in entry) < 3, "a band has either `to` or `below`")
        ends = [end_of(key, bound(entry[key])) for key in ("to", "below") if key in entry]
        bands.append((None if bands else begin, ends[0] if ends else None,
                      number_or_fraction(entry["value"])))
    need(any(end for _, end, _ in bands), "at least one band of a table has an end")
    return Bands(bands)

def named_table(name, table, folder):
    need(len({"bands", "texts", "file"} & table.keys()) == 1, f"[table.{name}] has not one form")
    begin = bound(table["from"]) if "from" in table else None
    if "texts" in table:
        need(not {"blank", "from", "by"} & table.keys(), f"[table.{name}] is of texts")
        return texts_table(table["texts"])
    if "bands" in table:
        need("by" not in table, f"[table.{name}] has `by` and is no file")
        return Table([], {(): bands_written(table["bands"], begin)}, table.get("blank"))
    return Table(table.get("by", []), table_file(table, begin, folder), table.get("blank"))

def texts_table(texts):
    return Table([], {(text,): number_or_fraction(value) for text, value in texts.items()},
                 texts=True)

def table_file(table, begin, folder):
    """What a table file says, by the texts of `by`."""
    name, by = table["file"], table.get("by", [])
    need(name and not set(name) & set("/\\"), f"the table file `{name}` is not next to the plan")
    try:
        header, *lines = trimmed(csv_lines((folder / name).read_bytes(), name), name)
    except OSError as error:
        raise Unusable(f"{name}: {error}") from error
    form = sorted(set(header) - set(by))
    need(len(set(header)) == len(header) and set(by) < set(header) and form in (
        ["value"], ["to", "value"], ["below", "value"], ["from", "value"],
        ["from", "to", "value"], ["below", "from", "value"]), f"{name}: a header of another form")
    need(begin is None or form in (["to", "value"], ["below", "value"]),
         f"{name}: `from` goes with `to` or `below` alone")
    need("blank" not in table or form != ["value"], f"{name}: `blank` without a number or day")
    groups = {}
    for line in lines:
        line = dict(zip(header, line))
        groups.setdefault(tuple(line[column] for column in by), []).append(line)
    if form == ["value"]:
        need(len(groups) == len(lines), f"{name}: a key is there twice")
        return {key: number(line["value"]) for key, [line] in groups.items()}
    bands = {key: bands_in_file(group, form, begin) for key, group in groups.items()}
    kinds = set().union(*(one.kinds for one in bands.values()))
    need(len(kinds) < 2, f"{name} has numbers and days")
    for one in bands.values():
        one.kinds = kinds
    return bands

def bands_in_file(lines, form, begin):
    """The bands of one key, in rising order; a blank `to` or `below` is above all others."""
    if form == ["from", "value"]:  # each goes up to the next
        begins = sorted((file_bound(line["from"]), number(line["value"])) for line in lines)
        ends = [end_of("below", start) for start, _ in begins[1:]] + [None]
        return Bands([(start, end, value) for (start, value), end in zip(begins, ends)])
    key = "to" if "to" in form else "below"
    bands = [(file_bound(line["from"]) if "from" in form else None,
              end_of(key, file_bound(line[key])) if line[key] else None, number(line["value"]))
             for line in lines]
    bands.sort(key=lambda band: (band[1] is None, band[1] or ()))
    return Bands([(begin, *bands[0][1:]), *bands[1:]] if begin is not None else bands)

def file_bound(text):
    try:
        return date.fromisoformat(text) if re.fullmatch(DATES["YYYY-MM-DD"], text) else number(text)
    except ValueError as error:
        raise Unusable(f"`{text}`: {error}") from error

def table_of(operand, plan):
    """The table that an operand looks up, by name or in its place."""
    table = operand["table"]
    if isinstance(table, str):
        need(table in plan["table"], f"the plan has no table `{table}`")
        table = plan["table"][table]
    elif isinstance(table, list):
        table = Table([], {(): bands_written(table)}, operand.get("blank"))
    else:
        table = texts_table(table)
    bands = any(isinstance(line, Bands) for line in table.lines.values())
    need(("column" in operand) == (table.texts or bands), "a table has no column, or one too many")
    return table
