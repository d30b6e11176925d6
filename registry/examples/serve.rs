//! A registry over a folder, for one publisher: `serve FOLDER NAMESPACE TOKEN ADDRESS`. Tests start and kill it.

use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use registry::Namespace;
use registry::server::{Access, Action, Credentials, Denial, Doorkeeper, RegistryLimits, Who, router};
use tokio::net::TcpListener;

/// One token: it reads everything and writes to one namespace.
struct OnePublisher {
    namespace: Namespace,
    token: String,
}

#[async_trait]
impl Doorkeeper for OnePublisher {
    async fn admit(&self, credentials: Option<Credentials>, action: Action) -> Result<Who, Denial> {
        if credentials.is_none_or(|shown| shown.secret() != self.token) {
            return Err(Denial::Unknown);
        }
        let own = action.repository.is_none_or(|name| *name.namespace() == self.namespace);
        if action.access == Access::Write && !own {
            return Err(Denial::Forbidden);
        }
        Ok(Who(self.namespace.to_string()))
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [folder, namespace, token, address] = arguments.as_slice() else {
        return Err("usage: serve FOLDER NAMESPACE TOKEN ADDRESS".into());
    };
    let doorkeeper = OnePublisher {
        namespace: namespace.parse()?,
        token: token.clone(),
    };
    let router = router(Path::new(folder), RegistryLimits::default(), Arc::new(doorkeeper))?;
    let listener = TcpListener::bind(address).await?;
    #[expect(clippy::print_stdout, reason = "the address is what this program answers")]
    {
        println!("{}", listener.local_addr()?);
    }
    #[expect(clippy::disallowed_methods, reason = "an example serves whoever started it")]
    axum::serve(listener, router).await?;
    Ok(())
}
