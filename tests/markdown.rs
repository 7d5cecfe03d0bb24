//! The parts of a page in Markdown.

/// A part of a page, in its order.
pub(crate) enum Part<'a> {
    /// A line outside blocks: a heading, prose, or nothing.
    Line(&'a str),
    Block(Block),
}

/// A fenced block.
pub(crate) struct Block {
    /// The line of its opening fence, counted from 1.
    pub line: usize,
    /// The rest of that line.
    pub kind: String,
    pub text: String,
}

pub(crate) fn parts(page: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let mut open: Option<Block> = None;
    for (line, number) in page.lines().zip(1..) {
        match (line.strip_prefix("```"), &mut open) {
            (Some(kind), None) => {
                open = Some(Block {
                    line: number,
                    kind: kind.to_owned(),
                    text: String::new(),
                });
            }
            (Some(_), Some(_)) => parts.extend(open.take().map(Part::Block)),
            (None, Some(block)) => block.text += &format!("{line}\n"),
            (None, None) => parts.push(Part::Line(line)),
        }
    }
    assert!(open.is_none(), "a block is not closed");
    parts
}
