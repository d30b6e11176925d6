//! The program as its users have it: a host that runs, and commands beside it.

use std::fs::OpenOptions;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Mutex, OnceLock};

use serde_json::Value;
use tempfile::TempDir;

use crate::house::Front;

/// Where a host's own words go.
const LOG: &str = "host.log";

/// A host in a folder of its own, as a process.
pub(crate) struct Program {
    folder: TempDir,
    token: String,
    child: Option<Child>,
    url: String,
    /// What the host says of itself; the default where nothing stands here.
    log: Option<&'static str>,
}

impl Program {
    /// Makes a host and starts it on a free port.
    pub(crate) fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut program = Self {
            folder,
            token: String::new(),
            child: None,
            url: String::new(),
            log: None,
        };
        program.token = program.ok(&["init"]).trim().to_owned();
        program.serve();
        program
    }

    /// Where the commands run.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Where it listens, as `127.0.0.1:port`.
    pub(crate) fn host(&self) -> String {
        self.url.trim_start_matches("http://").trim_end_matches('/').to_owned()
    }

    /// The token of the first administrator.
    pub(crate) fn token(&self) -> &str {
        &self.token
    }

    /// Its front door.
    pub(crate) fn front(&self) -> Front {
        Front::new(self.host().parse().unwrap())
    }

    /// From its next start on the host says all that it can.
    pub(crate) fn say_all(&mut self) {
        self.log = Some("trace");
    }

    /// All that the host said since it was started first.
    pub(crate) fn said(&self) -> String {
        std::fs::read_to_string(self.folder.path().join(LOG)).unwrap()
    }

    /// Starts the host again on the state that it left.
    pub(crate) fn serve(&mut self) {
        let configured = self.folder.path().join("skillhost.toml").exists();
        let more: &[&str] = if configured {
            &["--config", "skillhost.toml"]
        } else {
            &[]
        };
        let mut command = self.command(&[&["serve", "--listen", "127.0.0.1:0", "--json"], more].concat());
        if let Some(log) = self.log {
            command.env("SKILLHOST_LOG", log);
        }
        self.started(command);
    }

    /// Starts the host by a command that says where it listens, in JSON and perhaps among other words.
    pub(crate) fn started(&mut self, mut command: Command) {
        // Into a file: a pipe that nobody reads would stop a host that says much.
        let log = OpenOptions::new()
            .create(true)
            .append(true)
            .open(self.folder.path().join(LOG))
            .unwrap();
        let mut child = command.stdout(Stdio::piped()).stderr(log).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap());
        let mut text = String::new();
        let said = loop {
            assert!(
                lines.read_line(&mut text).unwrap() > 0,
                "the host ended before it listened: {text}"
            );
            let from = text.find('{').unwrap_or(text.len());
            if let Ok(said) = serde_json::from_str::<Value>(&text[from..]) {
                break said;
            }
        };
        self.url = said["url"].as_str().unwrap().to_owned();
        self.child = Some(child);
    }

    /// SIGKILL: nothing is flushed, nothing is said.
    pub(crate) fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    /// Runs a command beside the host.
    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).stdin(Stdio::null()).output().unwrap()
    }

    /// Runs a command that must succeed, and gives its standard output.
    pub(crate) fn ok(&self, arguments: &[&str]) -> String {
        let out = self.run(arguments);
        assert!(
            out.status.success(),
            "skillhost {arguments:?}: {}",
            String::from_utf8_lossy(&out.stderr)
        );
        String::from_utf8(out.stdout).unwrap()
    }

    /// Runs a command that must succeed, and gives its JSON.
    pub(crate) fn json(&self, arguments: &[&str]) -> Value {
        let arguments: Vec<&str> = arguments.iter().copied().chain(["--json"]).collect();
        serde_json::from_str(&self.ok(&arguments)).unwrap()
    }

    /// Runs a command that must be refused, and gives its sentence.
    pub(crate) fn refused(&self, arguments: &[&str]) -> String {
        let out = self.run(arguments);
        assert!(
            !out.status.success(),
            "skillhost {arguments:?} must be refused: {}",
            String::from_utf8_lossy(&out.stdout)
        );
        String::from_utf8(out.stderr).unwrap()
    }

    /// A publisher with the namespace of its own name and its key in the keys folder. Returns a token that pushes.
    pub(crate) fn publisher(&self, name: &str) -> String {
        self.ok(&["keygen", name]);
        let key = format!("skillhost-keys/{name}.pub");
        self.ok(&["publisher", "add", name, "--namespace", name, "--public-key", &key]);
        self.ok(&["token", "add", "push", "--role", "publisher", "--publisher", name])
            .trim()
            .to_owned()
    }

    /// Writes the configuration file, and starts the host again with it.
    pub(crate) fn configure(&mut self, text: &str) {
        std::fs::write(self.folder.path().join("skillhost.toml"), text).unwrap();
        self.kill();
        self.serve();
    }

    /// Publishes a skill of this repository for its publisher, and approves it. Returns its digest.
    pub(crate) fn approved(&self, skill: &str) -> String {
        self.approved_with(skill, &[])
    }

    /// The same, with more arguments for the approval.
    pub(crate) fn approved_with(&self, skill: &str, more: &[&str]) -> String {
        let token = self.publisher("skillhost");
        let published = self.publish(skill, &token);
        let reference = format!("{}:{}", text(&published, "skill"), text(&published, "version"));
        self.ok(&[&["approve", &reference, "--reason", "a test"], more].concat());
        text(&published, "digest")
    }

    /// Publishes a skill of this repository.
    pub(crate) fn publish(&self, skill: &str, token: &str) -> Value {
        self.publish_with(skill, token, &[])
    }

    /// Publishes a skill of this repository, with more arguments.
    pub(crate) fn publish_with(&self, skill: &str, token: &str, more: &[&str]) -> Value {
        let (wasm, manifest) = (
            skill_wasm(skill),
            repository().join("skills").join(skill).join("skill.toml"),
        );
        let (wasm, manifest) = (wasm.to_str().unwrap(), manifest.to_str().unwrap());
        let arguments = ["publish", "--wasm", wasm, "--manifest", manifest, "--key", "skillhost"];
        self.json(&[&arguments[..], &["--token", token], more].concat())
    }

    /// Publishes a skill of this repository as another version.
    pub(crate) fn publish_as(&self, skill: &str, token: &str, version: &str) -> Value {
        let line = format!("version = \"{version}\"");
        self.publish_changed(skill, token, version, &[("skill.toml", "version = ", &line)])
    }

    /// Publishes a skill of this repository under another name in the same namespace.
    pub(crate) fn publish_named(&self, skill: &str, token: &str, name: &str) -> Value {
        let (manifest, words) = (format!("name = \"skillhost/{name}\""), format!("name: {name}"));
        let changes = [("skill.toml", "name = ", &*manifest), ("SKILL.md", "name: ", &words)];
        self.publish_changed(skill, token, name, &changes)
    }

    /// Publishes a copy of a skill, in a folder of this name. Of each file the first line that begins so is another one.
    fn publish_changed(&self, skill: &str, token: &str, folder: &str, changes: &[(&str, &str, &str)]) -> Value {
        let folder = self.folder.path().join(folder);
        std::fs::create_dir(&folder).unwrap();
        for part in ["SKILL.md", "skill.toml", "wit"] {
            let from = repository().join("skills").join(skill).join(part);
            let copied = Command::new("cp").arg("-rL").arg(from).arg(&folder).status().unwrap();
            assert!(copied.success());
        }
        for (file, begins, line) in changes {
            let file = folder.join(file);
            let text = std::fs::read_to_string(&file).unwrap();
            let mut lines: Vec<_> = text.lines().collect();
            let place = lines.iter().position(|line| line.starts_with(begins)).unwrap();
            lines[place] = line;
            std::fs::write(&file, lines.join("\n") + "\n").unwrap();
        }
        let (wasm, manifest) = (skill_wasm(skill), folder.join("skill.toml"));
        let manifest = manifest.to_str().unwrap();
        let arguments = ["publish", "--wasm", wasm.to_str().unwrap(), "--manifest", manifest];
        self.json(&[&arguments[..], &["--key", "skillhost", "--token", token]].concat())
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_skillhost"));
        command.args(arguments).current_dir(self.folder.path());
        command
            .env("SKILLHOST_TOKEN", &self.token)
            .env("SKILLHOST_URL", &self.url)
            .env("RUST_BACKTRACE", "0");
        command.stderr(Stdio::piped());
        command
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.kill();
    }
}

/// A skill of this repository, compiled once for all tests.
fn skill_wasm(name: &str) -> PathBuf {
    static BUILT: OnceLock<TempDir> = OnceLock::new();
    static ONE: Mutex<()> = Mutex::new(());
    let folder = BUILT.get_or_init(|| tempfile::tempdir().unwrap()).path();
    let out = folder.join(format!("{name}.wasm"));
    let one = ONE.lock();
    if !out.exists() {
        let project = repository().join("skills").join(name);
        let mut command = Command::new(env!("CARGO_BIN_EXE_skillhost"));
        command.args(["build", project.to_str().unwrap(), "--out", out.to_str().unwrap()]);
        let built = command.output().unwrap();
        assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    }
    drop(one);
    out
}

/// A text of a JSON object.
pub(crate) fn text(value: &Value, name: &str) -> String {
    value[name]
        .as_str()
        .unwrap_or_else(|| panic!("{value} has no text `{name}`"))
        .to_owned()
}

/// The root of the repository.
pub(crate) fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}
