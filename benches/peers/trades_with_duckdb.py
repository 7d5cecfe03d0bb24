"""Trades matched first in, first out in DuckDB, by sums of quantities: claims and trades to
payouts.csv. Nothing is checked, and neither lots nor deficiencies are written."""

import sys

import duckdb

claims, trades, payouts, threads = sys.argv[1:5]
db = duckdb.connect()
db.execute(f"SET threads = {threads}")
db.execute(
    f"""
    CREATE TEMP TABLE trades AS
    SELECT claimant_id, kind, date, quantity, price, row_number() OVER () AS number
    FROM read_csv('{trades}', header = true, columns = {{
        'claimant_id': 'VARCHAR', 'kind': 'VARCHAR', 'date': 'DATE',
        'quantity': 'BIGINT', 'price': 'DECIMAL(9,2)'}})
    """
)
INFLATION = """
    CASE WHEN {0} <= DATE '2018-11-01' THEN 12.59 WHEN {0} <= DATE '2019-02-21' THEN 10.93
         WHEN {0} <= DATE '2019-08-07' THEN 4.04 ELSE 0 END :: DECIMAL(9,2)
"""
db.execute(
    f"""
    COPY (
        WITH summed AS (
            SELECT *, sum(quantity) OVER (PARTITION BY claimant_id, kind ORDER BY date, number)
                      :: BIGINT AS through
            FROM trades WHERE kind <> 'holding'
        ),
        sold AS (
            SELECT claimant_id, date, price, through - quantity AS before, through
            FROM summed WHERE kind = 'sale'
            UNION ALL
            SELECT claimant_id, NULL, NULL,
                   coalesce(sum(quantity) FILTER (kind = 'sale'), 0) :: BIGINT,
                   sum(quantity) FILTER (kind = 'purchase') :: BIGINT
            FROM trades WHERE kind <> 'holding' GROUP BY claimant_id
        ),
        lots AS (
            SELECT claimant_id, p.price AS paid, s.price AS received,
                   {INFLATION.format('p.date')}
                   - CASE WHEN s.date IS NULL THEN 0 ELSE {INFLATION.format('s.date')} END AS fall,
                   least(p.through, s.through) - greatest(p.through - p.quantity, s.before) AS units
            FROM summed p JOIN sold s USING (claimant_id)
            WHERE p.kind = 'purchase' AND p.through > s.before AND s.through > p.through - p.quantity
        ),
        losses AS (
            SELECT claimant_id,
                   sum(greatest(least(fall, paid - coalesce(received, 0)), 0) * units)
                   :: DECIMAL(18,2) AS loss
            FROM lots GROUP BY claimant_id
        )
        SELECT claimant_id, NULL AS subclass, loss AS award, loss AS payout
        FROM read_csv('{claims}', header = true, all_varchar = true) JOIN losses USING (claimant_id)
        WHERE loss > 0 ORDER BY claimant_id
    ) TO '{payouts}' (HEADER)
    """
)
