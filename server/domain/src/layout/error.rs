//! Why a folder cannot become a release. Every message names the files and says what to do.

use crate::AssetPath;
use crate::bundle::BundleError;

/// A folder that breaks the rules.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum LayoutError {
    /// Nothing to publish.
    #[error("the folder has no files to publish: put audio or video files into it")]
    Empty,
    /// Files, but no lesson among them.
    #[error("none of the {files} files is audio or video: put at least one lesson or episode into the folder")]
    NoLessons {
        /// How many files there are.
        files: usize,
    },
    /// The release cannot be laid out as one file.
    #[error("the folder cannot be offered as one file")]
    Bundle {
        /// Why.
        #[source]
        source: BundleError,
    },
    /// Two forms of one lesson that cannot be the same content.
    #[error(
        "{lesson} is {lesson_s:.1} s long but {alternate}, which has the same name, is {alternate_s:.1} s: give them different names or make them the same length (within 1 s or 1 %)"
    )]
    DurationsDiffer {
        /// The lesson.
        lesson: AssetPath,
        /// Seconds.
        lesson_s: f64,
        /// The other form.
        alternate: AssetPath,
        /// Seconds.
        alternate_s: f64,
    },
    /// Two files for what there can be one of.
    #[error("{first} and {second} are both the {role} of {owner}: keep one of them")]
    TwoForOneRole {
        /// The first.
        first: AssetPath,
        /// The second.
        second: AssetPath,
        /// `poster`, `chapters` or `cover`.
        role: &'static str,
        /// The lesson's path, or `the tag`.
        owner: String,
    },
    /// The same path twice.
    #[error("{path} was given twice: this is a fault of the caller, not of the folder")]
    PathTwice {
        /// The path.
        path: AssetPath,
    },
    /// `tag.toml` names a file that is not there.
    #[error("tag.toml has a section for {path}, which is not in the folder: correct the path or remove the section")]
    UnknownItem {
        /// The path.
        path: AssetPath,
    },
    /// A lesson came without identifier.
    #[error("{path} has no identifier: this is a fault of the caller, not of the folder")]
    MissingIdentifier {
        /// The lesson.
        path: AssetPath,
    },
}
