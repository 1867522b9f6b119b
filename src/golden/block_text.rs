//! The lines of an eval as text, taken apart by what they expect, so that some can be replaced
//! without touching the rest.

/// What a line of an eval's block says.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Kind {
    Fail,
    Warn,
    Info,
    Ordered,
    String,
    Range,
    Scalar,
    Series,
}

/// An eval's block: its first line, and the others with their kinds.
pub(super) struct Body {
    head: String,
    indent: String,
    /// What lines end with before the line feed: a carriage return or nothing.
    ending: &'static str,
    lines: Vec<(Kind, String)>,
    /// Where the series stood.
    series_at: Option<usize>,
}

impl Body {
    /// Takes a block apart; `None` if it is empty.
    pub(super) fn read(raw: &[&str]) -> Option<Body> {
        let (head, rest) = raw.split_first()?;
        let ending = if head.ends_with('\r') { "\r" } else { "" };
        let trimmed = |l: &&str| l.trim_end().to_owned();
        let indent = rest.first().map_or("  ", |l| &l[..l.len() - l.trim_start().len()]);
        let lines: Vec<(Kind, String)> = rest.iter().map(|l| (kind_of(l.trim()), trimmed(l))).collect();
        Some(Body { head: trimmed(head), indent: indent.to_owned(), ending, lines, series_at: None })
    }
    /// Drops the lines of other kinds.
    pub(super) fn keep(&mut self, keep: impl Fn(&Kind) -> bool) {
        self.lines.retain(|(kind, _)| keep(kind));
    }
    /// Replaces the first word of the block.
    pub(super) fn set_word(&mut self, word: &str) {
        let at = self.head.find(|c: char| !c.is_whitespace()).unwrap_or(0);
        let (before, rest) = self.head.split_at(at);
        let rest = rest.find(char::is_whitespace).map_or("", |end| &rest[end..]);
        self.head = format!("{before}{word}{rest}");
    }
    /// Replaces the lines of a kind; where there are none, numbers go to the end and all other
    /// lines to the beginning.
    pub(super) fn replace(&mut self, kind: &Kind, new: Vec<String>) {
        let default = if *kind == Kind::Scalar { self.lines.len() } else { 0 };
        let at = self.lines.iter().position(|(k, _)| k == kind).unwrap_or(default);
        self.lines.retain(|(k, _)| k != kind);
        let at = at.min(self.lines.len());
        let new = new.into_iter().map(|text| (kind.clone(), format!("{}{text}", self.indent)));
        self.lines.splice(at..at, new.collect::<Vec<_>>());
    }
    /// Takes the series lines out, in order.
    pub(super) fn take_series(&mut self) -> Vec<String> {
        self.series_at = self.lines.iter().position(|(k, _)| *k == Kind::Series);
        let (series, others) = std::mem::take(&mut self.lines).into_iter().partition(|(k, _)| *k == Kind::Series);
        self.lines = others;
        let series: Vec<(Kind, String)> = series;
        series.into_iter().map(|(_, line)| line).collect()
    }
    /// Puts series lines where the old ones stood, or to the end. Lines that have no indentation
    /// get that of the block.
    pub(super) fn put_series(&mut self, lines: Vec<String>) {
        let at = self.series_at.unwrap_or(self.lines.len()).min(self.lines.len());
        let indented = |l: String| if l.starts_with(char::is_whitespace) { l } else { format!("{}{l}", self.indent) };
        let new: Vec<(Kind, String)> = lines.into_iter().map(|l| (Kind::Series, indented(l))).collect();
        self.lines.splice(at..at, new);
    }
    /// The lines of the block.
    pub(super) fn into_lines(self) -> Vec<String> {
        let ending = self.ending;
        std::iter::once(self.head).chain(self.lines.into_iter().map(|(_, l)| l)).map(|l| format!("{l}{ending}")).collect()
    }
}

fn kind_of(line: &str) -> Kind {
    if line.starts_with("expected_fail_") && !line.contains('{') {
        return Kind::Fail;
    }
    if let Some(rest) = line.strip_prefix("expect ") {
        return match rest.split_whitespace().next().unwrap_or_default() {
            "fail" => Kind::Fail,
            "warn" | "no_warn" => Kind::Warn,
            "info" | "no_info" => Kind::Info,
            "ordered" => Kind::Ordered,
            "string" => Kind::String,
            _ => Kind::Range,
        };
    }
    if crate::model::number::parse_number(line).is_ok() { Kind::Scalar } else { Kind::Series }
}

/// Cuts a series line before its values: what names the series, and the space that follows.
pub(super) fn values_start(line: &str) -> (&str, &str) {
    let start = line.len() - line.trim_start().len();
    let (mut quote, mut escaped, mut depth) = (None, false, 0u32);
    let mut end = line.len();
    for (at, c) in line.char_indices().skip_while(|(at, _)| *at < start) {
        match (quote, c) {
            (Some(_), _) if escaped => escaped = false,
            (Some(q), '\\') if q != '`' => escaped = true,
            (Some(q), c) if c == q => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'' | '`') => quote = Some(c),
            (None, '{') => depth += 1,
            (None, '}') => depth = depth.saturating_sub(1),
            (None, c) if depth == 0 && c.is_whitespace() => {
                end = at;
                break;
            }
            _ => {}
        }
    }
    let (name, rest) = line.split_at(end);
    let gap = rest.len() - rest.trim_start().len();
    (name, if gap == 0 { " " } else { &rest[..gap] })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_cut_before_its_values() {
        assert_eq!(values_start("  a{x=\"} 1\", y='\\''}   1 2"), ("  a{x=\"} 1\", y='\\''}", "   "));
        assert_eq!(values_start("a"), ("a", " "));
    }

    #[test]
    fn lines_are_replaced_in_place() {
        let mut body = Body::read(&["eval_warn instant at 0 a", "\texpect no_info", "\ta 1"]).unwrap();
        body.set_word("eval");
        body.replace(&Kind::Info, vec!["expect info".into()]);
        body.replace(&Kind::Warn, vec!["expect warn".into()]);
        assert_eq!(body.take_series(), ["\ta 1"]);
        body.put_series(vec!["a 2".into()]);
        assert_eq!(body.into_lines(), ["eval instant at 0 a", "\texpect warn", "\texpect info", "\ta 2"]);
    }
}
