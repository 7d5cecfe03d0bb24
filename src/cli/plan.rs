//! `payout plan`

use std::path::PathBuf;

use anyhow::Result;

use crate::allocate::pools::available;
use crate::base::money::Money;
use crate::cli::help::CommandHelp;
use crate::cli::load_plan;
use crate::cli::stdout::{print, to_stdout};
use crate::plan::{Plan, english, schema, sql};

const LESSON: CommandHelp = CommandHelp {
    notes: "",
    examples: &[
        (
            "Validate a plan and print it to compare with the court order",
            &["payout plan plan.toml"],
        ),
        ("Read the built-in plan", &["payout plan"]),
        (
            "Print an SQL query that recomputes the payouts in DuckDB",
            &["payout plan plan.toml --sql duckdb > payouts.sql"],
        ),
        (
            "Look up every key of the plan language",
            &["payout plan --reference | less"],
        ),
        (
            "Let an editor check plans; the plan reference says how",
            &["payout plan --schema > plan.schema.json"],
        ),
    ],
    statuses: &[
        (0, "the plan is valid"),
        (
            2,
            "the plan is invalid; every problem is listed with its line",
        ),
    ],
};

#[derive(Debug, clap::Args)]
#[command(after_long_help = LESSON.text())]
pub(super) struct Args {
    /// The plan [default: the built-in TikTok plan]
    #[arg(value_name = "PLAN.toml")]
    plan: Option<PathBuf>,
    /// Print as JSON
    #[arg(long)]
    json: bool,
    /// Print a query that computes the same payouts from the claims
    #[arg(long, value_name = "DIALECT", conflicts_with = "json")]
    sql: Option<Dialect>,
    /// Print the plan reference instead
    #[arg(long, conflicts_with_all = ["plan", "json", "sql"])]
    reference: bool,
    /// Print a JSON Schema of the plan language, for editors
    #[arg(long, conflicts_with_all = ["plan", "json", "sql", "reference"])]
    schema: bool,
}

/// Programs that a query can target.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Dialect {
    /// DuckDB
    Duckdb,
}

pub(super) fn run(args: &Args) -> Result<()> {
    if args.reference {
        return to_stdout(include_str!("../../docs/plan-reference.md"));
    }
    if args.schema {
        let schema = serde_json::to_string_pretty(&schema::schema())?;
        return to_stdout(&(schema + "\n"));
    }
    let plan = load_plan(args.plan.as_deref())?;
    if let Some(Dialect::Duckdb) = args.sql {
        return to_stdout(&query(&plan)?);
    }
    let description = english::describe(&plan);
    print(args.json, &description, || description.text())
}

/// The plan as a query with the amount of its pool.
fn query(plan: &Plan) -> Result<String> {
    plan.refuse_prior("a query")?;
    let net = plan
        .account
        .as_ref()
        .map_or(Money::ZERO, |account| account.net);
    let money = match plan.pools.as_slice() {
        [pool] => available(plan, pool, net, net).map_err(|problem| plan.at_fault(problem))?,
        _ => net,
    };
    sql::duckdb(plan, money)
}
