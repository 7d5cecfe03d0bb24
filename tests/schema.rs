//! The JSON Schema of the plan language, compared with the program on every plan of the
//! repository: a plan that the program takes must be valid, and one that it refuses for its
//! form must not be. The meaning of a value is beyond a schema.

use std::fs;
use std::path::Path;

use jsonschema::Validator;
use payout::internals::plan::{PlanSource, load};
use serde_json::{Map, Value};
use toml::de::{DeTable, DeValue};

use crate::catalogue::pages;
use crate::reference_doc;
use crate::support::{Job, names};

/// What the program says of a key or a value that has no place where it is.
const OF_FORM: [&str; 8] = [
    "unknown key",
    "is missing the required",
    "requires one of",
    "requires either",
    "cannot be combined",
    "applies to",
    "; found ",
    "; expected `",
];

/// The same of what depends on the value of another key, or on how a number or a date is
/// written.
const OF_MEANING: [&str; 5] = [
    "must be a date, without quotes; found text",
    "when it drops smallest-first",
    "`unit` cannot be combined",
    "whose `amount` is \"as claimed\"",
    "must be a number in decimal digits; found a whole number",
];

fn schema() -> Validator {
    let said = Job::new().payout(&["plan", "--schema"]);
    assert_eq!(said.status, 0, "{}", said.stderr);
    let schema: Value = serde_json::from_str(&said.stdout).unwrap();
    jsonschema::meta::validate(&schema).unwrap();
    jsonschema::draft202012::options()
        .should_validate_formats(true)
        .build(&schema)
        .unwrap()
}

/// A TOML value as editors hand it to a schema: dates are texts.
fn json(value: &DeValue<'_>) -> Value {
    match value {
        DeValue::String(text) => Value::String(text.to_string()),
        DeValue::Integer(integer) => {
            let number = i64::from_str_radix(integer.as_str(), integer.radix());
            number.map_or_else(|_| serde_json::json!(1e20), Value::from)
        }
        DeValue::Float(float) => {
            serde_json::json!(float.as_str().parse::<f64>().unwrap())
        }
        DeValue::Boolean(boolean) => Value::Bool(*boolean),
        DeValue::Datetime(date) => Value::String(date.to_string()),
        DeValue::Array(array) => array.iter().map(|value| json(value.get_ref())).collect(),
        DeValue::Table(table) => object(table),
    }
}

fn object(table: &DeTable<'_>) -> Value {
    let entry = |(key, value): (&toml::Spanned<_>, &toml::Spanned<DeValue<'_>>)| {
        let key: &std::borrow::Cow<'_, str> = key.get_ref();
        (key.to_string(), json(value.get_ref()))
    };
    Value::Object(table.iter().map(entry).collect::<Map<_, _>>())
}

/// The plans of the repository.
fn plans() -> Vec<PlanSource> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let named = |folder: &Path, (name, text): (String, String)| PlanSource {
        folder: folder.to_owned(),
        shown: name.clone(),
        name,
        text,
    };
    let nowhere = Path::new("");
    let of_docs = reference_doc::plans().into_iter();
    let mut plans: Vec<PlanSource> = of_docs.map(|plan| named(nowhere, plan)).collect();
    for name in names(&root.join("examples")) {
        let folder = root.join("examples").join(&name);
        let text = fs::read_to_string(folder.join("plan.toml")).ok();
        plans.extend(text.map(|text| named(&folder, (name, text))));
    }
    let sections = pages().into_iter().flat_map(|page| page.sections);
    for case in sections.flat_map(|section| section.cases) {
        let mut files = case.files.into_iter();
        let plan = files.find(|(file, _)| file == "plan.toml");
        // A plan need not be UTF-8.
        let text = plan.and_then(|(_, bytes)| String::from_utf8(bytes).ok());
        plans.extend(text.map(|text| named(nowhere, (case.name, text))));
    }
    plans
}

#[test]
fn the_schema_agrees_with_the_program() {
    let schema = schema();
    let plans = plans();
    assert!(plans.len() > 400, "{} plans", plans.len());
    let (mut valid, mut invalid, mut wrong) = (0, 0, Vec::new());
    for source in &plans {
        let name = &source.name;
        let Ok(document) = DeTable::parse(&source.text) else {
            continue;
        };
        let instance = object(document.get_ref());
        let error = schema.iter_errors(&instance).next();
        match (load(source), error) {
            (Ok(_), None) => valid += 1,
            (Ok(_), Some(error)) => {
                let place = error.instance_path().to_string();
                wrong.push(format!("{name}: is valid, but {place}: {error}"));
            }
            (Err(refused), _) if source.folder.is_absolute() => {
                wrong.push(format!("{name}: {refused}"));
            }
            (Err(_), Some(_)) => invalid += 1,
            (Err(refused), None) => {
                let of_form = refused.problems.iter().find(|problem| {
                    OF_FORM.iter().any(|form| problem.message.contains(form))
                        && !OF_MEANING
                            .iter()
                            .any(|other| problem.message.contains(other))
                });
                if let Some(problem) = of_form {
                    wrong.push(format!("{name}: the schema takes it: {}", problem.message));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    assert!(
        valid > 150 && invalid > 150,
        "{valid} valid, {invalid} invalid"
    );
}
