"""The built-in plan in DuckDB: claims.csv to payouts.csv, ids that occur twice refused."""

import sys

import duckdb

claims, payouts, threads = sys.argv[1:4]
db = duckdb.connect()
db.execute(f"SET threads = {threads}")
db.execute(
    f"""
    CREATE TEMP TABLE claims AS
    SELECT claimant_id, subclass = 'illinois' AS illinois, status
    FROM read_csv('{claims}', header = true, all_varchar = true)
    """
)
rows, ids = db.execute("SELECT count(*), count(DISTINCT claimant_id) FROM claims").fetchone()
assert rows == ids, "an id occurs twice"
(shares,) = db.execute(
    """
    SELECT sum(CASE WHEN coalesce(illinois, false) THEN 6 ELSE 1 END) FROM claims
    WHERE status IN ('approved', 'pending', 'deficient', 'late')
    """
).fetchone()
value = 6133640000 // shares
db.execute(
    f"""
    COPY (
        SELECT claimant_id,
               CASE WHEN illinois THEN 'illinois' END AS subclass,
               CASE WHEN illinois THEN 6 ELSE 1 END AS shares,
               CASE WHEN illinois THEN '{6 * value // 100}.{6 * value % 100:02}'
                    ELSE '{value // 100}.{value % 100:02}' END AS payout
        FROM claims WHERE status = 'approved'
    ) TO '{payouts}' (HEADER)
    """
)
