//! The files that containerd and the kubelet read. What stands in them is what differs from a node as others run it, and
//! each difference has its reason.

use std::path::Path;

use crate::namespace::Folder;

/// The node's name.
pub(crate) const NODE: &str = "node-1";
/// The node's address (inside.sh).
pub(crate) const ADDRESS: &str = "10.0.1.1";
/// Where containerd listens: a file in a folder that is the namespace's own (inside.sh).
pub(crate) const SOCKET: &str = "/run/containerd/containerd.sock";
/// The image of the application, which is the pause image too.
pub(crate) const SHOW: &str = "localhost/show:1";

/// The operator's image in the node, without its tag.
pub(crate) const IMAGE: &str = "localhost/appcredential-operator";

/// Writes all files.
pub(crate) fn write(folder: &Folder, runc: &Path) {
    let at = |name: &str| folder.path.join(name);
    std::fs::create_dir_all(at("cni")).expect("a folder");
    std::fs::write(at("containerd.toml"), containerd(folder, runc)).expect("written");
    std::fs::write(at("cni/10-node.conflist"), network(&folder.path)).expect("written");
    std::fs::write(at("kubelet.yaml"), kubelet(folder)).expect("written");
}

fn containerd(folder: &Folder, runc: &Path) -> String {
    let (at, cni, runc) = (folder.path.display(), folder.cni.display(), runc.display());
    format!(
        r#"version = 3
root = "{at}/containerd"
state = "/run/containerd"

[grpc]
address = "{SOCKET}"

[plugins."io.containerd.internal.v1.opt"]
path = "{at}/opt"

# Plain copies: overlay cannot be had on every file system that a test may be on.
[plugins."io.containerd.cri.v1.images"]
snapshotter = "native"

[plugins."io.containerd.cri.v1.images".pinned_images]
sandbox = "{SHOW}"

# A machine that is a container itself may not let anything lower its score, and no sandbox would start.
[plugins."io.containerd.cri.v1.runtime"]
restrict_oom_score_adj = true

[plugins."io.containerd.cri.v1.runtime".cni]
bin_dirs = ["{cni}"]
conf_dir = "{at}/cni"

[plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc]
runtime_type = "io.containerd.runc.v2"

[plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc.options]
BinaryName = "{runc}"
"#
    )
}

/// Each pod has a cable to the node: there is one node, and so no more to a network.
fn network(folder: &Path) -> String {
    format!(
        r#"{{"cniVersion": "1.0.0", "name": "node", "plugins": [{{"type": "ptp", "ipam": {{
  "type": "host-local", "dataDir": "{}/cni-addresses", "subnet": "10.0.2.0/24", "routes": [{{"dst": "0.0.0.0/0"}}]
}}}}]}}"#,
        folder.display()
    )
}

fn kubelet(folder: &Folder) -> String {
    let (at, cgroup) = (folder.path.display(), &folder.cgroup);
    format!(
        r#"apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
containerRuntimeEndpoint: unix://{SOCKET}
volumePluginDir: {at}/plugins
# Nobody else is in this network. The API server asks it for logs.
address: 0.0.0.0
authentication: {{anonymous: {{enabled: true}}, webhook: {{enabled: false}}}}
authorization: {{mode: AlwaysAllow}}
# The machine may have any cgroups, swap, and however little memory and disk left.
cgroupDriver: cgroupfs
cgroupRoot: /{cgroup}
failCgroupV1: false
failSwapOn: false
enforceNodeAllocatable: []
evictionHard: {{memory.available: "0%", nodefs.available: "0%", nodefs.inodesFree: "0%", imagefs.available: "0%"}}
imageGCHighThresholdPercent: 100
# There is no name server.
resolvConf: ""
# An edited Secret or ConfigMap is known at once, and written into containers with the next look at their pod. Those
# looks are a minute apart by default, which would be most of what is measured.
configMapAndSecretChangeDetectionStrategy: Watch
syncFrequency: 1s
"#
    )
}
