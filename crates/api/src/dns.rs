//! Names as Kubernetes takes them: DNS labels and subdomains (RFC 1123).

/// Whether this is a DNS label, as namespaces and environments are named.
#[must_use]
pub fn is_label(name: &str) -> bool {
    name.len() <= 63 && is_label_of_any_length(name)
}

/// Whether this is a DNS subdomain, as objects are named, and the prefixes of labels and annotations.
#[must_use]
pub fn is_subdomain(name: &str) -> bool {
    name.len() <= 253 && name.split('.').all(is_label_of_any_length)
}

fn is_label_of_any_length(part: &str) -> bool {
    let inner = part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    !part.is_empty() && inner && !part.starts_with('-') && !part.ends_with('-')
}

/// Returns whether this is a key of a Secret or ConfigMap, as Kubernetes validates it.
#[must_use]
pub fn is_data_key(key: &str) -> bool {
    let letters = key.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'));
    (1..=253).contains(&key.len()) && letters && key != "." && !key.starts_with("..")
}
