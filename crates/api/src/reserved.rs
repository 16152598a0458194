//! Names that are never outputs: objects that Kubernetes or another controller writes or trusts by their name alone.
//!
//! Whoever can take such a name first, or again after it was deleted, decides what others trust: the CA of the cluster, who is
//! whom, which release is installed. A name is on the list where (a) a controller writes an object of that name into every
//! namespace or its own, and would fight for it or fail, or (b) something reads it as an instruction, whoever wrote it.
//! Names that only a namespace's own people use are not.
//!
//! One list for both kinds: a default name is that of a Secret and a ConfigMap at once, and tools have moved from one to the
//! other. The schema refuses these names (`rules`), and `resolve` does: what was stored before the schema knew them, and names
//! that a credential has by default.

/// A reserved name, or the beginning of such names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reserved {
    /// The name, or its beginning.
    pub name: &'static str,
    /// Whether all names that begin so are reserved.
    pub prefix: bool,
    /// Who writes or reads it.
    pub by: &'static str,
}

const fn name(name: &'static str, by: &'static str) -> Reserved {
    Reserved { name, prefix: false, by }
}

const fn prefix(name: &'static str, by: &'static str) -> Reserved {
    Reserved { name, prefix: true, by }
}

/// All reserved names, by whom they belong to.
pub const RESERVED: &[Reserved] = &[
    // In every namespace: the CA that pods trust the API server by, and those of OpenShift, Istio and Linkerd.
    name("kube-root-ca.crt", "Kubernetes"),
    name("openshift-service-ca.crt", "OpenShift"),
    name("istio-ca-root-cert", "Istio"),
    name("istio-ca-crl", "Istio"),
    name("linkerd-identity-trust-roots", "Linkerd"),
    // In every namespace: releases, in Secrets or ConfigMaps, numbered. The next number taken stops `helm upgrade`.
    prefix("sh.helm.release.v1.", "Helm"),
    // In every namespace: tokens and image pull secrets of the service accounts that are there in each.
    prefix("default-token-", "service accounts"),
    prefix("default-dockercfg-", "OpenShift"),
    prefix("builder-token-", "OpenShift"),
    prefix("builder-dockercfg-", "OpenShift"),
    prefix("deployer-token-", "OpenShift"),
    prefix("deployer-dockercfg-", "OpenShift"),
    // In kube-system and kube-public: who may join, who is whom, and how the cluster's own parts are configured.
    prefix("bootstrap-token-", "Kubernetes"),
    name("extension-apiserver-authentication", "Kubernetes"),
    name("cluster-info", "Kubernetes"),
    name("kube-apiserver-legacy-service-account-token-tracking", "Kubernetes"),
    name("kubeadm-config", "kubeadm"),
    name("kubeadm-certs", "kubeadm"),
    prefix("kubelet-config", "kubeadm"),
    name("kube-proxy", "Kubernetes"),
    name("kube-proxy-config", "Kubernetes"),
    name("coredns", "CoreDNS"),
    name("coredns-custom", "CoreDNS"),
    name("kube-dns", "Kubernetes"),
    name("cluster-autoscaler-status", "the cluster autoscaler"),
    name("aws-auth", "Amazon EKS"),
    name("k3s-serving", "K3s"),
    // Keys of CAs, which are taken from a Secret of this name as soon as there is one.
    name("cacerts", "Istio"),
    name("istio-ca-secret", "Istio"),
    prefix("istio.", "Istio"),
    name("linkerd-identity-issuer", "Linkerd"),
    name("cert-manager-webhook-ca", "cert-manager"),
    prefix("sealed-secrets-key", "Sealed Secrets"),
    // Who may do what in Argo CD.
    name("argocd-cm", "Argo CD"),
    name("argocd-rbac-cm", "Argo CD"),
    name("argocd-secret", "Argo CD"),
];

/// Returns whom a name belongs to, if it is reserved.
#[must_use]
pub fn owner(name: &str) -> Option<&'static str> {
    let is = |reserved: &&Reserved| {
        if reserved.prefix { name.starts_with(reserved.name) } else { name == reserved.name }
    };
    RESERVED.iter().find(is).map(|reserved| reserved.by)
}

/// Returns the regular expression of all reserved names, as CEL matches it.
#[must_use]
pub fn pattern() -> String {
    let one = |reserved: &Reserved| {
        let name = reserved.name.replace('.', "[.]");
        if reserved.prefix { format!("{name}.*") } else { name }
    };
    format!("^({})$", RESERVED.iter().map(one).collect::<Vec<_>>().join("|"))
}

/// Returns the reserved names that are not a beginning of names.
pub fn names() -> impl Iterator<Item = &'static str> {
    RESERVED.iter().filter(|reserved| !reserved.prefix).map(|reserved| reserved.name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dns;

    #[test]
    fn a_reserved_name_is_one_that_an_output_could_have() {
        for reserved in RESERVED {
            let name = if reserved.prefix { format!("{}x", reserved.name) } else { reserved.name.to_owned() };
            assert!(dns::is_subdomain(&name), "{name}");
            assert_eq!(owner(&name), Some(reserved.by), "{name}");
        }
    }

    #[test]
    fn names_beside_a_reserved_one_are_free() {
        for name in [
            "kube-root-ca.crt.x",
            "coredns-shop",
            "aws-auth-source",
            "my-bootstrap-token-x",
            "helm",
            "istio-shop",
            "default",
        ] {
            assert_eq!(owner(name), None, "{name}");
        }
    }
}
