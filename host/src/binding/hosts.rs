//! Real hosts that mean a binding where a skill names them.

use std::collections::BTreeMap;

use registry::Label;
use url::Url;

use super::error::BindingError;
use super::settings::HttpSettings;

/// The names of bindings, each with the hosts that mean it too.
///
/// # Errors
/// A host that is none, is spelled so that no request names it, or means two bindings.
pub(super) fn names(http: &BTreeMap<Label, HttpSettings>) -> Result<BTreeMap<String, Vec<String>>, BindingError> {
    let mut owners: BTreeMap<&str, &Label> = BTreeMap::new();
    for (name, settings) in http {
        let wrong = |told: String| Err(BindingError::new("hosts", told).within(name.as_str()));
        for host in &settings.hosts {
            match canonical(host) {
                Some(canonical) if canonical == *host => {}
                Some(canonical) => return wrong(format!("write `{canonical}` for `{host}`")),
                None => {
                    return wrong(format!(
                        "`{host}` is no host; write a name such as `api.example.com`, without scheme and path"
                    ));
                }
            }
            let other = http.keys().find(|other| other.as_str() == host);
            if let Some(other) = other.or_else(|| owners.insert(host, name)) {
                return wrong(format!("`{host}` means the binding `{other}` already"));
            }
        }
    }
    let hosts = http
        .iter()
        .map(|(name, settings)| (name.to_string(), settings.hosts.clone()));
    Ok(hosts.collect())
}

/// A host as requests name it: in lower case and ASCII, without the port of `https`.
fn canonical(host: &str) -> Option<String> {
    let url = Url::parse(&format!("https://{host}")).ok()?;
    let bare =
        url.path() == "/" && url.query().is_none() && url.fragment().is_none() && !host.contains(['/', '@', '\\']);
    let name = url.host_str().filter(|_| bare)?;
    match url.port() {
        Some(80) => Some(name.to_owned()),
        Some(port) => Some(format!("{name}:{port}")),
        None => Some(name.to_owned()),
    }
}
