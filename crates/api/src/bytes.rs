//! Bytes of values on their way from a source to an output.

use std::fmt;
use std::sync::Arc;

use zeroize::Zeroizing;

/// Bytes that may be secret: their `Debug` tells only the length. Clones share them, and their memory is wiped when the
/// last one is dropped.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct SensitiveBytes(Arc<Zeroizing<Vec<u8>>>);

impl SensitiveBytes {
    /// The bytes themselves. Only writing and fingerprints have a reason to ask for them.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        &self.0
    }

    /// The length in bytes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is nothing in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl From<Vec<u8>> for SensitiveBytes {
    fn from(bytes: Vec<u8>) -> Self {
        Self(Arc::new(Zeroizing::new(bytes)))
    }
}

impl From<&str> for SensitiveBytes {
    fn from(text: &str) -> Self {
        Self::from(text.as_bytes().to_vec())
    }
}

impl fmt::Debug for SensitiveBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[redacted, {} bytes]", self.0.len())
    }
}
