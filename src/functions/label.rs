//! Functions that write labels.

use super::Function;
#[cfg(feature = "engine")]
use super::kernel::Kernel;

pub(super) const FUNCTIONS: &[Function] = &[
    function! { label_replace (V, T, T, T, T) -> V through;
    "Sets a label to a replacement text if a regular expression matches another label.";
    r#"label_replace(up, "host", "$1", "instance", "(.*):.*")"#;
    Kernel::Special(kernels::label_replace) },
    function! { label_join (V, T, T, T) -1 -> V through;
    "Sets a label to the values of other labels, joined by a separator.";
    r#"label_join(up, "target", "/", "job", "instance")"#;
    Kernel::Special(kernels::label_join) },
];

#[cfg(feature = "engine")]
mod kernels {
    use crate::exec::names::{Merge, merged};
    use crate::exec::{Block, Cx, Opened, Series, Stop, VectorOp, nothing, open_text, open_vector};
    use crate::functions::kernel::CallSite;
    use crate::model::LabelSet;
    use crate::model::labels::METRIC_NAME;
    use crate::model::regex::Regex;
    use std::sync::Arc;

    /// The same points under other labels.
    struct Relabelled<'q> {
        input: Arc<dyn VectorOp + 'q>,
        rows: Vec<Series>,
    }

    impl VectorOp for Relabelled<'_> {
        fn rows(&self) -> &[Series] {
            &self.rows
        }
        fn fill(&self, rows: &[u32], cx: &Cx<'_>, out: &mut Block) -> Result<(), Stop> {
            self.input.fill(rows, cx, out)
        }
    }

    /// Opens the vector and gives every series its new labels; `None` leaves a series as it is.
    fn relabel<'q>(
        site: &CallSite<'q>,
        target: &str,
        mut value: impl FnMut(&LabelSet) -> Result<Option<String>, Stop>,
    ) -> Result<Opened<'q>, Stop> {
        let CallSite { node, args, grid, cx } = *site;
        let input = open_vector(&args[0], &grid, cx)?;
        let mut rows = Vec::with_capacity(input.rows().len());
        for (row, series) in input.rows().iter().enumerate() {
            if row % 256 == 0 {
                cx.check()?;
            }
            rows.push(match value(&series.labels)? {
                None => series.clone(),
                Some(value) => Series {
                    labels: series.labels.with(target, &value),
                    // A name that was just given is not dropped any more.
                    drop_name: series.drop_name && target != METRIC_NAME,
                },
            });
        }
        Ok(Opened::Vector(merged(Arc::new(Relabelled { input, rows }), Merge::Always, node, &grid, cx)?))
    }

    fn utf8(bytes: Vec<u8>) -> Result<String, Stop> {
        String::from_utf8(bytes).map_err(|_| Stop::unsupported("a label value that is not UTF-8"))
    }

    pub(super) fn label_replace<'q>(site: &CallSite<'q>) -> Result<Opened<'q>, Stop> {
        let CallSite { node, args, grid, cx } = *site;
        let text = |i: usize| open_text(&args[i], &grid, cx);
        let (target, template, source, pattern) = (text(1)?, text(2)?, text(3)?, text(4)?);
        let Ok(regex) = Regex::new(pattern.as_bytes()) else {
            cx.fault_before(node, format!("invalid regular expression in label_replace(): {pattern}"));
            return Ok(nothing());
        };
        let Some(target) = target.as_str().filter(|t| !t.is_empty()) else {
            cx.fault_before(node, format!("invalid destination label name in label_replace(): {target}"));
            return Ok(nothing());
        };
        relabel(site, target, |labels| {
            let value = source.as_str().and_then(|s| labels.get(s)).unwrap_or("");
            match regex.captures(value) {
                None => Ok(None),
                Some(captures) => utf8(regex.expand(template.as_bytes(), value, &captures)).map(Some),
            }
        })
    }

    pub(super) fn label_join<'q>(site: &CallSite<'q>) -> Result<Opened<'q>, Stop> {
        let CallSite { node, args, grid, cx } = *site;
        let target = open_text(&args[1], &grid, cx)?;
        let separator = open_text(&args[2], &grid, cx)?;
        let sources = args[3..].iter().map(|a| open_text(a, &grid, cx)).collect::<Result<Vec<_>, _>>()?;
        if let Some(bad) = sources.iter().find(|s| s.as_str().is_none_or(str::is_empty)) {
            cx.fault_before(node, format!("invalid source label name in label_join(): {bad}"));
            return Ok(nothing());
        }
        let Some(target) = target.as_str().filter(|t| !t.is_empty()) else {
            cx.fault_before(node, format!("invalid destination label name in label_join(): {target}"));
            return Ok(nothing());
        };
        relabel(site, target, |labels| {
            let values: Vec<&[u8]> = sources.iter().map(|s| s.as_str().and_then(|s| labels.get(s)).unwrap_or("").as_bytes()).collect();
            utf8(values.join(separator.as_bytes())).map(Some)
        })
    }
}
