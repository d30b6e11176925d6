//! A host whose process ends at a step of the gate, as one that is killed there.

use std::fmt::Debug;
use std::io::Write as _;
use std::path::Path;
use std::process::Command;

use gate::trace;
use host::config::Config;
use host::serve;
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt as _};
use tracing_subscriber::util::SubscriberInitExt as _;

/// The variable that says at which step.
const FUSE: &str = "FUSE";

/// Starts the host of this folder in a process that ends at the step. It says where it listens as `skillhost serve` does.
pub(crate) fn command(folder: &Path, step: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--ignored", "--exact", "--nocapture", "crash::process::host"]);
    command.current_dir(folder).env(FUSE, step);
    command
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a process that the harness starts and that is killed"]
#[expect(clippy::disallowed_methods, reason = "the runner of tests has the flags")]
async fn host() {
    let step = std::env::var(FUSE).expect("the harness says at which step this process ends");
    assert!(trace::ORDER.contains(&step.as_str()), "`{step}` is no step of the gate");
    tracing_subscriber::registry().with(Fuse(step)).init();
    let folder = std::env::current_dir().unwrap();
    let config = Config::load(Some(&folder.join("skillhost.toml"))).unwrap();
    let (data, keys) = (folder.join("skillhost-data"), folder.join("skillhost-keys"));
    let mut settings = config
        .settings(&data, &keys, Some("127.0.0.1:0".parse().unwrap()))
        .unwrap();
    settings.program = env!("CARGO_BIN_EXE_skillhost").into();
    let host = serve::start(settings).await.unwrap();
    // On a line of its own: the test runner has begun one.
    let said = format!("\n{{\"url\": \"http://{}/\"}}\n", host.address());
    std::io::stdout().write_all(said.as_bytes()).unwrap();
    host.ended().await.unwrap();
}

/// Ends the process at a step.
struct Fuse(String);

impl<S: Subscriber> Layer<S> for Fuse {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        if event.metadata().target() == trace::STEPS {
            event.record(&mut Blow(&self.0));
        }
    }
}

struct Blow<'a>(&'a str);

impl Visit for Blow<'_> {
    fn record_str(&mut self, _: &Field, step: &str) {
        if step == self.0 {
            let this = rustix::process::getpid();
            rustix::process::kill_process(this, rustix::process::Signal::KILL).unwrap();
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn Debug) {}
}
