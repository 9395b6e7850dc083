//! What a command ends with when it does not do what it was asked: the exit code and the text, said once.

use std::error::Error;
use std::fmt::Write as _;
use std::io::ErrorKind;

/// Who has to act, which is what the exit code says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Blame {
    /// The environment: store, database, port, disk. Exit code 1.
    Environment,
    /// The caller: a flag, a tag, a folder's content, a configuration key. Exit code 2.
    Caller,
}

impl Blame {
    /// The exit code of the process.
    pub(crate) const fn exit_code(self) -> u8 {
        match self {
            Self::Environment => 1,
            Self::Caller => 2,
        }
    }
}

/// A command that failed.
#[derive(Debug)]
pub(crate) struct Failure {
    /// Who has to act.
    pub(crate) blame: Blame,
    error: Box<dyn Error + Send + Sync>,
    remedy: Option<String>,
}

impl Failure {
    /// The environment refused.
    pub(crate) fn environment(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { blame: Blame::Environment, error: error.into(), remedy: None }
    }

    /// The caller asked for something that cannot be.
    pub(crate) fn caller(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { blame: Blame::Caller, error: error.into(), remedy: None }
    }

    /// Adds what to do about it.
    pub(crate) fn remedy(mut self, remedy: impl Into<String>) -> Self {
        self.remedy = Some(remedy.into());
        self
    }

    /// The text for standard error: `error: …`, then a `because: …` for each cause that says something new, then `try: …`.
    pub(crate) fn report(&self) -> String {
        let mut text = format!("error: {}\n", self.error);
        let mut said = self.error.to_string();
        let mut cause = self.error.source();
        while let Some(error) = cause {
            let message = error.to_string();
            if !said.contains(&message) {
                let _ = writeln!(text, "  because: {message}");
                said = message;
            }
            cause = error.source();
        }
        if let Some(remedy) = self.remedy.as_deref().filter(|remedy| !remedy.is_empty()) {
            let _ = writeln!(text, "  try: {remedy}");
        }
        text
    }
}

/// Does a cause say that there is no room left? SQLite says it in words only.
pub(crate) fn is_disk_full(error: &(dyn Error + 'static)) -> bool {
    let mut causes = std::iter::successors(Some(error), |error| (*error).source());
    causes.any(|cause| {
        let kind = cause.downcast_ref::<std::io::Error>().map(std::io::Error::kind);
        matches!(kind, Some(ErrorKind::StorageFull | ErrorKind::QuotaExceeded))
            || cause.to_string().contains("database or disk is full")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("the store cannot be opened")]
    struct Outer(#[source] std::io::Error);

    #[test]
    fn the_chain_is_told_once_and_ends_with_the_remedy() {
        let failure = Failure::environment(Outer(std::io::Error::other("disk on fire"))).remedy("put it out");
        insta::assert_snapshot!(failure.report(), @r"
        error: the store cannot be opened
          because: disk on fire
          try: put it out
        ");
    }

    #[test]
    fn a_cause_that_repeats_what_was_said_is_left_out() {
        let inner = std::io::Error::other("x");
        let failure = Failure::caller(std::io::Error::other(Outer(inner)));
        assert_eq!(failure.report(), "error: the store cannot be opened\n  because: x\n");
        assert_eq!(failure.blame.exit_code(), 2);
    }
}
