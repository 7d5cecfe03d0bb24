//! Files of fields with the widths in the layout.

use anyhow::Result;

use crate::base::diagnostics::{Bug, literal};
use crate::claims::problem_list::ProblemList;
use crate::export::context::{ExportFile, PaymentBatch};
use crate::export::formats::rows;
use crate::export::layout::{Layout, PaymentFormat};
use crate::export::messages;

#[derive(Debug)]
pub(super) struct FixedWidth;

impl PaymentFormat for FixedWidth {
    fn has_widths(&self) -> bool {
        true
    }

    fn check(&self, layout: &Layout) -> Result<()> {
        layout.check_rows()?;
        let records = layout.before.iter().chain(&layout.after).flatten();
        let mut fields = layout.fields.iter().chain(records);
        match fields.find(|field| field.width.is_none()) {
            None => Ok(()),
            Some(field) => Err(messages::width_missing(&literal(&field.name)).into()),
        }
    }

    fn files(
        &self,
        batch: &PaymentBatch<'_>,
        problems: &mut ProblemList,
    ) -> Result<Vec<ExportFile>> {
        let mut text = String::new();
        rows::each_line(batch, problems, &mut |texts| {
            text.extend(texts.iter().map(String::as_str));
            text.push_str(batch.export.layout.file.line_end.text());
            Ok(())
        })?;
        rows::proven(batch, problems, text.into_bytes(), read)
    }
}

fn read(layout: &Layout, bytes: &[u8]) -> Result<Vec<Vec<String>>> {
    let widths: Option<Vec<usize>> = layout.fields.iter().map(|field| field.width).collect();
    let widths = widths.ok_or_else(|| Bug::new("a field of fixed width has no width"))?;
    let texts = |line: &str| {
        let mut characters = line.chars();
        let text = |width: &usize| characters.by_ref().take(*width).collect();
        widths.iter().map(text).collect()
    };
    let lines = str::from_utf8(bytes)?.split_terminator(layout.file.line_end.text());
    Ok(lines.map(texts).collect())
}
