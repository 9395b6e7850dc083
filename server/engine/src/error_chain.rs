//! An error and its causes as one text: for logs, whose JSON form leaves out the causes of what it is given as an error, and for what is
//! recorded.

use std::error::Error;
use std::fmt;

/// Displays the error, then each cause that says something new.
///
/// ```
/// use stowaway_engine::error_chain::ErrorChain;
///
/// #[derive(Debug, thiserror::Error)]
/// #[error("the list cannot be read")]
/// struct Unreadable(#[source] std::io::Error);
///
/// let error = Unreadable(std::io::Error::other("disk on fire"));
/// assert_eq!(ErrorChain(&error).to_string(), "the list cannot be read: disk on fire");
/// ```
#[derive(Debug, Clone, Copy)]
pub struct ErrorChain<'a>(pub &'a (dyn Error + 'a));

impl fmt::Display for ErrorChain<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut said = self.0.to_string();
        formatter.write_str(&said)?;
        let mut cause = self.0.source();
        while let Some(error) = cause {
            let text = error.to_string();
            if !said.contains(&text) {
                write!(formatter, ": {text}")?;
                said = text;
            }
            cause = error.source();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("{text}")]
    struct Said {
        text: &'static str,
        source: Option<Box<Said>>,
    }

    fn chain(texts: &[&'static str]) -> String {
        let error = texts.iter().rev().fold(None, |source, text| Some(Box::new(Said { text, source })));
        ErrorChain(&*error.unwrap()).to_string()
    }

    #[test]
    fn every_cause_is_said_once() {
        assert_eq!(chain(&["nothing was stored", "the disk is full"]), "nothing was stored: the disk is full");
        assert_eq!(chain(&["a", "b", "c"]), "a: b: c");
        assert_eq!(chain(&["put failed: no room", "no room", "os error 28"]), "put failed: no room: os error 28");
        assert_eq!(chain(&["alone"]), "alone");
    }
}
