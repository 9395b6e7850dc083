//! Has the binary rebuilt when the client or the samples it embeds change.

fn main() {
    // While a folder is missing, cargo takes it for changed: every build looks again until the client is built.
    for path in ["../../client-sw/dist", "samples/course", "samples/podcast", "build.rs"] {
        println!("cargo::rerun-if-changed={path}");
    }
}
