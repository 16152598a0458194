//! What a caller may choose. Everything else about a control plane is the same each time.

use crate::error::Error;

/// The user that `ControlPlane::kubeconfig` acts as.
pub(crate) const ADMIN: &str = "admin";
/// The user that the controller manager acts as; Kubernetes has roles for this name.
pub(crate) const CONTROLLER_MANAGER: &str = "system:kube-controller-manager";

/// The choices a control plane is started with.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Write every request to an audit log (`ControlPlane::audit_log`).
    pub audit: bool,
    /// Users besides the admin, for tests of RBAC.
    pub users: Vec<User>,
    /// Serve pods too: at the address of the `kubernetes` service, 10.0.0.1:443, which the caller has given to an
    /// interface. Only in a network namespace of the cluster's own, whose addresses and ports are nobody else's.
    pub pods: bool,
}

/// A user that the API server knows by a token.
#[derive(Clone)]
pub struct User {
    /// The user's name, as RBAC subjects spell it.
    pub name: String,
    /// The bearer token.
    pub token: String,
    /// The groups the user is in (`system:authenticated` is added by Kubernetes).
    pub groups: Vec<String>,
}

impl User {
    /// A user with no groups.
    pub fn new(name: impl Into<String>, token: impl Into<String>) -> Self {
        Self { name: name.into(), token: token.into(), groups: Vec::new() }
    }

    /// The same user in one more group.
    #[must_use]
    pub fn in_group(mut self, group: impl Into<String>) -> Self {
        self.groups.push(group.into());
        self
    }
}

impl std::fmt::Debug for User {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("User").field("name", &self.name).field("groups", &self.groups).finish_non_exhaustive()
    }
}

impl Options {
    /// All users: the two of the control plane itself, with new tokens, and the caller's.
    /// Nothing that would break a line of the token file or a kubeconfig is let through.
    pub(crate) fn all_users(&self, mut token: impl FnMut() -> Result<String, Error>) -> Result<Vec<User>, Error> {
        let mut users =
            vec![User::new(ADMIN, token()?).in_group("system:masters"), User::new(CONTROLLER_MANAGER, token()?)];
        for user in &self.users {
            let plain = |text: &String| {
                !text.is_empty() && !text.contains(|c: char| c.is_control() || matches!(c, '"' | '\\' | ','))
            };
            let all_plain = [&user.name, &user.token].into_iter().chain(&user.groups).all(plain);
            let known = users.iter().any(|other| other.name == user.name || other.token == user.token);
            if !all_plain || known {
                return Err(Error::BadUser(user.name.clone()));
            }
            users.push(user.clone());
        }
        Ok(users)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(users: Vec<User>) -> Result<Vec<User>, Error> {
        Options { users, ..Options::default() }.all_users(|| Ok("t".to_owned()))
    }

    #[test]
    fn a_user_that_would_break_the_token_file_is_refused() {
        for user in [
            User::new("a,b", "x"),
            User::new("a", ""),
            User::new("a\nb", "x"),
            User::new("a", "x").in_group("g\""),
            User::new(ADMIN, "x"),
        ] {
            assert!(all(vec![user]).is_err());
        }
    }

    #[test]
    fn the_users_own_choices_follow_the_control_planes_own_users() -> Result<(), Error> {
        let users = all(vec![User::new("reader", "x").in_group("readers")])?;
        let names: Vec<&str> = users.iter().map(|user| user.name.as_str()).collect();
        assert_eq!(names, [ADMIN, CONTROLLER_MANAGER, "reader"]);
        Ok(())
    }
}
