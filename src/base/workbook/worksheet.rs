//! The frame around the cells of a sheet: frozen panes, filters, column widths and
//! print settings.

use crate::base::workbook::cells::{letters, push_escaped};
use crate::base::workbook::styles::MAIN;

#[derive(Debug, Clone, Copy)]
pub(crate) struct Worksheet<'a> {
    pub name: &'a str,
    /// The column widths, in characters.
    pub widths: &'a [usize],
    /// The last row, for a table with a header in the first row.
    pub table: Option<u64>,
    /// The mark on every page of a draft.
    pub draft: Option<&'a str>,
}

impl Worksheet<'_> {
    /// The XML before the rows.
    pub(crate) fn start(&self) -> String {
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

    /// The XML after the rows.
    pub(crate) fn end(&self) -> String {
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
        if let Some(draft) = self.draft {
            xml += "<oddHeader>";
            push_escaped(&mut xml, &format!("&C&\"-,Bold\"&KC00000 {draft}"));
            xml += "</oddHeader>";
        }
        xml += "<oddFooter>";
        push_escaped(&mut xml, "&L&A&RPage &P of &N");
        xml += "</oddFooter></headerFooter>";
        if self.table.is_some() {
            // Ids of digits are text on purpose; this suppresses the warning marks.
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

    /// The defined names of the table on the sheet at this index, counted from 0: the
    /// filter, and the header row repeated on every printed page.
    pub(crate) fn names(&self, place: usize) -> String {
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

/// A sheet name as written in a formula.
pub(crate) fn quoted(name: &str) -> String {
    if name.contains(' ') {
        format!("'{name}'")
    } else {
        name.to_owned()
    }
}
