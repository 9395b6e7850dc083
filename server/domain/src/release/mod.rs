//! Plans a release: from described files to the canonical manifest, its piece index and its rows. Pure.

pub mod input;
pub mod planned;
pub mod summary;

pub use input::ReleaseInput;
pub use planned::{AssetRow, PlannedRelease};
pub use summary::{CoverImage, TagSummary};

use crate::AssetPath;
use crate::content::DescribedAsset;
use crate::layout::LayoutError;
use crate::tag_metadata::TagMetadata;

/// The paths of all lessons, in manifest order: each needs an identifier before the release can be planned.
///
/// # Errors
/// A folder that breaks the rules.
#[expect(clippy::todo, reason = "the body follows the signature")]
pub fn lesson_paths(metadata: &TagMetadata, assets: &[DescribedAsset]) -> Result<Vec<AssetPath>, LayoutError> {
    todo!("{metadata:?} {assets:?}")
}

/// Plans a release: manifest, piece index, rows and summary.
///
/// # Errors
/// A folder that breaks the rules.
#[expect(clippy::todo, reason = "the body follows the signature")]
#[expect(clippy::needless_pass_by_value, reason = "the body follows the signature")]
pub fn plan_release(input: ReleaseInput) -> Result<PlannedRelease, LayoutError> {
    todo!("{input:?}")
}
