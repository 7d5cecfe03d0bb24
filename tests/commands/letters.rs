//! Statements as letters and as pages.

use super::{CLAIMS, PLAN, compute};
use crate::support::{Job, sha256};

const LETTER: &str = "{settlement}\r\n\r\nDear {column.name} ({claimant_id}):\r\n\r\n\
                      {explanation}\r\n\r\nYour payment is {payout}. {{Thank you}}\r\n";

fn letters(plan: &str, files: &[(&str, &str)]) -> Job {
    let plan = PLAN.to_owned() + "\n[statement]\n" + plan;
    let files = [files, &[("plan.toml", &plan), ("claims.csv", CLAIMS)]].concat();
    Job::with(&files)
}

fn path(id: &str, name: &str) -> String {
    format!("payouts/statements/{}/{name}", &sha256(id)[..2])
}

fn computed(job: &Job, form: &str) {
    let said = job.payout(&compute(&["--statements", form, "--force", "--quiet"]));
    assert_eq!(said.status, 0, "{}", said.stderr);
    let said = job.payout(&["check", "payouts"]);
    assert_eq!(said.status, 0, "{}", said.stdout);
    assert!(said.stdout.contains("3 regenerated and compared"));
}

#[test]
fn each_statement_is_the_letter() {
    let job = letters("template = \"letter.txt\"\n", &[("letter.txt", LETTER)]);
    computed(&job, "folder");
    assert_eq!(
        job.read(&path("A,6", "A%2C6.txt")),
        "Example Settlement\n\nDear \"Al\" Rossi (A,6):\n\n\
         You have 1 share: $83.33.\n\nYour payment is $83.33. {Thank you}\n"
    );
    assert_eq!(
        job.read("payouts/statements/index.csv"),
        "claimant_id,file,payout\nA-1,bc/A-1.txt,500.00\nA-2,ca/A-2.txt,83.33\n\
         \"A,6\",17/A%2C6.txt,83.33\n"
    );
    assert_eq!(job.read("payouts/tables/letter.txt"), LETTER);
    let summary = job.read("payouts/summary.json");
    assert!(summary.contains(&sha256(LETTER)), "{summary}");
    computed(&job, "zip");
}

#[test]
fn a_template_is_sealed_with_the_run() {
    let job = letters("template = \"letter.txt\"\n", &[("letter.txt", LETTER)]);
    computed(&job, "folder");
    let said = job.payout(&["check", "payouts", "--plan", "plan.toml"]);
    assert_eq!(said.status, 0, "{}", said.stdout);
    job.write("letter.txt", "Dear {claimant_id}");
    let said = job.payout(&["check", "payouts", "--plan", "plan.toml"]);
    assert_eq!(said.status, 1);
    assert!(said.stdout.contains("tables/letter.txt"), "{}", said.stdout);
    let said = job.payout(&compute(&["--out", "other", "--quiet"]));
    assert_eq!(said.status, 0, "{}", said.stderr);
    let said = job.payout(&["compare", "payouts", "other"]);
    assert!(said.stdout.contains("(file letter.txt)"), "{}", said.stdout);
    job.write("payouts/tables/letter.txt", "Dear {claimant_id}");
    let said = job.payout(&["check", "payouts"]);
    assert_eq!(said.status, 1);
    let found = ["tables/letter.txt: SHA-256", "A-1.txt: line 1"];
    for words in found {
        assert!(said.stdout.contains(words), "{}", said.stdout);
    }
}

#[test]
fn the_language_of_the_rows_chooses_the_letter() {
    let plan =
        "language = \"state\"\ntemplates = { IL = \"il.txt\", CA = \"ca.txt\", WI = \"ca.txt\" }\n";
    let files = [("il.txt", "IL {payout}\n"), ("ca.txt", "CA {payout}\n")];
    let job = letters(plan, &files);
    computed(&job, "folder");
    assert_eq!(job.read(&path("A-1", "A-1.txt")), "IL $500.00\n");
    assert_eq!(job.read(&path("A-2", "A-2.txt")), "CA $83.33\n");
    let said = job.payout(&["plan", "plan.toml"]);
    let words = "Claimant statements are letters, filled in by column \"state\": from il.txt for";
    assert!(said.stdout.contains(words), "{}", said.stdout);
    // The rows of a claimant must agree.
    let summed = job
        .read("plan.toml")
        .replace("[claims]\n", "[claims]\nrows = \"sum\"\n");
    job.write("plan.toml", summed);
    job.write(
        "claims.csv",
        CLAIMS
            .replace("A-5,", "A-2,")
            .replace("2022-03-02", "2022-02-02"),
    );
    let said = job.payout(&compute(&["--force"]));
    assert_eq!(said.status, 2);
    assert!(
        said.stderr.contains("claims.csv:5:state"),
        "{}",
        said.stderr
    );
}

#[test]
fn a_column_that_is_added_up_is_shown_as_its_sum() {
    let letter = "{column.weeks}|{column.site}";
    let columns = "[statement]\ncolumns = [\"weeks\", \"site\"]\n";
    let template = "[statement]\ntemplate = \"letter.txt\"\n";
    let plan = "[settlement]\nname = \"Sum\"\n[fund]\namount = 1000\n[claims]\n\
                rows = \"sum\"\nstatus = \"status\"\npay = [\"yes\"]\ndeny = [\"no\"]\n\
                [[pool]]\nname = \"class\"\nshares = [{ add = { column = \"weeks\", blank = 0 } }, \
                { add = 1 }]\n";
    let claims = "\
claimant_id,weeks,site,status
same,39,a,yes
same,39,a,yes
two,67,a,yes
two,9,c,no
two,60.5,b,yes
one,12.50,a,yes
one,,a,yes
nothing,,a,yes
nothing,,b,yes
alone,7.0,a,yes
";
    let shown = [
        ("same", "78", "a"),
        ("two", "127.5", "a; b"),
        ("one", "12.50", "a"),
        ("nothing", "", "a; b"),
        ("alone", "7.0", "a"),
    ];
    let job = Job::with(&[("claims.csv", claims), ("letter.txt", letter)]);
    for statement in [template, columns] {
        job.write("plan.toml", plan.to_owned() + statement);
        let said = job.payout(&compute(&["--statements", "folder", "--force", "--quiet"]));
        assert_eq!(said.status, 0, "{}", said.stderr);
        assert_eq!(job.payout(&["check", "payouts"]).status, 0);
        for (id, weeks, site) in shown {
            let text = job.read(&path(id, &format!("{id}.txt")));
            if statement == template {
                assert_eq!(text, format!("{weeks}|{site}"), "{id}");
            } else {
                let weeks = if weeks.is_empty() {
                    "not provided"
                } else {
                    weeks
                };
                let words = format!("  weeks: {weeks}\n  site: {site}\n");
                assert!(text.contains(&words), "{id}: {text}");
            }
        }
    }
}

#[test]
fn pages_escape_what_they_show() {
    let claims = CLAIMS.replace("Zoë", "<b>Zoë & Co</b>");
    let plan = "columns = [\"name\"]\nform = \"html\"\ntext = \"Yours\"\n";
    let job = letters(plan, &[]);
    job.write("claims.csv", claims);
    computed(&job, "folder");
    let page = job.read(&path("A-2", "A-2.html"));
    assert!(page.starts_with("<!doctype html>\n<html lang=\"en\">"));
    assert!(page.ends_with("</article>\n</body>\n</html>\n"), "{page}");
    let name = "<dt>name</dt><dd>&#60;b&#62;Zoë &#38; Co&#60;/b&#62;</dd>";
    assert!(page.contains(name), "{page}");
    assert!(page.contains("<h3>Your payment</h3>\n<p>You have 1 share: $83.33.</p>"));
    assert!(page.contains("<p class=\"last\">Yours</p>"));
    computed(&job, "zip");
    computed(&job, "html");
    let all = job.read("payouts/statements.html");
    assert_eq!(all.matches("<article>").count(), 3);
    assert_eq!(all.matches("<html").count(), 1);
    assert!(all.contains(name) && !all.contains("<b>"));
    // In the order of payouts.csv.
    let places = ["A-1", "A-2", "A,6"].map(|id| all.find(&format!("<dd>{id}</dd>")).unwrap());
    assert!(places.is_sorted(), "{places:?}");
    job.write("payouts/statements.html", all.replace("83.33", "93.33"));
    let said = job.payout(&["check", "payouts"]);
    assert_eq!(said.status, 1);
    assert!(
        said.stdout.contains("the regenerated page"),
        "{}",
        said.stdout
    );
}

#[test]
fn a_full_calculation_keeps_its_lines_on_a_page() {
    let job = letters("detail = \"full\"\n", &[]);
    computed(&job, "html");
    let all = job.read("payouts/statements.html");
    assert!(
        all.contains("<pre>The fund\n  The fund is $1,000.00."),
        "{all}"
    );
    assert!(all.contains("(exactly 250/3)"));
}

#[test]
fn a_letter_of_a_draft_says_so() {
    let job = letters(
        "template = \"letter.txt\"\n",
        &[("letter.txt", "{payout}\n")],
    );
    let draft = job.read("plan.toml").replacen(
        "[settlement]\n",
        "[settlement]\ndraft = \"not approved\"\n",
        1,
    );
    job.write("plan.toml", draft);
    computed(&job, "folder");
    let text = job.read(&path("A-1", "A-1.txt"));
    assert_eq!(text, "DRAFT – not for payment: not approved\n\n$500.00\n");
}

#[test]
fn made_up_claims_have_a_language_of_the_plan() {
    let plan = "language = \"tongue\"\ntemplates = { en = \"l.txt\", \"\" = \"l.txt\" }\n";
    let job = letters(plan, &[("l.txt", "{payout}\n")]);
    let said = job.payout(&["sample", "50", "--plan", "plan.toml", "--out", "s.csv"]);
    assert_eq!(said.status, 0, "{}", said.stderr);
    let said = job.payout(&["compute", "s.csv", "--plan", "plan.toml", "--statements"]);
    assert_eq!(said.status, 0, "{}", said.stderr);
}
