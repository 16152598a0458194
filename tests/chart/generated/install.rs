//! `deploy/install.yaml`: the chart with a placeholder for the image and no other value, for those who use kubectl and no helm.

use super::HEAD;
use crate::helm::template;

pub(super) const PATH: &str = "deploy/install.yaml";

/// What the head of the file says, besides where it comes from.
const USE: &str = "# The image is published nowhere: build and push one (docs/image.md), and put its name in the place of the placeholder
# registry.example.com/appcredential-operator:
# sed 's#registry.example.com/appcredential-operator#REGISTRY/NAME#' deploy/install.yaml | kubectl apply --server-side -f -
";

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

/// What kubectl is to make before anything that acts on it. helm knows no order for policies and has them last.
const FIRST: [&str; 2] = ["kind: ValidatingAdmissionPolicy\n", "kind: ValidatingAdmissionPolicyBinding\n"];

/// The documents of a stream, the policies before all others.
fn policies_first(chart: &str) -> String {
    let (policies, others): (Vec<&str>, Vec<&str>) =
        chart.split_inclusive("\n---\n").partition(|document| FIRST.iter().any(|kind| document.contains(kind)));
    // The last document of the stream has no line that parts it from the next.
    let ended = |documents: Vec<&str>| {
        documents.iter().map(|document| format!("{}\n---\n", document.trim_end_matches("---\n").trim_end())).collect()
    };
    [policies, others].map(ended).map(|part: Vec<String>| part.concat()).concat()
}

pub(super) fn manifest() -> String {
    let chart = policies_first(&template(&["--set=crds.keep=false"]).unwrap());
    let chart = chart.trim_start_matches("---\n").trim_end_matches("---\n");
    let lines = chart.lines().filter(|line| !OF_HELM.iter().any(|word| line.trim_start().starts_with(word)));
    let lines: Vec<&str> = lines.map(str::trim_end).filter(|line| !line.is_empty()).collect();
    format!("# {HEAD}\n{USE}{NAMESPACE}---\n{}\n", lines.join("\n"))
}
