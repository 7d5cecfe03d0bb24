//! How a browser shows report.html.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::commands::{CLAIMS, PLAN, compute};
use crate::support::Job;

/// Prints where the browser is, by any of its names.
pub(crate) const CHROMIUM: &str =
    "command -v chromium || command -v chromium-browser || command -v google-chrome";

/// Has the browser show a page; the result is the page as it then is, and what
/// the browser said.
fn show(page: &Path, options: &[&str]) -> (String, String) {
    let profile = tempfile::tempdir().unwrap();
    let output = Command::new("sh")
        .args(["-c", &format!("\"$({CHROMIUM})\" \"$@\""), "sh"])
        .args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
        ])
        .args(["--enable-logging=stderr", "--virtual-time-budget=2000"])
        .arg(format!("--user-data-dir={}", profile.path().display()))
        .args(options)
        .arg(format!("file://{}", page.display()))
        .output()
        .unwrap();
    (
        String::from_utf8_lossy(&output.stdout).into_owned(),
        String::from_utf8_lossy(&output.stderr).into_owned(),
    )
}

/// Measures a frame of a given width: the report as it is, but for the policy
/// that forbids scripts, and a script that looks for what is too wide.
fn measured(html: &str, width: u32, style: impl Fn(&str) -> String) -> String {
    const SCRIPT: &str = r"
        const wide = [...document.querySelectorAll('body *')].filter(part =>
            part.getBoundingClientRect().right > window.innerWidth + 0.5);
        const boxes = [...document.querySelectorAll('.table, dd, td, th')].filter(part =>
            part.scrollWidth > part.clientWidth);
        parent.postMessage('measured ' + [window.innerWidth,
            document.documentElement.scrollWidth, wide.length, boxes.length].join(' '), '*');
    ";
    let html = style(html).replace("default-src 'none'; ", "");
    let html = html.replace("</body>", &format!("<script>{SCRIPT}</script></body>"));
    let html = html.replace('&', "&amp;").replace('"', "&quot;");
    format!(
        "<!doctype html><body><p id=\"said\">nothing</p><script>\
         onmessage = said => document.getElementById('said').textContent = said.data;\
         </script><iframe width=\"{width}\" height=\"9000\" style=\"border:0\" \
         srcdoc=\"{html}\"></iframe></body>"
    )
}

/// A pool with parts, whose table has the most columns.
const BY_STATE: &str = r#"
[[pool]]
name    = "states"
percent = 40
by      = "state"
parts   = { IL = 50, CA = 30, WI = 20 }
shares  = 1
"#;

pub(crate) fn a_browser_shows_the_report_without_complaint_at_every_size() {
    let job = Job::new();
    let plan = PLAN.replace("amount = 1000", "amount = 9_876_543_210_987.65");
    let plan = plan.replace("Example Settlement", &"A Long Name of a Case ".repeat(12));
    let plan = plan.replace("Illinois Subclass", &"Illinois".repeat(12));
    let plan = plan.replace("[[pool]]", &format!("{BY_STATE}\n[[pool]]"));
    job.write("plan.toml", plan);
    job.write("claims.csv", CLAIMS);
    assert_eq!(job.payout(&compute(&["--quiet"])).status, 0);
    let report = job.path("payouts/report.html");
    let (page, said) = show(&report, &["--dump-dom"]);
    assert!(page.contains("Everything ties out"), "{page}\n{said}");
    assert!(!said.contains("CONSOLE"), "{said}");

    let html = job.read("payouts/report.html");
    let as_it_is = |html: &str| html.to_owned();
    let on_paper = |html: &str| html.replace("@media print", "@media all");
    // Screens from a phone to a desk, and a sheet of A4 within its margins, in pixels.
    let screens = [360, 700, 1100, 1600].map(|width| (width, false));
    for (width, printed) in screens.into_iter().chain([(672, true)]) {
        let page = match printed {
            true => measured(&html, width, on_paper),
            false => measured(&html, width, as_it_is),
        };
        job.write("frame.html", page);
        let (page, said) = show(&job.path("frame.html"), &["--dump-dom"]);
        assert!(!said.contains("CONSOLE"), "{said}");
        let expected = format!("measured {width} {width} 0 0");
        assert!(page.contains(&expected), "{width}: {page}");
    }

    let paper = job.path("paper.pdf");
    let print = format!("--print-to-pdf={}", paper.display());
    show(&report, &["--no-pdf-header-footer", &print]);
    assert!(fs::read(paper).unwrap().starts_with(b"%PDF"));
}
