//! The plan language as a JSON Schema, for editors, made from the descriptions of its
//! tables.

use serde_json::{Map, Value, json};

use crate::plan::claim_rules::{ClaimsKeys, ColumnKeys, ExcludeKeys, SubclassKeys};
use crate::plan::condition::{MembershipKeys, TestKeys};
use crate::plan::deduction::{DeductionKeys, FeeBracketKeys};
use crate::plan::formula::reader::{OperandKeys, RateBracketKeys, StepKeys};
use crate::plan::fund_keys::FundKeys;
use crate::plan::lookup_table::reader::{BandKeys, LookupKeys};
use crate::plan::named_value::ValueKeys;
use crate::plan::parse::PlanKeys;
use crate::plan::pool::{DropKeys, OnlyIfKeys, PoolKeys};
use crate::plan::portion::reader::{PayeeKeys, PercentKeys, PoolBaseKeys, PortionKeys};
use crate::plan::settlement::{ClassKeys, SettlementKeys};
use crate::plan::side_tables::{PaymentKeys, ResidualKeys};
use crate::plan::statement::reader::StatementKeys;
use crate::plan::table::{KeyRule, KeyShape, KindShape, Need, TableKeys as _, TableShape};
use crate::plan::tax::{EarlierKeys, TaxKeys};
use crate::plan::time_span::reader::DayEndKeys;
use crate::plan::trades::reader::{SplitKeys, TradesKeys};
use crate::plan::unique::UniqueKeys;

/// Every table of the plan language, in the order of the documentation.
pub fn tables() -> [TableShape; 34] {
    [
        PlanKeys::SHAPE,
        SettlementKeys::SHAPE,
        ClassKeys::SHAPE,
        FundKeys::SHAPE,
        DeductionKeys::SHAPE,
        FeeBracketKeys::SHAPE,
        ClaimsKeys::SHAPE,
        ColumnKeys::SHAPE,
        ExcludeKeys::SHAPE,
        SubclassKeys::SHAPE,
        LookupKeys::SHAPE,
        BandKeys::SHAPE,
        ValueKeys::SHAPE,
        TradesKeys::SHAPE,
        SplitKeys::SHAPE,
        TestKeys::SHAPE,
        MembershipKeys::SHAPE,
        StepKeys::SHAPE,
        OperandKeys::SHAPE,
        RateBracketKeys::SHAPE,
        DayEndKeys::SHAPE,
        PoolKeys::SHAPE,
        DropKeys::SHAPE,
        OnlyIfKeys::SHAPE,
        ResidualKeys::SHAPE,
        PaymentKeys::SHAPE,
        StatementKeys::SHAPE,
        TaxKeys::SHAPE,
        EarlierKeys::SHAPE,
        UniqueKeys::SHAPE,
        PortionKeys::SHAPE,
        PercentKeys::SHAPE,
        PoolBaseKeys::SHAPE,
        PayeeKeys::SHAPE,
    ]
}

/// The schema of the plan language (JSON Schema 2020-12).
pub(crate) fn schema() -> Value {
    let mut definitions = values();
    for table in tables() {
        definitions.insert(table.id.to_owned(), of_table(&table));
    }
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A plan of allocation for payout",
        "$ref": "#/$defs/plan",
        "$defs": definitions,
    })
}

/// The values that are no tables with known keys.
fn values() -> Map<String, Value> {
    let reference = |name: &str| json!({ "$ref": format!("#/$defs/{name}") });
    let texts = json!({ "type": "array", "items": { "type": "string" }, "minItems": 1 });
    let condition = |key_in: Value, own: &str| {
        let any = json!({ "type": "array", "items": reference(own), "minItems": 1 });
        json!({
            "type": "object",
            "minProperties": 1,
            "properties": { "in": key_in, "any": any },
            "additionalProperties": {
                "anyOf": [reference("texts"), reference("condition")],
            },
        })
    };
    let named_subclasses = json!({ "anyOf": [reference("texts"), reference("membership")] });
    let definitions = [
        (
            "number",
            json!({
                "anyOf": [
                    { "type": "number", "minimum": 0 },
                    { "type": "string", "pattern": "^[0-9]+(\\.[0-9]+)?$" },
                ],
            }),
        ),
        (
            "bound",
            json!({
                "anyOf": [reference("number"), { "type": "string", "format": "date" }, { "type": "string", "format": "date-time" }],
            }),
        ),
        (
            "exact",
            json!({
                "anyOf": [
                    reference("number"),
                    { "type": "string", "pattern": "^[0-9]+/0*[1-9][0-9]*$" },
                ],
            }),
        ),
        ("texts", json!({ "anyOf": [{ "type": "string" }, texts] })),
        ("when", condition(named_subclasses, "when")),
        ("when_of_row", condition(json!(false), "when_of_row")),
        (
            "formula",
            json!({
                "anyOf": [
                    reference("exact"),
                    { "type": "array", "items": reference("step"), "minItems": 1 },
                ],
            }),
        ),
        (
            "value",
            json!({ "anyOf": [reference("exact"), reference("operand")] }),
        ),
    ];
    let named = |(name, schema): (&str, Value)| (name.to_owned(), schema);
    definitions.into_iter().map(named).collect()
}

fn of_table(table: &TableShape) -> Value {
    let properties: Map<String, Value> = table
        .keys
        .iter()
        .map(|key| (key.name.to_owned(), of_key(key)))
        .collect();
    let required = table
        .keys
        .iter()
        .filter(|key| matches!(key.need, Need::Required | Need::AtLeastOnce));
    let required: Vec<&str> = required.map(|key| key.name).collect();
    let mut schema = json!({
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    });
    let rules: Vec<Value> = table.rules.iter().map(of_rule).collect();
    if let (Value::Object(schema), false) = (&mut schema, rules.is_empty()) {
        schema.insert("allOf".to_owned(), Value::Array(rules));
    }
    schema
}

fn of_key(key: &KeyShape) -> Value {
    let KindShape { mut schema, .. } = (key.kind)();
    let (default, value) = match key.need {
        Need::Required => ("; required".to_owned(), None),
        Need::AtLeastOnce => ("; at least once".to_owned(), None),
        Need::OneOfThese | Need::Often(_) => (String::new(), None),
        Need::Or(default) => (
            format!("; default: {default}"),
            serde_json::from_str(default).ok(),
        ),
    };
    if let Value::Object(schema) = &mut schema {
        let about = Value::String(format!("{}{default}", key.about));
        schema.insert("description".to_owned(), about);
        schema.extend(value.map(|value: Value| ("default".to_owned(), value)));
    }
    schema
}

/// A rule, in words that older drafts of JSON Schema have, too.
fn of_rule(rule: &KeyRule) -> Value {
    let has = |key: &&str| json!({ "required": [key] });
    let any = |keys: &[&str]| json!({ "anyOf": keys.iter().map(has).collect::<Vec<_>>() });
    match *rule {
        KeyRule::One(keys, missing, _) => {
            let none = missing.is_none().then(|| json!({ "not": any(keys) }));
            let ways: Vec<Value> = keys.iter().map(has).chain(none).collect();
            json!({ "oneOf": ways })
        }
        KeyRule::With(key, others) => {
            json!({ "anyOf": [{ "not": has(&key) }, any(others)] })
        }
        KeyRule::Without(key, others, _) => {
            json!({ "not": { "allOf": [has(&key), any(others)] } })
        }
        KeyRule::AnyOf(keys, _) => any(keys),
        KeyRule::IfIt(key, kinds, rule) => {
            let kinds: Vec<&str> = kinds.iter().map(|kind| kind.in_schema()).collect();
            let is_of = json!({ "required": [key], "properties": { key: { "type": kinds } } });
            json!({ "anyOf": [{ "not": is_of }, of_rule(rule)] })
        }
    }
}
