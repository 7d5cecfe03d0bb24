//! Text with marks that a terminal shows as styles. The text itself is the same
//! everywhere.

use std::ops::{AddAssign, Range};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextStyle {
    /// A heading or a total.
    Heading,
    /// A check that passed.
    Good,
    /// Something to review before payment.
    Doubtful,
    /// A check that failed.
    Bad,
}

#[derive(Debug, Clone, Default)]
pub struct StyledText {
    text: String,
    /// In text order, never nested.
    marks: Vec<(Range<usize>, TextStyle)>,
}

impl StyledText {
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The position where the next text begins.
    pub fn end(&self) -> usize {
        self.text.len()
    }

    /// Adds text with a style.
    pub fn add(&mut self, mark: TextStyle, text: &str) {
        let start = self.end();
        self.text += text;
        self.mark(start..self.end(), mark);
    }

    /// Sets the style of a part after all styled parts.
    pub fn mark(&mut self, part: Range<usize>, mark: TextStyle) {
        self.marks.push((part, mark));
    }

    /// The text in pieces, each entirely styled or not styled.
    pub fn pieces(&self) -> Vec<(Option<TextStyle>, &str)> {
        let mut pieces = Vec::new();
        let mut done = 0;
        for (part, mark) in &self.marks {
            let before = self.text.get(done..part.start);
            pieces.push((None, before.unwrap_or_default()));
            let marked = self.text.get(part.clone());
            pieces.push((Some(*mark), marked.unwrap_or_default()));
            done = part.end;
        }
        pieces.push((None, self.text.get(done..).unwrap_or_default()));
        pieces
    }
}

impl AddAssign<&str> for StyledText {
    fn add_assign(&mut self, text: &str) {
        self.text += text;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pieces_are_the_text() {
        let mut marked = StyledText::default();
        marked += "The ";
        marked.add(TextStyle::Heading, "fund");
        marked += ".\n";
        marked.add(TextStyle::Good, "It holds.\n");
        let pieces = marked.pieces();
        assert_eq!(pieces[1], (Some(TextStyle::Heading), "fund"));
        assert_eq!(pieces[3], (Some(TextStyle::Good), "It holds.\n"));
        let together: String = pieces.iter().map(|(_, piece)| *piece).collect();
        assert_eq!(together, marked.text());
        assert_eq!(marked.text(), "The fund.\nIt holds.\n");
    }
}
