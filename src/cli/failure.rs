//! Why the program stops, and with which exit status.

use std::io;
use std::process::ExitCode;

/// Why a command did not do its work.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// Flags that do not go together, a time that is none.
    #[error("{0}")]
    Usage(String),
    /// The work failed; the text is complete.
    #[error("{0}")]
    Failed(String),
    /// The work failed, and what there is to say was said.
    #[error("failed")]
    Silent,
    /// The user interrupted.
    #[error("interrupted")]
    Interrupted,
    /// The answer could not be written.
    #[error("cannot write the answer: {0}")]
    Output(#[from] io::Error),
}

impl Failure {
    /// Whether the reader of the answer went away, which is its own business.
    pub(crate) fn is_broken_pipe(&self) -> bool {
        matches!(self, Failure::Output(e) if e.kind() == io::ErrorKind::BrokenPipe)
    }
    /// The exit status of the program.
    pub(crate) fn exit_code(&self) -> ExitCode {
        match self {
            _ if self.is_broken_pipe() => ExitCode::SUCCESS,
            Failure::Usage(_) => ExitCode::from(2),
            Failure::Interrupted => ExitCode::from(130),
            Failure::Failed(_) | Failure::Silent | Failure::Output(_) => ExitCode::FAILURE,
        }
    }
}
