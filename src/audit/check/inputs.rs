//! Reads the inputs stored in a run: its plan and its control totals.

use std::path::Path;

use anyhow::Result;

use crate::audit::check::differences::CheckFindings;
use crate::audit::check::{CheckJob, Verdict};
use crate::audit::saved_run;
use crate::base::diagnostics::{PROBLEM_STATUS, exit_status, first_line};
use crate::base::digest::sha256;
use crate::base::regular_file;
use crate::claims::control_totals::{self, ControlTotals, EXPECT};
use crate::plan::{self, Plan, PlanSource};
use crate::run::file_names::{PLAN_COPY, TABLES};
use crate::run::manifest::Manifest;

/// The plan and the control totals of the run, if they can be read.
pub(super) fn the_plan(
    job: &CheckJob<'_>,
    manifest: &Manifest,
    verdict: &mut Verdict,
    findings: &CheckFindings,
) -> Result<Option<(Plan, Option<ControlTotals>)>> {
    let Some(source) = source_of(job.run, PLAN_COPY, &manifest.options.plan) else {
        findings.note(PLAN_COPY, "", "a plan", "no file with UTF-8 text")?;
        return Ok(None);
    };
    let digest = sha256(&source.text);
    if let Some(approved) = job.approved {
        let same = approved.text == source.text;
        verdict.plan_as_approved = Some(same);
        if !same {
            let expected = sha256(&approved.text);
            findings.note(PLAN_COPY, "the approved plan", &expected, &digest)?;
        }
    }
    verdict.plan_sha256 = Some(digest);
    let mut plan = match plan::load(&source) {
        Ok(plan) => plan,
        Err(bad) => {
            let first = bad.problems.first().map_or("", |problem| &problem.message);
            findings.note(PLAN_COPY, "", "a valid plan", first)?;
            return Ok(None);
        }
    };
    for file in job.approved.iter().flat_map(|_| plan.files()) {
        let beside = job
            .approved
            .map(|approved| approved.folder.join(&file.name));
        let beside = beside.and_then(|path| regular_file::read_file(&path).ok());
        let expected = beside.map_or("no such file".to_owned(), |bytes| sha256(&bytes));
        if expected != file.sha256 {
            verdict.plan_as_approved = Some(false);
            let name = format!("{TABLES}/{}", file.name);
            findings.note(
                &name,
                "the file of the approved plan",
                &expected,
                &file.sha256,
            )?;
        }
    }
    if manifest.output(EXPECT).is_none() {
        return Ok(Some((plan, None)));
    }
    let source = source_of(job.run, EXPECT, EXPECT);
    let found = match source.map(|source| control_totals::load(&source, &mut plan)) {
        Some(Ok(expect)) => return Ok(Some((plan, Some(expect)))),
        Some(Err(bad)) => first_line(&bad),
        None => "no UTF-8 text".to_owned(),
    };
    findings.note(EXPECT, "", "control totals", &found)?;
    Ok(None)
}

/// Has the plan follow the reconciliation of the run. Returns false, with a finding, if it
/// is not there or was changed: then nothing can be recomputed.
pub(super) fn follow(
    job: &CheckJob<'_>,
    manifest: &Manifest,
    plan: &mut Plan,
    findings: &CheckFindings,
) -> Result<bool> {
    match saved_run::follow(plan, job.run, manifest, job.named.after) {
        Ok(()) => Ok(true),
        Err(error) if exit_status(&error) == PROBLEM_STATUS => {
            findings.note("the reconciliation", "", "", &first_line(&error))?;
            Ok(false)
        }
        Err(error) => Err(error),
    }
}

fn source_of(run: &Path, file: &str, name: &str) -> Option<PlanSource> {
    let path = run.join(file);
    let text = String::from_utf8(regular_file::read_file(&path).ok()?).ok()?;
    Some(PlanSource {
        folder: run.join(TABLES),
        name: name.to_owned(),
        shown: path.display().to_string(),
        text,
    })
}
