//! The table of what came out.

/// An environment of a credential.
pub(crate) struct Row {
    pub(crate) credential: String,
    pub(crate) environment: String,
    pub(crate) secret: String,
    pub(crate) config_map: String,
    pub(crate) keys: String,
    pub(crate) ready: String,
    pub(crate) milliseconds: String,
}

const HEAD: [&str; 7] = ["CREDENTIAL", "ENVIRONMENT", "SECRET", "CONFIGMAP", "KEYS", "READY", "MS"];

/// The table, columns as wide as they need to be.
pub(crate) fn of(rows: &[Row]) -> String {
    let mut lines = vec![HEAD.map(str::to_owned)];
    lines.extend(rows.iter().map(|row| {
        [&row.credential, &row.environment, &row.secret, &row.config_map, &row.keys, &row.ready, &row.milliseconds]
            .map(Clone::clone)
    }));
    let width = |column: usize| lines.iter().filter_map(|line| line.get(column)).map(String::len).max().unwrap_or(0);
    let widths: Vec<usize> = (0..HEAD.len()).map(width).collect();
    let line = |cells: &[String; 7]| {
        let padded: Vec<String> = cells.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
        format!("  {}\n", padded.join("  ").trim_end())
    };
    lines.iter().map(line).collect()
}
