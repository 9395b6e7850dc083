//! What processes have used, from `/proc`: theirs and their children's, as a web server has a master and workers.

use std::fs;

/// Processor time in nanoseconds, of every thread that lives.
///
/// From `schedstat`, which counts in nanoseconds what `stat` shows in hundredths of a second.
pub fn cpu_nanoseconds(roots: &[u32]) -> u64 {
    family(roots).into_iter().flat_map(threads).map(thread_nanoseconds).sum()
}

/// Resident bytes that are the processes' own, and all.
pub fn resident_bytes(roots: &[u32]) -> (u64, u64) {
    let of = |pid: u32, names: &[&str]| -> u64 {
        let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
        let lines = status.lines().filter_map(|line| line.split_once(':')).filter(|(name, _)| names.contains(name));
        lines.filter_map(|(_, value)| value.split_whitespace().next()?.parse::<u64>().ok()).sum::<u64>() * 1024
    };
    let pids = family(roots);
    let sum = |names: &[&str]| pids.iter().map(|&pid| of(pid, names)).sum();
    (sum(&["RssAnon", "RssShmem"]), sum(&["VmRSS"]))
}

/// Busy nanoseconds of the calling process.
pub fn own_cpu_nanoseconds() -> u64 {
    cpu_nanoseconds(&[std::process::id()])
}

/// The processes and everything they started.
fn family(roots: &[u32]) -> Vec<u32> {
    let mut all: Vec<u32> = Vec::new();
    let mut waiting = roots.to_vec();
    while let Some(pid) = waiting.pop() {
        if !all.contains(&pid) {
            all.push(pid);
            let children = threads(pid)
                .into_iter()
                .filter_map(|(_, thread)| fs::read_to_string(format!("/proc/{pid}/task/{thread}/children")).ok());
            waiting.extend(
                children.flat_map(|list| {
                    list.split_whitespace().filter_map(|child| child.parse().ok()).collect::<Vec<u32>>()
                }),
            );
        }
    }
    all
}

fn threads(pid: u32) -> Vec<(u32, u32)> {
    let entries = fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten();
    entries.filter_map(|entry| Some((pid, entry.file_name().to_str()?.parse().ok()?))).collect()
}

fn thread_nanoseconds((pid, thread): (u32, u32)) -> u64 {
    let text = fs::read_to_string(format!("/proc/{pid}/task/{thread}/schedstat")).unwrap_or_default();
    text.split_whitespace().next().and_then(|first| first.parse().ok()).unwrap_or(0)
}
