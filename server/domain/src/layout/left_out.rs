//! Which files of a folder are no content.

/// Endings of files that somebody is still writing.
const UNFINISHED: [&str; 3] = [".part", ".crdownload", ".tmp"];
/// Files that desktops leave behind.
const DESKTOP: [&str; 2] = ["thumbs.db", "desktop.ini"];

/// Whether a file or folder of that name is left out of a release: hidden, unfinished, a backup, or a desktop's own. [`tag.toml`](crate::tag_metadata)
/// is content to be read, not an asset: whoever scans the root takes it out.
#[must_use]
pub fn is_left_out(file_name: &str) -> bool {
    let lower = file_name.to_lowercase();
    lower.starts_with('.')
        || lower.ends_with('~')
        || lower.starts_with('~')
        || UNFINISHED.iter().any(|ending| lower.ends_with(ending))
        || DESKTOP.contains(&lower.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_unfinished_and_desktop_files_are_left_out() {
        for name in
            [".DS_Store", "._a.mp3", "a.mp3.part", "a.MP4.crdownload", "a.tmp", "a.txt~", "~$a.docx", "Thumbs.db"]
        {
            assert!(is_left_out(name), "{name}");
        }
    }

    #[test]
    fn content_is_kept() {
        for name in
            ["a.mp3", "part.mp3", "a.partial.mp3", "tmp", "a~b.mp3", "thumbs.jpg", crate::tag_metadata::FILE_NAME]
        {
            assert!(!is_left_out(name), "{name}");
        }
    }
}
