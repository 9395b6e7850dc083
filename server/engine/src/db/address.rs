//! The address of a database as it is connected to, which may hold a password.

use std::fmt;
use std::sync::Arc;

/// An address that no log line shows by accident.
#[derive(Clone)]
pub(super) struct Address(Arc<str>);

impl Address {
    pub(super) fn new(address: &str) -> Self {
        Self(address.into())
    }

    /// With its password.
    pub(super) fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Address(…)")
    }
}
