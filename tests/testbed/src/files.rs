//! The files a control plane reads at start: keys, tokens, kubeconfigs, the audit policy.
//!
//! Everything that is secret is made new each time, is readable by this user only, and goes away
//! with the control plane's folder.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::rand;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair};

use crate::error::Error;
use crate::options::User;

/// What the API server writes to the audit log: one line for each request that was answered.
pub(crate) const AUDIT_POLICY: &str = "\
apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived, ResponseStarted]
rules:
- level: Metadata
";

/// Writes a file that only this user may read.
pub(crate) fn write(path: &Path, content: &str) -> Result<(), Error> {
    let write = || {
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)?;
        file.write_all(content.as_bytes())
    };
    write().map_err(Error::file("write", path))
}

/// Makes one folder a copy of another, with all that is in it.
pub(crate) fn copy_folder(from: &Path, to: &Path) -> Result<(), Error> {
    if to.exists() {
        fs::remove_dir_all(to).map_err(Error::file("remove", to))?;
    }
    DirBuilder::new().mode(0o700).create(to).map_err(Error::file("make", to))?;
    for entry in fs::read_dir(from).map_err(Error::file("read", from))? {
        let path = entry.map_err(Error::file("read", from))?.path();
        let copy = to.join(path.file_name().unwrap_or_default());
        if path.is_dir() {
            copy_folder(&path, &copy)?;
        } else {
            fs::copy(&path, &copy).map_err(Error::file("copy", &path))?;
        }
    }
    Ok(())
}

/// Random bytes.
pub(crate) fn random<const N: usize>() -> Result<[u8; N], Error> {
    let mut bytes = [0; N];
    rand::fill(&mut bytes).map_err(|_| Error::Random)?;
    Ok(bytes)
}

/// A word nobody can guess.
pub(crate) fn token() -> Result<String, Error> {
    Ok(random::<16>()?.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// The key that signs service account tokens, and the one that checks them, each as PEM.
pub(crate) fn service_account_keys() -> Result<(String, String), Error> {
    let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).map_err(|_| Error::Random)?;
    let private = pair.to_pkcs8v1().map_err(|_| Error::Random)?;
    let public = AsDer::<PublicKeyX509Der<'_>>::as_der(pair.public_key()).map_err(|_| Error::Random)?;
    Ok((pem("PRIVATE KEY", private.as_ref()), pem("PUBLIC KEY", public.as_ref())))
}

/// The API server's table of tokens: token, user, uid, groups.
pub(crate) fn token_table(users: &[User]) -> String {
    users
        .iter()
        .map(|user| format!("{},{},{},\"{}\"\n", user.token, user.name, user.name, user.groups.join(",")))
        .collect()
}

/// A kubeconfig with one cluster and one user. Names come checked (see `options`).
pub(crate) fn kubeconfig(port: u16, certificate: &str, user: &User) -> String {
    format!(
        "apiVersion: v1
kind: Config
clusters:
- name: testbed
  cluster:
    server: https://127.0.0.1:{port}
    certificate-authority-data: {}
users:
- name: \"{name}\"
  user:
    token: \"{}\"
contexts:
- name: testbed
  context:
    cluster: testbed
    user: \"{name}\"
current-context: testbed
",
        base64(certificate.as_bytes()),
        user.token,
        name = user.name,
    )
}

fn pem(label: &str, der: &[u8]) -> String {
    let mut text = format!("-----BEGIN {label}-----\n");
    for (index, letter) in base64(der).chars().enumerate() {
        if index > 0 && index % 64 == 0 {
            text.push('\n');
        }
        text.push(letter);
    }
    text.push_str(&format!("\n-----END {label}-----\n"));
    text
}

fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let group = chunk.iter().fold(0_u32, |sum, byte| sum << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for place in 0..4_usize {
            let index = (group >> (18 - 6 * place)) & 63;
            let letter = LETTERS.get(index as usize).filter(|_| place <= chunk.len());
            text.push(letter.map_or('=', |letter| char::from(*letter)));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_matches_the_examples_of_rfc_4648() {
        for (plain, encoded) in
            [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("foobar", "Zm9vYmFy")]
        {
            assert_eq!(base64(plain.as_bytes()), encoded);
        }
    }

    #[test]
    fn pem_lines_are_64_letters_long() {
        let text = pem("THING", &[0; 96]);
        let widths: Vec<usize> = text.lines().map(str::len).collect();
        assert_eq!(widths, [21, 64, 64, 19]);
    }

    #[test]
    fn a_users_groups_are_one_column_of_the_token_table() {
        let user = User::new("jo", "secret").in_group("a").in_group("b");
        assert_eq!(token_table(&[user]), "secret,jo,jo,\"a,b\"\n");
    }

    #[test]
    fn a_word_nobody_can_guess_is_another_one_each_time() -> Result<(), Error> {
        assert_ne!(token()?, token()?);
        Ok(())
    }
}
