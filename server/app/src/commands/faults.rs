//! Points at which a debug build ends as a crash would, for tests: `STOWAWAY_FAULT_AT`.

use std::sync::Arc;

use stowaway_engine::publish::{FaultHook, FaultPoint, Publisher, UnknownFaultPoint};
use stowaway_engine::uploads::{UploadFaultHook, UploadFaultPoint, Uploads};

use crate::configuration;
use crate::failure::Failure;

/// The publisher that ends the process where it was asked to, if it was.
pub(super) fn in_publisher(publisher: Publisher) -> Result<Publisher, Failure> {
    match configuration::fault_from_environment() {
        Some(name) if upload_point(&name).is_none() => {
            let point = name.parse().map_err(|error: UnknownFaultPoint| Failure::caller(error))?;
            Ok(publisher.with_faults(Arc::new(AbortAt(point))))
        }
        _ => Ok(publisher),
    }
}

/// The uploads that end the process where it was asked to, if it was.
pub(super) fn in_uploads(uploads: Uploads) -> Uploads {
    match configuration::fault_from_environment().and_then(|name| upload_point(&name)) {
        Some(point) => uploads.with_faults(Arc::new(AbortAt(point))),
        None => uploads,
    }
}

fn upload_point(name: &str) -> Option<UploadFaultPoint> {
    UploadFaultPoint::ALL.iter().find(|point| point.name() == name).copied()
}

/// Ends the process.
struct AbortAt<T>(T);

impl FaultHook for AbortAt<FaultPoint> {
    fn reached(&self, point: FaultPoint) -> Result<(), FaultPoint> {
        if point == self.0 {
            std::process::abort();
        }
        Ok(())
    }
}

impl UploadFaultHook for AbortAt<UploadFaultPoint> {
    fn reached(&self, point: UploadFaultPoint) -> Result<(), UploadFaultPoint> {
        if point == self.0 {
            std::process::abort();
        }
        Ok(())
    }
}
