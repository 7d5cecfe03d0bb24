//! Files of fields with the widths in the layout.

use anyhow::Result;

use crate::base::diagnostics::{Bug, Problem, literal};
use crate::claims::problem_list::ProblemList;
use crate::export::context::{ExportContext, ExportFile, PaymentBatch};
use crate::export::formats::rows::{self, RowLines};
use crate::export::layout::{FileRules, Layout, LineEnd, PaymentFormat};

#[derive(Debug)]
pub(super) struct FixedWidth;

impl PaymentFormat for FixedWidth {
    fn word(&self) -> &'static str {
        "fixed"
    }

    fn has_widths(&self) -> bool {
        true
    }

    fn check(&self, layout: &Layout) -> Result<()> {
        layout.check_rows()?;
        let records = layout.before.iter().chain(&layout.after).flatten();
        let mut fields = layout.fields.iter().chain(records);
        match fields.find(|field| field.width.is_none()) {
            None => Ok(()),
            Some(field) => Err(Problem::new(
                format!("the field {} has no `width`", literal(&field.name)),
                "in a fixed-width file, set the width of each field: `width = 10`",
            )
            .into()),
        }
    }

    fn files(
        &self,
        context: &ExportContext<'_>,
        batch: &PaymentBatch<'_>,
        problems: &mut ProblemList,
    ) -> Result<Vec<ExportFile>> {
        rows::files::<FixedLines>(context, batch, problems)
    }
}

struct FixedLines {
    line_end: LineEnd,
    text: String,
}

impl RowLines for FixedLines {
    fn new(file: &FileRules) -> Self {
        Self {
            line_end: file.line_end,
            text: String::new(),
        }
    }

    fn add(&mut self, texts: &[String]) -> Result<()> {
        self.text.extend(texts.iter().map(String::as_str));
        self.text.push_str(self.line_end.text());
        Ok(())
    }

    fn finish(self) -> Result<Vec<u8>> {
        Ok(self.text.into_bytes())
    }

    fn read(layout: &Layout, bytes: &[u8]) -> Result<Vec<Vec<String>>> {
        let text = str::from_utf8(bytes)?;
        let widths: Option<Vec<usize>> = layout.fields.iter().map(|field| field.width).collect();
        let widths = widths.ok_or_else(|| Bug::new("a field of fixed width has no width"))?;
        let texts = |line: &str| {
            let mut characters = line.chars();
            let text = |width: &usize| characters.by_ref().take(*width).collect();
            widths.iter().map(text).collect()
        };
        let lines = text.split_terminator(layout.file.line_end.text());
        Ok(lines.map(texts).collect())
    }
}
