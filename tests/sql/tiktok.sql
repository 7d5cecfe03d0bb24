-- In re TikTok, Inc., Consumer Privacy Litigation
-- (built-in tiktok): what payouts.csv holds, computed by DuckDB from the claims file.
--
-- To use it on another file, change 'claims.csv' below; nothing else.
-- All arithmetic is in whole numbers (HUGEINT), and an overflow is an error.
-- Run it on a file that `payout compute` accepts: it does not look for
-- everything that makes `payout compute` refuse a file.
WITH
-- The claims file, every cell as the text that it is.
file AS (
  SELECT *
  FROM read_csv('claims.csv',
    all_varchar = true, header = true, delim = ',', quote = '"', escape = '"',
    comment = '', nullstr = '', skip = 0, strict_mode = true, parallel = false)
),
-- The names of its columns, and of those the plan reads, to the letter.
header AS (
  SELECT struct_keys("the whole row") AS names,
    list_has_all(names, ['claimant_id', 'status', 'subclass']) AS complete
  FROM file AS "the whole row"
  LIMIT 1
),
-- The cells that the plan reads, without the white space around them.
cells AS (
  SELECT row_number() OVER () AS row_no,
    regexp_replace(coalesce("claimant_id", ''), '^[\s\p{Z}]+|[\s\p{Z}]+$', '', 'g') AS "cell claimant_id",
    regexp_replace(coalesce("status", ''), '^[\s\p{Z}]+|[\s\p{Z}]+$', '', 'g') AS "cell status",
    regexp_replace(coalesce("subclass", ''), '^[\s\p{Z}]+|[\s\p{Z}]+$', '', 'g') AS "cell subclass"
  FROM file
),
-- What the status of each row means, whether the row is excluded, and how many
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
-- What becomes of each row: excluded, or what its status says. What is wrong
-- with the file stops the query here.
standing AS (
  SELECT *,
    CASE
      WHEN NOT (SELECT complete FROM header)
        THEN error('the file lacks a column of the plan: names must be the same to the letter')
      WHEN "cell claimant_id" = '' THEN error('row ' || row_no || ' has no id')
      WHEN rows_of_id > 1 THEN error('an id occurs twice: ' || "cell claimant_id")
      WHEN "cell subclass" NOT IN ('illinois', 'nationwide', '') THEN error('row ' || row_no || ' has a text that the plan does not allow: ' || "cell subclass")
      WHEN meaning IS NULL THEN error('row ' || row_no || ' has an unknown status: ' || "cell status")
      WHEN excluded THEN 'excluded'
      ELSE meaning
    END AS standing
  FROM judged
),
-- The claims that are paid or held, and the subclasses that each is in.
members AS (
  SELECT *,
    "cell subclass" = 'illinois' AS in_subclass_1
  FROM standing
  WHERE standing IN ('pay', 'hold')
),
-- The subclasses as payouts.csv has them.
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
-- The claims that have any.
sharing AS (
  SELECT row_no, standing, subclass, "cell claimant_id" AS claimant_id, units
  FROM weighed
  WHERE CASE WHEN units < 0 THEN error('row ' || row_no || ' has negative shares') ELSE units > 0 END
),
-- The money of the pool in minor units of the currency, and the shares of all.
totals AS (
  SELECT 6133640000::HUGEINT AS money, sum(units) AS all_units
  FROM sharing
),
-- The value of one share is rounded down, then multiplied; what that leaves of
-- a minor unit is cut.
payments AS (
  SELECT *, (money * 1 // all_units) * units // 1 AS payment
  FROM sharing, totals
)
-- Who is paid, in the order of the file, as payouts.csv has it.
SELECT
  claimant_id,
  subclass,
  units::VARCHAR AS shares,
  (payment // 100)::VARCHAR || '.' || lpad((payment % 100)::VARCHAR, 2, '0') AS payout
FROM payments
WHERE standing = 'pay' AND payment > 0
ORDER BY row_no;
