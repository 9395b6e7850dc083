//! Headers of media. Input: one byte that chooses the name, then the file.

#![no_main]

use std::fs::File;
use std::io::{Seek as _, SeekFrom, Write as _};
use std::sync::OnceLock;

use libfuzzer_sys::fuzz_target;
use stowaway_domain::AssetPath;
use stowaway_fuzz::media::{PublishError, probe_file};

const NAMES: [&str; 12] =
    ["a.mp4", "a.m4a", "a.webm", "a.mkv", "a.mp3", "a.flac", "a.ogg", "a.opus", "a.wav", "a.jpg", "a.png", "a.txt"];

fuzz_target!(
    init: tolerate_panics_of_libraries(),
    |data: &[u8]| {
        let Some((&choice, content)) = data.split_first() else { return };
        let path: AssetPath = NAMES[usize::from(choice) % NAMES.len()].parse().expect("a good name");
        let mut file = scratch();
        file.set_len(0).and_then(|()| file.seek(SeekFrom::Start(0))).and_then(|_| file.write_all(content)).expect("the scratch file can be written");
        file.seek(SeekFrom::Start(0)).expect("the scratch file can be read");
        let size = content.len() as u64;
        match probe_file(&path, &mut file, size) {
            Ok(probe) => {
                assert!(probe.duration_s.is_none_or(|duration| duration.is_finite() && duration > 0.0 || duration == 0.0), "{probe:?}");
                assert!(probe.media_type.contains('/'), "{probe:?}");
                for text in [&probe.title, &probe.artist, &probe.album, &probe.language].into_iter().flatten() {
                    assert!(!text.is_empty() && text.len() as u64 <= 4 * size, "{probe:?}");
                }
            }
            Err(PublishError::Media { reason, .. }) => assert!(!reason.is_empty(), "a refusal says why"),
            Err(PublishError::Type(_)) => {}
        }
        // The same file says the same.
        file.seek(SeekFrom::Start(0)).expect("the scratch file can be read");
        let again = probe_file(&path, &mut file, size).ok();
        file.seek(SeekFrom::Start(0)).expect("the scratch file can be read");
        assert_eq!(again, probe_file(&path, &mut file, size).ok());
    }
);

/// One file without a name, used again and again.
fn scratch() -> File {
    static SCRATCH: OnceLock<File> = OnceLock::new();
    let file = SCRATCH.get_or_init(|| {
        let path = std::env::temp_dir().join(format!("stowaway-fuzz-{}", std::process::id()));
        let file =
            File::options().read(true).write(true).create_new(true).open(&path).expect("a scratch file can be made");
        std::fs::remove_file(&path).expect("it needs no name");
        file
    });
    file.try_clone().expect("a descriptor can be shared")
}

/// Publishing catches panics in the libraries that read tags; ours must not have any.
fn tolerate_panics_of_libraries() {
    let abort = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        let is_library = info.location().is_some_and(|location| location.file().contains("/registry/src/"));
        if !is_library {
            abort(info);
        }
    }));
}
