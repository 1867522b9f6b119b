//! The test-script language of Prometheus, its runner, and the rewriting of expectations. Tests,
//! the command line (`ferula test`) and embedders call [`run`] or [`run_text`].
//!
//! `parse` and `block` read a script into the commands of `script`, series lines through the
//! parser's own notation; `load` fills the storage (`nhcb` converts classic histograms); `check`
//! runs one eval in all its ways, `pin` rewrites its query for them, `compare` decides; `update`
//! rewrites what does not hold (on the lines that `block_text` takes apart); `report` is the outcome, `notation` its values as text; `tally`
//! keeps count of a suite that does not hold as a whole.

mod block;
mod block_text;
mod check;
mod compare;
mod load;
mod nhcb;
mod notation;
mod parse;
mod pin;
mod report;
mod run;
mod script;
mod series;
mod tally;
#[cfg(test)]
mod tests;
mod update;

pub use compare::almost_equal;
pub use load::{is_script, load};
pub use parse::parse;
pub use report::{Case, FileReport, Mismatch, Outcome, Row, RunReport};
pub use run::{RunOptions, run, run_text};
pub use script::{Command, Eval, EvalTime, Expect, ExpectSeries, Form, Load, LoadSeries, Script, ScriptError, Slot, TextMatch};
pub use tally::{Tally, TallyError, TallyReport};
