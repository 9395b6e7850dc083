//! Programs that read ZIP files read bundles: small ones, those beyond 4 GiB, and those of more than 65,535 files.

use std::io::{Read, Seek, SeekFrom, Write};
use std::process::Command;

use stowaway_domain::Digest;
use stowaway_domain::bundle::{BundleEntry, BundleLayout, BundleSegment};
use stowaway_domain::range::ByteRange;
use tempfile::NamedTempFile;
use zip::ZipArchive;

use super::virtual_file::{ReadBlob, VirtualFile, content_of};
use super::{layout, small_files};

const GIB: u64 = 1 << 30;
const ROOT: &str = "field-recording";

fn open(layout: &BundleLayout, read_blob: ReadBlob) -> ZipArchive<VirtualFile<'_>> {
    ZipArchive::new(VirtualFile { layout, read_blob, position: 0 }).unwrap()
}

fn zeros(_: &Digest, _: u64, len: usize) -> Vec<u8> {
    vec![0; len]
}

/// CRC-32 of `size` zeros, by doubling.
fn crc32_of_zeros(size: u64) -> u32 {
    let mut block = crc32fast::Hasher::new();
    block.update(&[0]);
    let mut all = crc32fast::Hasher::new();
    for bit in 0..u64::BITS - size.leading_zeros() {
        if size >> bit & 1 == 1 {
            all.combine(&block);
        }
        let half = block.clone();
        block.combine(&half);
    }
    all.finalize()
}

fn zero_entry(path: &str, size: u64) -> BundleEntry {
    let digest = Digest::of(path.as_bytes());
    BundleEntry { path: path.parse().unwrap(), digest, size, crc32: crc32_of_zeros(size) }
}

/// Files that need every ZIP64 field: a place, a size, and both at once, and a number that only just does.
fn large_files() -> Vec<BundleEntry> {
    vec![
        zero_entry("first.bin", 3 * GIB),
        zero_entry("just-below.bin", u64::from(u32::MAX) - 1),
        zero_entry("just-large.bin", u64::from(u32::MAX)),
        zero_entry("large.bin", 5 * GIB),
        zero_entry("last.bin", 70_000),
    ]
}

/// Writes a bundle with holes where content is: the content must be zeros.
fn write_sparse(layout: &BundleLayout) -> NamedTempFile {
    let mut file = NamedTempFile::with_suffix(".zip").unwrap();
    for segment in layout.segments(ByteRange::whole(layout.total_size()).unwrap()) {
        match segment {
            BundleSegment::Text(text) => file.write_all(&text).unwrap(),
            BundleSegment::Blob { range, .. } => {
                file.seek(SeekFrom::Current(range.len().try_into().unwrap())).unwrap();
            }
        }
    }
    assert_eq!(file.as_file().metadata().unwrap().len(), layout.total_size());
    file
}

/// Runs a program that must succeed and gives what it printed.
fn run(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output();
    let output = output.unwrap_or_else(|error| panic!("{program} is needed by this test, install it: {error}"));
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{program} {arguments:?}: {printed}{}", String::from_utf8_lossy(&output.stderr));
    printed
}

#[test]
fn the_zip_crate_reads_every_file_and_checks_its_sum() {
    let files = small_files();
    let layout = layout(files.clone());
    let mut archive = open(&layout, content_of);
    assert_eq!(archive.len(), files.len());
    for (index, expected) in files.iter().enumerate() {
        let mut file = archive.by_index(index).unwrap();
        assert_eq!(file.name().unwrap(), format!("{ROOT}/{}", expected.path));
        assert_eq!(file.unix_mode(), Some(0o100_644));
        let mut content = Vec::new();
        file.read_to_end(&mut content).unwrap();
        assert_eq!(content, content_of(&expected.digest, 0, content.len()));
        assert_eq!(content.len() as u64, expected.size);
    }
}

#[test]
fn the_zip_crate_notices_other_content() {
    let layout = layout(small_files());
    let mut content = Vec::new();
    let error = open(&layout, zeros).by_index(0).unwrap().read_to_end(&mut content).unwrap_err();
    assert!(error.to_string().contains("checksum"), "{error}");
}

#[test]
fn files_and_places_beyond_four_gibibytes_are_read() {
    let files = large_files();
    let layout = layout(files.clone());
    let mut archive = open(&layout, zeros);
    assert_eq!(archive.len(), files.len());
    for (index, expected) in files.iter().enumerate() {
        let mut file = archive.by_index(index).unwrap();
        assert_eq!((file.size(), file.crc32()), (expected.size, expected.crc32));
        let mut beginning = [1; 16];
        file.read_exact(&mut beginning).unwrap();
        assert_eq!(beginning, [0; 16]);
    }
    let mut last = Vec::new();
    archive.by_name("field-recording/last.bin").unwrap().read_to_end(&mut last).unwrap();
    assert_eq!(last.len(), 70_000);
}

#[test]
fn more_files_than_sixteen_bits_count_are_read() {
    for count in [65_534, 65_535, 65_536, 70_000] {
        let layout = layout((0..count).map(|index| zero_entry(&format!("{index}"), 1)).collect());
        let mut archive = open(&layout, zeros);
        assert_eq!(archive.len(), count);
        for index in [0, 65_533, count - 1] {
            let mut content = Vec::new();
            archive.by_index(index).unwrap().read_to_end(&mut content).unwrap();
            assert_eq!(content, [0], "file {index} of {count}");
        }
    }
}

#[test]
fn unzip_python_and_7z_accept_a_small_bundle_whole() {
    let mut file = NamedTempFile::with_suffix(".zip").unwrap();
    let layout = layout(small_files());
    let mut bytes = Vec::new();
    VirtualFile { layout: &layout, read_blob: content_of, position: 0 }.read_to_end(&mut bytes).unwrap();
    file.write_all(&bytes).unwrap();
    let path = file.path().to_str().unwrap();
    assert!(run("unzip", &["-t", path]).contains("No errors detected"));
    let script = "import sys, zipfile; z = zipfile.ZipFile(sys.argv[1]); assert z.testzip() is None; print(*z.namelist(), sep='\\n')";
    let names: Vec<String> = small_files().iter().map(|entry| format!("{ROOT}/{}", entry.path)).collect();
    let printed = run("python3", &["-X", "utf8", "-c", script, path]);
    assert_eq!(printed.lines().collect::<Vec<_>>(), names);
    assert!(run("7z", &["t", path]).contains("Everything is Ok"));
    assert_eq!(listed_by_7z(path, "Path"), names);
}

/// What 7z says of every file, without warnings, which it prints and does not fail for.
fn listed_by_7z(path: &str, fact: &str) -> Vec<String> {
    let printed = run("7z", &["l", "-slt", "-sccUTF-8", path]);
    assert!(!printed.contains("WARNING") && !printed.contains("ERROR"), "{printed}");
    let (_, files) = printed.split_once("----------").unwrap();
    let prefix = format!("{fact} = ");
    files.lines().filter_map(|line| line.strip_prefix(&prefix)).map(str::to_owned).collect()
}

#[test]
fn unzip_python_and_7z_find_their_way_in_a_large_bundle() {
    let file = write_sparse(&layout(large_files()));
    let path = file.path().to_str().unwrap();
    assert!(run("unzip", &["-t", path, "field-recording/last.bin"]).contains("last.bin"));
    let script = "import sys, zipfile; z = zipfile.ZipFile(sys.argv[1]); assert len(z.read('field-recording/last.bin')) == 70000\n\
                  for i in z.infolist():\n with z.open(i) as f: assert f.read(9) == bytes(9)\n print(i.file_size)";
    let sizes: Vec<String> = large_files().iter().map(|entry| entry.size.to_string()).collect();
    assert_eq!(run("python3", &["-c", script, path]).lines().collect::<Vec<_>>(), sizes);
    assert_eq!(listed_by_7z(path, "Size"), sizes);
    assert!(run("7z", &["t", path, "field-recording/last.bin"]).contains("Everything is Ok"));
}

#[test]
fn unzip_python_and_7z_count_seventy_thousand_files() {
    let file = write_sparse(&layout((0..70_000).map(|index| zero_entry(&format!("{index}"), 1)).collect()));
    let path = file.path().to_str().unwrap();
    assert!(run("unzip", &["-tq", path]).contains("No errors detected"));
    let script = "import sys, zipfile; print(len(zipfile.ZipFile(sys.argv[1]).namelist()))";
    assert_eq!(run("python3", &["-c", script, path]).trim(), "70000");
    let tested = run("7z", &["t", path]);
    assert!(tested.contains("Everything is Ok") && tested.contains("Files: 70000"), "{tested}");
}
