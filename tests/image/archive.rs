//! An image as the archive that it is: a tar of an index, a manifest, a config and layers, each named by its digest.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// An unpacked image. Dropping it removes the folder.
pub(crate) struct Image {
    folder: PathBuf,
    /// The config.
    pub(crate) config: Value,
    /// The lines of `tar` for its one layer.
    listing: Vec<String>,
}

impl Image {
    /// Unpacks an archive in the OCI layout.
    pub(crate) fn unpack(archive: &Path) -> Self {
        let test = std::thread::current().name().unwrap_or_default().replace("::", "-");
        let folder = std::env::temp_dir().join(format!("image-{}-{test}", std::process::id()));
        let (layout, root) = (folder.join("layout"), folder.join("root"));
        std::fs::create_dir_all(&layout).expect("a folder");
        std::fs::create_dir_all(&root).expect("a folder");
        tar(&["-xf"], archive, &layout);
        let json = |path: &Path| -> Value {
            let text = std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            serde_json::from_slice(&text).expect("JSON")
        };
        let blob = |of: &Value| {
            let digest = of["digest"].as_str().expect("a digest").replace(':', "/");
            layout.join("blobs").join(digest)
        };
        let manifest = json(&blob(&json(&layout.join("index.json"))["manifests"][0]));
        let layers = manifest["layers"].as_array().expect("layers");
        assert_eq!(layers.len(), 1, "everything is in one layer");
        let listing = tar(&["-tv", "--numeric-owner", "-f"], &blob(&layers[0]), &root);
        tar(&["-xf"], &blob(&layers[0]), &root);
        let config = json(&blob(&manifest["config"]));
        Self { folder, config, listing: listing.lines().map(str::to_owned).collect() }
    }

    /// Its files, each with its mode and owner.
    pub(crate) fn files(&self) -> Vec<String> {
        let mut files: Vec<String> = (self.listing.iter())
            .filter(|line| line.starts_with('-'))
            .map(|line| {
                let words: Vec<&str> = line.split_whitespace().collect();
                format!("{} {} {}", words[5].trim_start_matches("./"), words[0], words[1])
            })
            .collect();
        files.sort();
        files
    }

    /// Where a file of it is now.
    pub(crate) fn path(&self, file: &str) -> PathBuf {
        self.folder.join("root").join(file)
    }

    /// A file's bytes.
    pub(crate) fn bytes(&self, file: &str) -> Vec<u8> {
        std::fs::read(self.path(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
    }

    /// A file's text.
    pub(crate) fn read(&self, file: &str) -> String {
        String::from_utf8(self.bytes(file)).expect("text")
    }

    /// How large a file is.
    pub(crate) fn size(&self, file: &str) -> u64 {
        std::fs::metadata(self.path(file)).expect("a file").len()
    }

    /// How large all files are together.
    pub(crate) fn unpacked(&self) -> u64 {
        self.files().iter().filter_map(|file| file.split(' ').next()).map(|file| self.size(file)).sum()
    }
}

impl Drop for Image {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

fn tar(flags: &[&str], archive: &Path, folder: &Path) -> String {
    let output = Command::new("tar").args(flags).arg(archive).arg("-C").arg(folder).output().expect("tar");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "{}: {}", archive.display(), text(&output.stderr));
    text(&output.stdout)
}

/// Whether a 64-bit ELF program names a dynamic linker (a program header of the type PT_INTERP).
pub(crate) fn has_interpreter(elf: &[u8]) -> bool {
    assert_eq!(&elf[..5], b"\x7fELF\x02", "it is no 64-bit ELF program");
    let number = |at: usize, bytes: usize| {
        elf[at..at + bytes].iter().rev().fold(0_usize, |sum, byte| sum << 8 | usize::from(*byte))
    };
    let (table, size, count) = (number(0x20, 8), number(0x36, 2), number(0x38, 2));
    (0..count).any(|header| number(table + header * size, 4) == 3)
}
