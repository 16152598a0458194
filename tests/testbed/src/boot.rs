//! Starts the components in their order and waits until each serves.
//!
//! etcd first, since the API server reads it; the controller manager last, since it gives up
//! when there is no API server. While anything is waited for, every component is watched: one that
//! ends by itself (a port taken by someone else, a flag it does not know) fails the start at once
//! and not only at the deadline.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use crate::assets::Assets;
use crate::error::Error;
use crate::files;
use crate::options::{ADMIN, CONTROLLER_MANAGER, Options, User};
use crate::ports::Ports;
use crate::room::Room;
use crate::wait::{output, until};

const DEADLINE: Duration = Duration::from_secs(120);
/// The folder of what etcd holds.
pub(crate) const STORE: &str = "etcd";
const PAUSE: Duration = Duration::from_millis(50);

/// A control plane that serves.
pub(crate) struct Booted {
    pub(crate) room: Room,
    pub(crate) setup: Setup,
    /// The caller's users, and the admin, each with a kubeconfig.
    pub(crate) kubeconfigs: Vec<(String, PathBuf)>,
    pub(crate) audit_log: Option<PathBuf>,
}

/// What the components are started with, the first time and each time after a stop.
pub(crate) struct Setup {
    assets: Assets,
    options: Options,
    ports: Ports,
    users: Vec<User>,
}

/// A kubectl that leaves nothing in the home folder and takes no preferences from there.
pub(crate) fn kubectl(program: &Path, kubeconfig: &Path, folder: &Path) -> Command {
    let mut command = Command::new(program);
    command.env("KUBECONFIG", kubeconfig).env("KUBECACHEDIR", folder.join("kubectl-cache")).env("KUBERC", "off");
    command
}

/// Starts everything, once. `Error::Died` is worth another try with other ports.
pub(crate) fn boot(assets: &Assets, options: &Options) -> Result<Booted, Error> {
    let users = options.all_users(files::token)?;
    let mut ports = Ports::find()?;
    if options.pods {
        // No kube-proxy leads from the port of the service to another one.
        ports.apiserver = 443;
    }
    let room = Room::open()?;
    write_files(room.folder(), &users)?;
    let setup = Setup { assets: assets.clone(), options: options.clone(), ports, users };
    let kubeconfigs = setup.start(&room)?;
    let audit_log = options.audit.then(|| room.folder().join("audit.log"));
    Ok(Booted { room, setup, kubeconfigs, audit_log })
}

impl Setup {
    /// Starts one component after the other and waits until all of them serve. Returns the kubeconfigs of the users.
    pub(crate) fn start(&self, room: &Room) -> Result<Vec<(String, PathBuf)>, Error> {
        let Self { assets, options, ports, users } = self;
        let starting = Starting { room, deadline: Instant::now() + DEADLINE };
        starting.etcd(assets, ports)?;
        starting.apiserver(assets, ports, options)?;
        let kubeconfigs = write_kubeconfigs(room.folder(), ports.apiserver, users)?;
        let of = |name: &str| kubeconfigs.iter().find(|(user, _)| user == name).map(|(_, path)| path.clone());
        let admin = of(ADMIN).unwrap_or_default();
        let client = Client { program: assets.kubectl.clone(), kubeconfig: admin };

        starting.get(&client, "the API server (/readyz)", "/readyz", "kube-apiserver")?;
        starting.get(&client, "the namespace default", "/api/v1/namespaces/default", "kube-apiserver")?;
        if let Some(program) = &assets.controller_manager {
            starting.controller_manager(program, &of(CONTROLLER_MANAGER).unwrap_or_default())?;
            let account = "/api/v1/namespaces/default/serviceaccounts/default";
            starting.get(&client, "the service account default", account, "kube-controller-manager")?;
        }
        Ok(kubeconfigs)
    }
}

struct Client {
    program: PathBuf,
    kubeconfig: PathBuf,
}

struct Starting<'a> {
    room: &'a Room,
    deadline: Instant,
}

impl Starting<'_> {
    fn etcd(&self, assets: &Assets, ports: &Ports) -> Result<(), Error> {
        let (client, peer) = (url("http", ports.etcd_client), url("http", ports.etcd_peer));
        let flags = [
            format!("--data-dir={}", self.room.folder().join(STORE).display()),
            format!("--listen-client-urls={client}"),
            format!("--advertise-client-urls={client}"),
            format!("--listen-peer-urls={peer}"),
            format!("--initial-advertise-peer-urls={peer}"),
            format!("--initial-cluster=default={peer}"),
            "--unsafe-no-fsync".to_owned(),
            "--log-level=error".to_owned(),
        ];
        self.room.start("etcd", &assets.etcd, &flags)?;
        self.listening("etcd", ports.etcd_client)
    }

    fn apiserver(&self, assets: &Assets, ports: &Ports, options: &Options) -> Result<(), Error> {
        let at = |name: &str| self.room.folder().join(name).display().to_string();
        let mut flags = vec![
            format!("--etcd-servers={}", url("http", ports.etcd_client)),
            format!("--cert-dir={}", at("certs")),
            format!("--secure-port={}", ports.apiserver),
            format!("--service-account-key-file={}", at("sa.pub")),
            format!("--service-account-signing-key-file={}", at("sa.key")),
            format!("--token-auth-file={}", at("tokens.csv")),
        ];
        if options.audit {
            flags.push(format!("--audit-policy-file={}", at("audit-policy.yaml")));
            flags.push(format!("--audit-log-path={}", at("audit.log")));
            // One file: a log that is turned over would lose lines to whoever reads it.
            flags.push("--audit-log-maxsize=4096".to_owned());
        }
        let bind = if options.pods { "0.0.0.0" } else { "127.0.0.1" };
        flags.push(format!("--bind-address={bind}"));
        // Nobody looks for the endpoints of the `kubernetes` service, and a loopback address may
        // not be in them: none are made.
        let fixed = "--advertise-address=127.0.0.1 --endpoint-reconciler-type=none \
             --kubelet-preferred-address-types=InternalIP \
             --service-account-issuer=https://kubernetes.default.svc --service-account-lookup=true \
             --service-cluster-ip-range=10.0.0.0/24 --authorization-mode=Node,RBAC --allow-privileged=true \
             --max-requests-inflight=4000 --max-mutating-requests-inflight=2000 --shutdown-delay-duration=0s";
        flags.extend(fixed.split_whitespace().map(str::to_owned));
        self.room.start("kube-apiserver", &assets.apiserver, &flags)?;
        self.listening("kube-apiserver", ports.apiserver)
    }

    fn controller_manager(&self, program: &Path, kubeconfig: &Path) -> Result<(), Error> {
        let at = |name: &str| self.room.folder().join(name).display().to_string();
        let flags = [
            format!("--kubeconfig={}", kubeconfig.display()),
            format!("--service-account-private-key-file={}", at("sa.key")),
            format!("--root-ca-file={}", at("certs/apiserver.crt")),
            "--use-service-account-credentials".to_owned(),
            "--leader-elect=false".to_owned(),
            "--secure-port=0".to_owned(),
            // Its own limit (20 a second) would double the time a start takes.
            "--kube-api-qps=1000".to_owned(),
            "--kube-api-burst=2000".to_owned(),
        ];
        self.room.start("kube-controller-manager", program, &flags)
    }

    fn listening(&self, name: &'static str, port: u16) -> Result<(), Error> {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let there = until(self.deadline, PAUSE, || {
            self.room.check()?;
            Ok(TcpStream::connect_timeout(&address, Duration::from_secs(1)).is_ok())
        })?;
        if there { Ok(()) } else { Err(self.not_ready(name, self.room.log_tail(name))) }
    }

    /// Waits until the API server answers a GET with 200.
    fn get(&self, client: &Client, waited_for: &'static str, path: &str, component: &'static str) -> Result<(), Error> {
        let mut said = String::new();
        let there = until(self.deadline, PAUSE, || {
            self.room.check()?;
            let mut command = kubectl(&client.program, &client.kubeconfig, self.room.folder());
            match output(command.args(["get", "--request-timeout=5s", "--raw", path]))? {
                Ok(_) => Ok(true),
                Err(message) => {
                    said = message;
                    Ok(false)
                }
            }
        })?;
        if there {
            // Served by this component and not by another that took its port before it could.
            return self.room.check();
        }
        let log = format!("{}\nkubectl: {said}", self.room.log_tail(component));
        Err(self.not_ready(waited_for, log))
    }

    fn not_ready(&self, waited_for: &'static str, log: String) -> Error {
        Error::NotReady { waited_for, seconds: DEADLINE.as_secs(), log }
    }
}

fn url(scheme: &str, port: u16) -> String {
    format!("{scheme}://127.0.0.1:{port}")
}

fn write_files(folder: &Path, users: &[User]) -> Result<(), Error> {
    let (private, public) = files::service_account_keys()?;
    files::write(&folder.join("sa.key"), &private)?;
    files::write(&folder.join("sa.pub"), &public)?;
    files::write(&folder.join("tokens.csv"), &files::token_table(users))?;
    files::write(&folder.join("audit-policy.yaml"), files::AUDIT_POLICY)
}

/// One kubeconfig for each user. The file names are numbers, since a user's name need not be a
/// file name. The API server has written its certificate by now: it listens.
fn write_kubeconfigs(folder: &Path, port: u16, users: &[User]) -> Result<Vec<(String, PathBuf)>, Error> {
    let path = folder.join("certs").join("apiserver.crt");
    let certificate = fs::read_to_string(&path).map_err(Error::file("read", &path))?;
    let mut written = Vec::new();
    for (number, user) in users.iter().enumerate() {
        let path = folder.join(format!("user-{number}.kubeconfig"));
        files::write(&path, &files::kubeconfig(port, &certificate, user))?;
        written.push((user.name.clone(), path));
    }
    Ok(written)
}
