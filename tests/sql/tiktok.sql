-- In re TikTok, Inc., Consumer Privacy Litigation
-- (built-in tiktok): recomputes payouts.csv in DuckDB from the claims file.
--
-- To use another file, change only 'claims.csv' below.
-- All arithmetic is in integers (HUGEINT), and an overflow is an error.
-- Use a file that `payout compute` accepts: this query does not detect every
-- problem that `payout compute` rejects.
WITH
-- The claims file, with every cell as text.
file AS (
  SELECT *
  FROM read_csv('claims.csv',
    all_varchar = true, header = true, delim = ',', quote = '"', escape = '"',
    comment = '', nullstr = '', skip = 0, strict_mode = true, parallel = false)
),
-- Its column names, which must include those in the plan, with the same case.
header AS (
  SELECT struct_keys("the whole row") AS names,
    list_has_all(names, ['claimant_id', 'status', 'subclass']) AS complete
  FROM file AS "the whole row"
  LIMIT 1
),
-- The cells that the plan reads, without surrounding white space.
cells AS (
  SELECT row_number() OVER () AS row_no,
    regexp_replace(coalesce("claimant_id", ''), '^[\s\p{Z}]+|[\s\p{Z}]+$', '', 'g') AS "cell claimant_id",
    regexp_replace(coalesce("status", ''), '^[\s\p{Z}]+|[\s\p{Z}]+$', '', 'g') AS "cell status",
    regexp_replace(coalesce("subclass", ''), '^[\s\p{Z}]+|[\s\p{Z}]+$', '', 'g') AS "cell subclass"
  FROM file
),
-- The meaning of each row's status, whether the row is excluded, and how many
-- rows have its id.
judged AS (
  SELECT *,
    CASE "cell status"
      WHEN 'approved' THEN 'pay'
      WHEN 'pending' THEN 'hold'
      WHEN 'deficient' THEN 'hold'
      WHEN 'late' THEN 'hold'
      WHEN 'denied' THEN 'deny'
      WHEN 'duplicate' THEN 'deny'
      WHEN 'withdrawn' THEN 'deny'
      WHEN 'excluded' THEN 'deny'
    END AS meaning,
    false AS excluded,
    count(*) OVER (PARTITION BY "cell claimant_id") AS rows_of_id
  FROM cells
),
-- The outcome of each row: excluded, or by its status. Problems in the file stop
-- the query here.
outcomes AS (
  SELECT *,
    CASE
      WHEN NOT (SELECT complete FROM header)
        THEN error('the file has no column with the exact name in the plan')
      WHEN "cell claimant_id" = '' THEN error('row ' || row_no || ' has no id')
      WHEN rows_of_id > 1 THEN error('duplicate id: ' || "cell claimant_id")
      WHEN "cell subclass" NOT IN ('illinois', 'nationwide', '') THEN error('row ' || row_no || ' has a value that the plan does not allow: ' || "cell subclass")
      WHEN meaning IS NULL THEN error('row ' || row_no || ' has an unknown status: ' || "cell status")
      WHEN excluded THEN 'excluded'
      ELSE meaning
    END AS outcome
  FROM judged
),
-- The claims that are paid or held, and their subclasses.
members AS (
  SELECT *,
    "cell subclass" = 'illinois' AS in_subclass_1
  FROM outcomes
  WHERE outcome IN ('pay', 'hold')
),
-- The subclasses as payouts.csv lists them.
named AS (
  SELECT *, concat_ws(';', CASE WHEN in_subclass_1 THEN 'illinois' END) AS subclass
  FROM members
),
-- The shares of each claim.
weighed AS (
  SELECT *,
    0::HUGEINT
      + 1
      + CASE WHEN in_subclass_1 THEN 5 ELSE 0 END AS units
  FROM named
),
-- The claims with shares.
sharing AS (
  SELECT row_no, outcome, subclass, "cell claimant_id" AS claimant_id, units
  FROM weighed
  WHERE CASE WHEN units < 0 THEN error('row ' || row_no || ' has negative shares') ELSE units > 0 END
),
-- The pool's money in minor units, and the total shares.
totals AS (
  SELECT 6133640000::HUGEINT AS money, sum(units) AS all_units
  FROM sharing
),
-- The value of one share is rounded down, then multiplied; fractions of a minor
-- unit are truncated.
payments AS (
  SELECT *, (money * 1 // all_units) * units // 1 AS payment
  FROM sharing, totals
)
-- The paid claims in file order, as in payouts.csv.
SELECT
  claimant_id,
  subclass,
  units::VARCHAR AS shares,
  (payment // 100)::VARCHAR || '.' || lpad((payment % 100)::VARCHAR, 2, '0') AS payout
FROM payments
WHERE outcome = 'pay' AND payment > 0
ORDER BY row_no;
