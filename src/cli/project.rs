//! `payout project`

use std::path::PathBuf;

use anyhow::Result;
use rust_decimal::Decimal;

use crate::audit::project::{self, ClaimsRate};
use crate::base::decimal;
use crate::base::diagnostics::AlreadyReported;
use crate::claims::input::{Input, is_workbook};
use crate::cli::help::{CommandHelp, FAILED, UNUSABLE};
use crate::cli::inputs::check_sheet;
use crate::cli::stdout::print;
use crate::cli::{PlanArg, load_plan};
use crate::plan::document::number_fault;

const LESSON: CommandHelp = CommandHelp {
    notes: "\
KINDS.csv has the columns that the pools read and a column `count`. Each row is
one claimant group, which the column of the claimant ids names, and `count` is
the number of class members in the group.
Without the columns of the status and of exclusions, every group is payable.",
    examples: &[
        (
            "Estimate individual payments at claims rates of 1%, 2%, 5% and 10%",
            &["payout project kinds.csv --plan plan.toml --take-up 1%,2%,5%,10%"],
        ),
        (
            "Estimate payments if every class member claims, under the built-in plan",
            &["payout project kinds.csv"],
        ),
        (
            "Print only what each group receives, as JSON",
            &["payout project kinds.csv --plan plan.toml --json | jq '.take_up[].kinds'"],
        ),
    ],
    statuses: &[
        (0, "payments at all claims rates"),
        (1, "at some claims rates, the plan allows no distribution"),
        UNUSABLE,
        FAILED,
    ],
};

#[derive(Debug, clap::Args)]
#[command(after_long_help = LESSON.text())]
pub(super) struct Args {
    /// The claimant groups, in CSV or a workbook (`.xlsx`)
    #[arg(value_name = "KINDS.csv")]
    kinds: PathBuf,
    #[command(flatten)]
    plan: PlanArg,
    /// The sheet to read from a workbook [default: the first]
    #[arg(long, value_name = "NAME")]
    sheet: Option<String>,
    /// Claims rates: percentages of the class that file claims
    #[arg(long, value_name = "RATES", value_delimiter = ',', value_parser = take_up, default_value = "100%")]
    take_up: Vec<ClaimsRate>,
    /// Print as JSON
    #[arg(long)]
    json: bool,
}

fn take_up(text: &str) -> Result<ClaimsRate, String> {
    let digits = text
        .trim()
        .strip_suffix('%')
        .ok_or("write a percentage, like 2.5%")?;
    let percent =
        decimal::parse(digits).map_err(|fault| number_fault(&format!("`{digits}`"), fault).text)?;
    if percent > Decimal::ONE_HUNDRED {
        return Err("a claims rate is at most 100%".to_owned());
    }
    Ok(ClaimsRate {
        written: text.trim().to_owned(),
        percent,
    })
}

pub(super) fn run(args: &Args) -> Result<()> {
    let plan = load_plan(args.plan.plan.as_deref())?;
    let sheet = args.sheet.as_deref();
    // The file is read twice, so it cannot be standard input.
    let input = if is_workbook(&args.kinds) {
        Input::named(&args.kinds, sheet)
    } else {
        Input::File(args.kinds.clone())
    };
    check_sheet(sheet, std::slice::from_ref(&input))?;
    let projection = project::project(&plan, &input, &args.take_up)?;
    print(args.json, &projection, || project::text::text(&projection))?;
    if projection.impossible.is_empty() {
        return Ok(());
    }
    Err(AlreadyReported.into())
}
