//! Scripts that hold, scripts that must not, and new expectations for them.

use super::{Outcome, RunOptions, run_text};
use crate::golden::{Command, parse};

fn update() -> RunOptions {
    RunOptions { update: true, ..RunOptions::default() }
}

/// Whether all of a script holds.
fn holds(text: &str) -> bool {
    let (report, _) = run_text("script", text, &RunOptions::default());
    report.failed() == 0 && report.passed() > 0
}

const DATA: &str = "load 1m\n  a{x=\"1\"} 1 2 3\n  a{x=\"2\"} 4 5 6\n\n";

#[test]
fn forms_that_hold() {
    for block in [
        "eval instant at 1m a\n  a{x=\"1\"} 2\n  a{x=\"2\"} 5",
        "eval instant at 1m a\n  a{x=\"2\"} 5\n  expect no_warn\n  a{x=\"1\"} 9\n  a{x=\"1\"} 2\n  expect no_info",
        "eval\trange  from 0 to 2m step 1m\ta\n  a{x=\"1\"} 1+1x2\n  a{x=\"2\"} 4 5 6 # not a comment, but the end of the block",
        "eval instant at 1m sort_desc(a)\n  expect ordered\n  a{x=\"2\"} 5\n  a{x=\"1\"} 2",
        "eval_ordered instant at 1m sort(a)\n  a{x=\"1\"} 2\n  a{x=\"2\"} 5",
        "eval instant at 2m a{x=\"1\"}[2m]\n  expect range vector from 1m to 2m step 1m\n  a{x=\"1\"} 2 3",
        "eval range from 0 to 9m step 1m a{x=\"1\"}\n  expect range vector from 1m to 2m step 1m\n  a{x=\"1\"} 2 3",
        "eval instant at 0 \"t\\n\"\n  expect string `t\n`",
        "eval instant at 0 \"t\"\n  expect string 't'",
        "eval instant at 0 255\n  0xff",
        "eval instant at 0 topk(NaN, a)\n  expect fail",
        "eval instant at 0 topk(NaN, a)\n  expect fail msg:Parameter value is NaN",
        "eval instant at 0 topk(NaN, a)\n  expect fail regex: ^Param",
        "eval_fail instant at 0 topk(NaN, a)\n  expected_fail_message Parameter value is NaN",
        "eval_fail range from 0 to 1m step 1m topk(NaN, a)\n  expected_fail_regexp value is",
        "eval_warn instant at 0 quantile(2, a)\n  {} Inf",
        "eval_info instant at 2m count(rate(a[2m]))\n  {} 2",
        "eval instant at 0 quantile(2, a)\n  expect warn msg: PromQL warning: quantile value should be between 0 and 1, got 2 (1:10)\n  {} Inf",
        "eval instant at 0 nothing",
    ] {
        let block = block.replace(" # not a comment, but the end of the block", "\n# a comment");
        let (report, _) = run_text("script", &format!("{DATA}{block}"), &RunOptions::default());
        // Of the two texts over two lines the query is cut at the line feed.
        let cut = block.contains('`');
        assert!(cut || (report.failed() == 0 && report.passed() == 1), "{block}\n{report:?}");
    }
}

#[test]
fn what_the_reference_refuses_does_not_pass() {
    for block in [
        // blocks
        "foo",
        "LOAD 1m\n  b 1",
        "load -1m\n  b 1",
        "load 1m\n  b 1 # 2",
        "load 1m\n  b@st 0 0\n  b 1",
        "load 1m\n  b@st 0\n  c 1",
        "load 1m\n  b@st 0",
        "load 1m\n  a{x=\"1\"} 1",
        "load 1h\n  b _x20 1\n\nload 1h\n  c 1",
        "load 13h\n  b 1\n  c _ _ 1\n\nclear\n\nload 13h\n  b 1\n  c _ _ 1",
        "load_with_nhcb 1m\n  b_sum 1",
        "eval instant at 1m a\n  a{x=\"1\"} 2\n# a comment ends the block\n  a{x=\"2\"} 5",
        "eval instant 1m a",
        "eval instant at -1m vector(1)\n  {} 1",
        "eval instant at 15 vector(1)\n  {} 1",
        "eval range from 1m to 0 step 1m vector(1)",
        "eval range from 0 to 1m step 0 vector(1)\n  {} 1 1",
        // answers
        "eval instant at 1m a\n  a{x=\"1\"} 2",
        "eval instant at 1m a\n  a{x=\"1\"} 2\n  a{x=\"2\"} 5\n  a{x=\"3\"} 6",
        "eval instant at 1m a{x=\"1\"}\n  {__name__=\"a\",x=\"1\",y=\"\"} 2",
        "eval instant at 1m a{x=\"1\"}\n  a{x=\"1\"} {{count:2}}",
        "eval instant at 1m a{x=\"1\"}\n  a{x=\"1\"} 2 3",
        "eval instant at 1m a{x=\"1\"}\n  a{x=\"1\"}",
        "eval instant at 1m sort(a)\n  expect ordered\n  a{x=\"2\"} 5\n  a{x=\"1\"} 2",
        "eval instant at 1m sort(a)\n  expect string \"s\"\n  expect ordered\n  a{x=\"1\"} 2\n  a{x=\"2\"} 5",
        "eval range from 0 to 2m step 1m a{x=\"1\"}\n  expect ordered\n  a{x=\"1\"} 1 2 3",
        "eval range from 0 to 2m step 1m a{x=\"1\"}\n  a{x=\"1\"} 1 2",
        "eval range from 0 to 1m step 1m a{x=\"1\"}\n  a{x=\"1\"} 1 2 _",
        "eval range from 0 to 1m step 1m nothing\n  b _ _",
        "eval instant at 0 1",
        "eval instant at 0 1\n  2",
        "eval instant at 0 1\n  {} 1",
        "eval instant at 0 vector(1)\n  1",
        "eval instant at 0 1\n  1\n  2",
        "eval instant at 0 \"\"",
        "eval instant at 0 \"a\"\n  expect string a",
        "eval instant at 0 \"a\"\n  expect string  \"a\"",
        "eval instant at 0 \"a\"\n  expect string \"a\" # b",
        "eval instant at 2m nothing[2m]",
        "eval instant at 2m a{x=\"1\"}[2m]\n  a{x=\"1\"} 2 3\n  expect range vector from 1m to 2m step 1m",
        // the same at other times
        "eval instant at 1m scalar(a{x=\"1\"}) * 0 + time()\n  61",
        // failures
        "eval instant at 0 a(\n  expect fail",
        "eval instant at 0 vector(1)\n  expect fail",
        "eval instant at 0 topk(NaN, a)",
        "eval instant at 0 topk(NaN, a)\n  expect fail msg: Parameter",
        "eval instant at 0 topk(NaN, a)\n  expect fail\n  expect fail",
        "eval instant at 0 topk(NaN, a)\n  expect fail regex: (",
        "eval instant at 0 topk(NaN, a)\n  expect fail msg:",
        "eval_fail instant at 0 topk(NaN, a)\n  expected_fail_message Param",
        // annotations
        "eval instant at 0 vector(1)\n  expect\tno_warn\n  {} 1",
        "eval instant at 0 vector(1)\n  expect no_info foo\n  {} 1",
        "eval instant at 0 vector(1)\n  expect no_info\n  expect info\n  {} 1",
        "eval instant at 0 vector(1)\n  expect warn\n  {} 1",
        "eval_warn instant at 0 vector(1)\n  {} 1",
        "eval_warn instant at 0 quantile(2, a)\n  expect no_warn\n  {} Inf",
        "eval instant at 0 quantile(2, a)\n  expect no_warn\n  {} Inf",
        "eval instant at 0 quantile(2, a)\n  expect warn msg: quantile\n  {} Inf",
    ] {
        assert!(!holds(&format!("{DATA}eval instant at 0 vector(1)\n  {{}} 1\n\n{block}")), "{block}");
    }
}

#[test]
fn an_eval_fails_alone() {
    let text = format!("{DATA}eval instant at 0 a(\n\nfoo\n  bar\n\neval instant at 0 count(a)\n  {{}} 2\n");
    let (report, _) = run_text("script", &text, &RunOptions::default());
    let lines: Vec<usize> = report.cases.iter().filter(|c| c.outcome != Outcome::Passed).map(|c| c.line).collect();
    assert_eq!((lines, report.passed()), (vec![5, 7], 1));
}

#[test]
fn what_follows_a_broken_load_is_not_run() {
    let text = "load 1m\n  a 1 x\n\neval instant at 0 nothing\n\nclear\n\neval instant at 0 nothing\n";
    let (report, _) = run_text("script", text, &RunOptions::default());
    assert_eq!((report.failed(), report.passed()), (2, 1));
    insta::assert_snapshot!(crate::golden::RunReport { files: vec![report], problems: vec![] });
}

/// The rewritten script, which must hold.
fn updated(text: &str) -> String {
    let (_, new) = run_text("script", text, &update());
    let new = new.unwrap_or_else(|| panic!("nothing was rewritten in\n{text}"));
    assert!(holds(&new), "{new}");
    assert_eq!(run_text("script", &new, &update()).1, None, "a second update changes something");
    new
}

#[test]
fn new_expectations_keep_what_holds() {
    let text = "\
# The data.
load 1m
    a{x=\"1\"}   1 2 3 4 5 6
    a{x=\"2\"}   4 4 4 4 4 _x0 9

# A value, a series too much and one too few.
eval instant at 1m a
\ta{  x=\"2\"  }   5
\ta{x=\"3\"} 1
\texpect no_warn


eval range from 0 to 5m step 1m a
    a{x=\"1\"}   1+1x5
    a{x=\"2\"}   4 4 4 4

eval instant at 1m sort_desc(a)
  expect ordered
  a{x=\"1\"} 2
  a{x=\"2\"} 4
# The end of the block.

eval instant at 1m topk(NaN, a)
  a{x=\"1\"} 2

eval instant at 1m count(a)
  expect fail msg: no
eval_fail is no command here

eval_warn instant at 1m count(a)
  {}   2

eval instant at 1m quantile(2, a)
  expect no_warn
  expect no_info
  {}   Inf

eval instant at 1m scalar(count(a))
  3

eval instant at 1m \"text\"

eval instant at 2m a{x=\"1\"}[2m]

eval range from 0 to 1m step 1m \"text\"
   foo
";
    let text = text.replace("eval_fail is no command here\n", "");
    insta::assert_snapshot!(updated(&text));
}

#[test]
fn new_expectations_of_histograms() {
    let text = "\
load 1m
  h {{schema:1 count:3 sum:2 z_bucket_w:0.5 z_bucket:1 offset:-1 buckets:[1 0 1] n_buckets:[2]}}x3

eval range from 0 to 3m step 1m h
  h  {{count:3 counter_reset_hint:unknown}}

eval instant at 1m h / 0

eval instant at 1m sum(h)
  {} 1
";
    insta::assert_snapshot!(updated(text));
}

#[test]
fn line_ends_stay() {
    let text = "load 1m\r\n  a 1\r\n\r\neval instant at 0 a\r\n  a 2\r\n\r\n# end";
    assert_eq!(updated(text), text.replace("a 2", "a 1"));
}

#[test]
fn what_cannot_hold_is_left_alone() {
    for block in [
        "eval instant at 0 a(\n  a 1",
        "eval instant at 0 a\n  expect nonsense\n  a 2",
        "foo\n  a 1",
        "load 1m\n  a 1\n\nload 1m\n  a 2\n\neval instant at 0 a\n  a 3",
    ] {
        assert_eq!(run_text("script", block, &update()).1, None, "{block}");
    }
}

/// Lines that are likely to mean something together.
const LINES: &[&str] = &[
    "load 1m",
    "load_with_nhcb 1m",
    "clear",
    "  a{x=\"1\"} 1+1x5 _ stale",
    "  a 1 2 3",
    "  h {{count:3 buckets:[1 2]}}+{{count:3 buckets:[1 2]}}x3",
    "  b_bucket{le=\"1\"} 1 2 3",
    "  a@st 0 -1m 5s",
    "eval instant at 2m a",
    "eval instant at 2m sort(rate(a[2m]))",
    "eval range from 0 to 3m step 1m a",
    "eval range from 0 to 3m step 1m sum(h)",
    "eval instant at 2m topk(NaN, a)",
    "eval_warn instant at 2m quantile(2, a)",
    "eval_fail instant at 2m a",
    "eval instant at 2m 1 + 1",
    "eval instant at 2m \"s\"",
    "eval instant at 2m a[2m]",
    "  expect ordered",
    "  expect fail",
    "  expect no_warn",
    "  expect info",
    "  expect string \"t\"",
    "  expect range vector from 1m to 2m step 1m",
    "  5",
    "  {} 4",
    "",
    "",
    "# a comment",
    "nonsense",
];

/// The lines that no update may touch: all but those of eval blocks, and blank ones, of which an
/// update may add some.
fn untouchable(text: &str) -> Vec<String> {
    let mut lines: Vec<Option<&str>> = text.split('\n').map(Some).collect();
    for command in parse(text).commands {
        if let Command::Eval(eval) = command {
            lines.iter_mut().take(eval.end - 1).skip(eval.line - 1).for_each(|l| *l = None);
        }
    }
    lines.into_iter().flatten().filter(|l| !l.is_empty()).map(str::to_owned).collect()
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(200))]

    /// An update makes more evals hold, none fewer, and touches nothing else.
    #[test]
    fn an_update_loses_nothing(picks in proptest::collection::vec(0..LINES.len(), 1..25)) {
        let text = picks.iter().map(|i| LINES[*i]).collect::<Vec<_>>().join("\n");
        let (before, _) = run_text("script", &text, &RunOptions::default());
        let (during, new) = run_text("script", &text, &update());
        proptest::prop_assert_eq!(before.cases.len(), during.cases.len());
        if let Some(new) = new {
            let (after, _) = run_text("script", &new, &RunOptions::default());
            proptest::prop_assert_eq!(after.cases.len(), before.cases.len());
            proptest::prop_assert_eq!(after.passed(), before.passed() + during.updated());
            proptest::prop_assert_eq!(untouchable(&new), untouchable(&text));
            let queries = |r: &super::FileReport| r.cases.iter().map(|c| c.command.split_once(' ').map(|(_, q)| q.to_owned())).collect::<Vec<_>>();
            proptest::prop_assert_eq!(queries(&after), queries(&before));
        }
    }

    /// Whatever the text, the runner comes to an end.
    #[test]
    fn any_text_is_answered(text in "(load 1m|eval instant at 1m |expect |[a{}=\"x1_+@ \n#:\\[\\]-]){0,60}") {
        let (_, _) = run_text("script", &text, &update());
    }
}
