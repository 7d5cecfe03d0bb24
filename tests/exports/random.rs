//! Random layouts: what is written is what another reader of the same layout
//! expects, and whatever is changed is found.

use std::fs;

use super::{cents, export, job, of_method};
use crate::generator::dice::Dice;
use crate::support::{Job, names, records};

/// A layout, and what a field of it is of a claim and its payout.
struct Random {
    layout: String,
    fields: Vec<Field>,
    delimiter: Option<char>,
    quoted: bool,
    header: bool,
    line_end: &'static str,
    rows: Option<usize>,
    control: bool,
}

struct Field {
    kind: &'static str,
    width: usize,
    right: bool,
}

const KINDS: [&str; 8] = [
    "payee", "id", "decimal", "minor", "number", "date", "text", "city",
];

fn layout(dice: &mut Dice) -> Random {
    let fixed = dice.chance(40);
    let delimiter = (!fixed).then(|| *dice.pick(&[',', ';', '|', '\t']));
    let quoted = !fixed && dice.chance(30);
    let header = dice.chance(50);
    let line_end = *dice.pick(&["lf", "crlf"]);
    let rows = dice.chance(50).then(|| dice.between(1, 9) as usize);
    let control = dice.chance(60);
    let mut text = format!(
        "when = {{ method = \"check\" }}\n[file]\nname = \"f-{{file}}.txt\"\nheader = {header}\nline_end = \"{line_end}\"\n"
    );
    match delimiter {
        Some(delimiter) => {
            text += &format!("delimiter = {:?}\n", delimiter.to_string());
            text += &format!("quote = \"{}\"\n", if quoted { "always" } else { "needed" });
        }
        None => text += "form = \"fixed\"\n",
    }
    if let Some(rows) = rows {
        text += &format!("rows = {rows}\n");
    }
    let mut fields = Vec::new();
    let mut kinds = vec!["decimal"];
    for _ in 0..dice.between(0, 7) {
        kinds.push(*dice.pick(&KINDS));
    }
    for (number, &kind) in kinds.iter().enumerate() {
        let right = dice.chance(50);
        let width = 60 + dice.between(0, 20) as usize;
        let source = match kind {
            "payee" | "city" => format!("column = \"{kind}\""),
            "id" => "id = true".to_owned(),
            "decimal" | "minor" => format!("payout = \"{kind}\""),
            "number" => "number = 77".to_owned(),
            "date" => "date = \"DD.MM.YYYY\"".to_owned(),
            _ => "text = \"x, y\"".to_owned(),
        };
        text += &format!("[[column]]\nname = \"c{number}\"\n{source}\n");
        if fixed {
            let align = if right { "right" } else { "left" };
            text += &format!("width = {width}\nalign = \"{align}\"\nfill = \" \"\n");
        }
        fields.push(Field { kind, width, right });
    }
    if control {
        let (a, b, c) = if fixed {
            (
                ", width = 3",
                ", width = 9, fill = \" \"",
                ", width = 14, fill = \" \"",
            )
        } else {
            ("", "", "")
        };
        let record = format!(
            "fields = [{{ text = \"T\"{a} }}, {{ count = true{b} }}, {{ total = \"decimal\"{c} }}]\n"
        );
        text += &format!("[[before]]\n{record}[[after]]\n{record}");
    }
    let line_end = if line_end == "lf" { "\n" } else { "\r\n" };
    Random {
        layout: text,
        fields,
        delimiter,
        quoted,
        header,
        line_end,
        rows,
        control,
    }
}

impl Random {
    fn line(&self, cells: &[String], widths: &[(usize, bool)]) -> String {
        let Some(delimiter) = self.delimiter else {
            let padded = cells.iter().zip(widths).map(|(cell, (width, right))| {
                if *right {
                    format!("{cell:>width$}")
                } else {
                    format!("{cell:<width$}")
                }
            });
            return padded.collect::<String>() + self.line_end;
        };
        let quoted = cells.iter().map(|cell| {
            let needed = cell.contains([delimiter, '"']);
            if self.quoted || needed {
                format!("\"{}\"", cell.replace('"', "\"\""))
            } else {
                cell.clone()
            }
        });
        quoted.collect::<Vec<_>>().join(&delimiter.to_string()) + self.line_end
    }

    fn control(&self, payments: &[(Vec<String>, String)]) -> String {
        if !self.control {
            return String::new();
        }
        let total: u64 = payments.iter().map(|(_, payout)| cents(payout)).sum();
        let cells = [
            "T".to_owned(),
            payments.len().to_string(),
            format!("{}.{:02}", total / 100, total % 100),
        ];
        self.line(&cells, &[(3, false), (9, true), (14, true)])
    }

    /// The files as they should be.
    fn files(&self, payments: &[(Vec<String>, String)]) -> Vec<String> {
        let mut number = 76;
        let widths: Vec<(usize, bool)> = self.fields.iter().map(|f| (f.width, f.right)).collect();
        let left: Vec<(usize, bool)> = widths.iter().map(|(width, _)| (*width, false)).collect();
        let chunks = payments.chunks(self.rows.unwrap_or(payments.len()));
        chunks
            .map(|payments| {
                let mut text = String::new();
                if self.header {
                    let names: Vec<String> =
                        (0..self.fields.len()).map(|n| format!("c{n}")).collect();
                    text += &self.line(&names, &left);
                }
                text += &self.control(payments);
                for (claim, payout) in payments {
                    number += 1;
                    let cell = |field: &Field| match field.kind {
                        "payee" => claim[4].clone(),
                        "city" => claim[7].clone(),
                        "id" => claim[0].clone(),
                        "decimal" => payout.clone(),
                        "minor" => cents(payout).to_string(),
                        "number" => number.to_string(),
                        "date" => "01.12.2026".to_owned(),
                        _ => "x, y".to_owned(),
                    };
                    let cells: Vec<String> = self.fields.iter().map(cell).collect();
                    text += &self.line(&cells, &widths);
                }
                text + &self.control(payments)
            })
            .collect()
    }
}

#[test]
fn files_of_random_layouts_are_what_another_hand_writes() {
    let job = job(60);
    let expected = of_method(&job, "check");
    for seed in 0..80 {
        let random = layout(&mut Dice::new(seed));
        job.write("f.toml", &random.layout);
        let out = format!("f{seed}");
        let said = export(
            &job,
            &["--layout", "f.toml", "--date", "2026-12-01"],
            &out,
            &["-q"],
        );
        assert_eq!(said.status, 0, "{}\n{}", random.layout, said.stderr);
        let files = random.files(&expected);
        for (number, text) in (1..).zip(&files) {
            let found = job.read(&format!("{out}/f-{number}.txt"));
            assert_eq!(found, *text, "{}", random.layout);
        }
        assert!(
            !job.path(&format!("{out}/f-{}.txt", files.len() + 1))
                .exists()
        );
        assert_eq!(
            records(&job.read(&format!("{out}/payments.csv"))).len(),
            expected.len() + 1
        );
        fs::remove_dir_all(job.path(&out)).unwrap();
    }
}

/// Changes one line of one file of an export in some way.
fn tamper(job: &Job, export: &str, dice: &mut Dice) -> String {
    let files = names(&job.path(export));
    let file = dice.pick(&files).clone();
    let path = format!("{export}/{file}");
    let text = job.read(&path);
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let place = dice.between(0, lines.len() as u64 - 1) as usize;
    let what = *dice.pick(&["remove", "repeat", "swap", "digit", "extra"]);
    match what {
        "remove" => drop(lines.remove(place)),
        "repeat" => lines.insert(place, lines[place].clone()),
        "swap" => {
            let other = (place + 1) % lines.len();
            lines.swap(place, other);
        }
        "digit" => lines[place].push('7'),
        _ => lines.push("X-1,1.00,,f,1".to_owned()),
    }
    let mut changed = lines.join("\n");
    changed.push('\n');
    if changed == text {
        return String::new();
    }
    job.write(&path, changed);
    format!("{what} in {path}, line {}", place + 1)
}

#[test]
fn whatever_is_changed_in_an_export_is_found() {
    let whole = job(30);
    for (method, out) in [("check", "a"), ("paypal", "b"), ("ach", "c")] {
        let layout = layout(&mut Dice::new(cents("1.00") + method.len() as u64)).layout;
        whole.write(
            "f.toml",
            layout.replace("\"check\"", &format!("\"{method}\"")),
        );
        let said = export(
            &whole,
            &["--layout", "f.toml", "--date", "2026-12-01"],
            out,
            &["-q"],
        );
        assert_eq!(said.status, 0, "{}", said.stderr);
    }
    assert_eq!(whole.payout(&["check", "run", "a", "b", "c"]).status, 0);
    let mut tampered = 0;
    for seed in 0..120 {
        let mut dice = Dice::new(seed);
        let export = *dice.pick(&["a", "b", "c"]);
        let kept: Vec<(String, Vec<u8>)> = names(&whole.path(export))
            .into_iter()
            .map(|name| {
                let content = fs::read(whole.path(&format!("{export}/{name}"))).unwrap();
                (name, content)
            })
            .collect();
        let what = tamper(&whole, export, &mut dice);
        let status = whole.payout(&["check", "run", "a", "b", "c"]).status;
        let expected: &[i32] = if what.is_empty() { &[0] } else { &[1, 2] };
        assert!(expected.contains(&status), "{status}: {what}");
        tampered += u32::from(!what.is_empty());
        for (name, content) in kept {
            whole.write(&format!("{export}/{name}"), content);
        }
    }
    assert!(tampered > 80, "{tampered}");
}
