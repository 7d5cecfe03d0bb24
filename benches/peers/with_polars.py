"""The built-in plan in Polars: claims.csv to payouts.csv, ids that occur twice refused."""

import sys

import polars as pl

claims, payouts = sys.argv[1:3]
table = pl.read_csv(
    claims,
    columns=["claimant_id", "subclass", "status"],
    schema_overrides={"claimant_id": pl.String, "subclass": pl.String, "status": pl.String},
)
assert table["claimant_id"].n_unique() == table.height, "an id occurs twice"
illinois = (pl.col("subclass") == "illinois").fill_null(False)
sharing = table.filter(pl.col("status").is_in(["approved", "pending", "deficient", "late"]))
shares = sharing.select(pl.when(illinois).then(6).otherwise(1).sum()).item()
value = 6133640000 // shares
text = lambda cents: f"{cents // 100}.{cents % 100:02}"
table.filter(pl.col("status") == "approved").select(
    "claimant_id",
    pl.when(illinois).then(pl.lit("illinois")).alias("subclass"),
    pl.when(illinois).then(6).otherwise(1).alias("shares"),
    pl.when(illinois).then(pl.lit(text(6 * value))).otherwise(pl.lit(text(value))).alias("payout"),
).write_csv(payouts)
