//! How fast the host answers who asks whether it lives, while more guests compute than there are cores.

use std::fs;
use std::path::Path;
use std::time::Duration;

use anyhow::{Result, ensure};
use host::serve::Settings;
use host::store::{RunFilter, RunState};

use crate::load::{Order, Seen};
use crate::served::{command, host_with};

/// Guests that compute and never end.
pub(crate) const GUESTS: usize = 64;

/// Seconds that warm up, and seconds that count.
const SECONDS: (f64, f64) = (0.5, 10.0);

const COMPONENT: &str = r#"(component
  (core module $m (func (export "spin") (loop $again (br $again))))
  (core instance $i (instantiate $m))
  (func (export "spin") (canon lift (core func $i "spin"))))"#;

const MANIFEST: &str = r#"[skill]
name = "skillhost/spin"
version = "1.0.0"
summary = "Never ends."
license = "Apache-2.0"

[wit]
path = "wit"
"#;

const GUIDE: &str = "---\nname: spin\ndescription: Never ends.\n---\nCall `spin`.\n";

const WIT: &str = "package skillhost:spin@1.0.0;\n\n/// Never ends.\nworld spin {\n    /// Never ends.\n    export spin: func();\n}\n";

/// Latencies of `GET /healthz` while the guests compute.
pub(crate) async fn measure() -> Result<Seen> {
    let folder = tempfile::tempdir()?;
    write(folder.path())?;
    let change = |settings: &mut Settings| settings.grace = Duration::from_millis(100);
    let (host, token) = host_with(
        folder.path(),
        &["--wasm", "spin.wasm", "--manifest", "skill.toml"],
        change,
    )
    .await?;
    let limits = ["--limit", "guest-ms=600000", "--limit", "fuel-millions=1000000"];
    let approve = ["approve", "skillhost/spin:1.0.0", "--reason", "a measurement"];
    let url = format!("http://{}/", host.address());
    command(folder.path(), &url, &token, &[&approve[..], &limits[..]].concat()).await?;
    let client = reqwest::Client::builder().timeout(Duration::from_secs(10)).build()?;
    for _ in 0..GUESTS {
        let tool = client.post(format!("{url}v1/skills/skillhost/spin/tools/spin"));
        let begun = tool
            .bearer_auth(&token)
            .header("prefer", "wait=0")
            .json(&serde_json::json!({}))
            .send()
            .await?;
        ensure!(begun.status() == 202, "a guest did not begin: {}", begun.status());
    }
    let address = host.address();
    let request = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n".to_owned();
    let order = Order {
        address,
        request,
        in_flight: 1,
        seconds: SECONDS,
    };
    let seen = tokio::task::spawn_blocking(move || order.run()).await??;
    let running = RunFilter {
        state: Some(RunState::Running),
        ..RunFilter::default()
    };
    let running = host.store().runs(&"default".parse()?, &running, 1000).await?.len();
    ensure!(running == GUESTS, "{running} guests computed, and {GUESTS} were to");
    host.shutdown().await?;
    Ok(seen)
}

fn write(folder: &Path) -> Result<()> {
    fs::create_dir(folder.join("wit"))?;
    fs::write(folder.join("wit/spin.wit"), WIT)?;
    fs::write(folder.join("skill.toml"), MANIFEST)?;
    fs::write(folder.join("SKILL.md"), GUIDE)?;
    fs::write(folder.join("spin.wasm"), wat::parse_str(COMPONENT)?)?;
    Ok(())
}
