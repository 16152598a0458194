//! `deploy/install.yaml`: the chart as it is without any values, for those who use kubectl and no helm.

use super::HEAD;
use crate::helm::template;

pub(super) const PATH: &str = "deploy/install.yaml";

/// The namespace, which helm makes with `--create-namespace` but does not render.
const NAMESPACE: &str = "---
apiVersion: v1
kind: Namespace
metadata:
  name: appcredential-system
  labels:
    pod-security.kubernetes.io/enforce: restricted
    pod-security.kubernetes.io/warn: restricted
";

/// What helm writes for itself, and would be wrong of something that it does not manage.
const OF_HELM: [&str; 4] =
    ["app.kubernetes.io/managed-by: Helm", "helm.sh/chart:", "# Source:", "helm.sh/resource-policy:"];

pub(super) fn manifest() -> String {
    let chart = template(&["--set=crds.keep=false"]).unwrap();
    let lines = chart.lines().filter(|line| !OF_HELM.iter().any(|word| line.trim_start().starts_with(word)));
    let lines: Vec<&str> = lines.map(str::trim_end).filter(|line| !line.is_empty()).collect();
    format!("# {HEAD}\n# kubectl apply --server-side -f deploy/install.yaml\n{NAMESPACE}{}\n", lines.join("\n"))
}
