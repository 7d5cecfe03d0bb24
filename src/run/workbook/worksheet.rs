//! What stands around the cells of a sheet: what is frozen and filtered, how
//! wide columns are, and how it is printed.

use crate::run::workbook::cells::{letters, push_escaped};
use crate::run::workbook::namespace::MAIN;

/// A sheet without its cells.
#[derive(Debug, Clone, Copy)]
pub(super) struct Worksheet<'a> {
    pub name: &'a str,
    /// How wide its columns are, in characters.
    pub widths: &'a [usize],
    /// The last of its rows, for a table with a header in the first.
    pub table: Option<u64>,
    /// Whether what is on it must not be paid on.
    pub draft: bool,
}

impl Worksheet<'_> {
    /// What stands before the rows.
    pub(super) fn start(&self) -> String {
        let mut xml = format!(
            "<worksheet xmlns=\"{MAIN}\"><sheetPr><pageSetUpPr fitToPage=\"1\"/></sheetPr>"
        );
        xml += match self.table {
            Some(_) => {
                "<sheetViews><sheetView workbookViewId=\"0\">\
                 <pane ySplit=\"1\" topLeftCell=\"A2\" activePane=\"bottomLeft\" state=\"frozen\"/>\
                 <selection pane=\"bottomLeft\" activeCell=\"A2\" sqref=\"A2\"/>\
                 </sheetView></sheetViews>"
            }
            None => {
                "<sheetViews><sheetView showGridLines=\"0\" tabSelected=\"1\" \
                 workbookViewId=\"0\"/></sheetViews>"
            }
        };
        xml += "<sheetFormatPr defaultRowHeight=\"15\"/><cols>";
        for (number, width) in (1..).zip(self.widths) {
            xml += &format!(
                "<col min=\"{number}\" max=\"{number}\" width=\"{width}\" customWidth=\"1\"/>"
            );
        }
        xml += "</cols><sheetData>\n";
        xml
    }

    /// What stands after them.
    pub(super) fn end(&self) -> String {
        let mut xml = "</sheetData>".to_owned();
        if self.table.is_some() {
            xml += &format!("<autoFilter ref=\"{}\"/>", self.range());
        }
        xml += "<pageMargins left=\"0.6\" right=\"0.6\" top=\"0.8\" bottom=\"0.8\" \
                header=\"0.4\" footer=\"0.4\"/>";
        let orientation = match self.table {
            Some(_) => "landscape",
            None => "portrait",
        };
        xml += &format!("<pageSetup orientation=\"{orientation}\" fitToHeight=\"0\"/>");
        xml += "<headerFooter>";
        if self.draft {
            xml += "<oddHeader>";
            push_escaped(&mut xml, "&C&\"-,Bold\"&KC00000 DRAFT, not to be paid on");
            xml += "</oddHeader>";
        }
        xml += "<oddFooter>";
        push_escaped(&mut xml, "&L&A&RPage &P of &N");
        xml += "</oddFooter></headerFooter>";
        if self.table.is_some() {
            // Ids of digits are text on purpose: no corners that ask about it.
            let range = self.range();
            xml += &format!(
                "<ignoredErrors><ignoredError sqref=\"{range}\" numberStoredAsText=\"1\"/></ignoredErrors>"
            );
        }
        xml += "</worksheet>";
        xml
    }

    /// The cells of the table with its header.
    fn range(&self) -> String {
        let last = letters(self.widths.len().saturating_sub(1));
        format!("A1:{last}{}", self.table.unwrap_or(1))
    }

    /// The names by which a spreadsheet knows the table of the sheet with this
    /// place, counted from 0: what is filtered, and what is printed on every
    /// page.
    pub(super) fn names(&self, place: usize) -> String {
        let Some(row) = self.table else {
            return String::new();
        };
        let sheet = quoted(self.name);
        let last = letters(self.widths.len().saturating_sub(1));
        format!(
            "<definedName name=\"_xlnm._FilterDatabase\" localSheetId=\"{place}\" hidden=\"1\">\
             {sheet}!$A$1:${last}${row}</definedName>\
             <definedName name=\"_xlnm.Print_Titles\" localSheetId=\"{place}\">\
             {sheet}!$1:$1</definedName>"
        )
    }
}

/// The name of a sheet as it stands in a formula.
pub(super) fn quoted(name: &str) -> String {
    if name.contains(' ') {
        format!("'{name}'")
    } else {
        name.to_owned()
    }
}
