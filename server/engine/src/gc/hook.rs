//! Points at which a test can look, or end a gc.

/// A point between two steps of a gc.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GcPoint {
    /// A batch was listed and what nobody needs is known.
    Listed,
    /// Some of it is condemned, nothing of it deleted.
    Condemned,
    /// It is deleted, and still condemned.
    Deleted,
}

/// Decides at every point whether the gc goes on.
pub trait GcHook: Send + Sync {
    /// The gc has come to `point`; `Err` ends it there.
    ///
    /// # Errors
    /// When the gc shall fail here.
    fn reached(&self, point: GcPoint) -> Result<(), GcPoint>;
}

/// Lets everything pass.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoHook;

impl GcHook for NoHook {
    fn reached(&self, _: GcPoint) -> Result<(), GcPoint> {
        Ok(())
    }
}
