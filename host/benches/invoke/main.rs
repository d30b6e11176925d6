//! How fast an invocation is: `cargo bench --bench invoke` prints each figure beside what it should reach. With names of
//! parts (`-- sandbox cold`) it measures only these.

mod artifact;
mod awake;
mod first;
mod load;
mod memory;
mod model;
mod plain;
mod report;
mod resident;
mod sandbox;
mod served;
mod spinning;

use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use host::engine::{COMPILE_COMMAND, compile_child};
use tokio::runtime::{Builder, Runtime};

use artifact::{Shop, Source};
use awake::Awake;
use report::{micros, millis, note, row};

/// As in the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> Result<ExitCode> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        [COMPILE_COMMAND, ..] => end(compile_child()),
        [load::ROLE] => load::role()?,
        [model::double::ROLE] => model::double::role()?,
        [awake::ROLE] => awake::role()?,
        [resident::ROLE, folder, rest @ ..] => {
            let scan = rest.is_empty();
            note(runtime()?.block_on(resident::role(Path::new(folder), scan))?);
        }
        [] | ["--bench"] => runtime()?.block_on(measure(&PARTS))?,
        [parts @ .., "--bench"] => runtime()?.block_on(measure(parts))?,
        _ => return Ok(host::command::main()),
    }
    Ok(ExitCode::SUCCESS)
}

/// Ends the child that compiles. It may not write files any more, and where the program is instrumented (`.ci/release`),
/// what runs at an ordinary end writes one, and fails.
fn end(code: ExitCode) -> ! {
    // SAFETY: it takes a number and does not return.
    unsafe { libc::_exit((code != ExitCode::SUCCESS).into()) }
}

fn runtime() -> Result<Runtime> {
    Ok(Builder::new_multi_thread().enable_all().build()?)
}

/// What is measured.
const PARTS: [&str; 7] = ["served", "spinning", "sandbox", "cold", "resident", "model", "followed"];

async fn measure(parts: &[&str]) -> Result<()> {
    for part in parts {
        match *part {
            "served" => served().await?,
            "spinning" => spinning().await?,
            "sandbox" => sandbox().await?,
            "cold" => first().await?,
            "resident" => resident().await?,
            "model" => model().await?,
            "followed" => followed().await?,
            other => bail!("there is no part `{other}`: name some of {}", PARTS.join(", ")),
        }
    }
    Ok(())
}

async fn spinning() -> Result<()> {
    let seen = spinning::measure().await?;
    let what = format!("/healthz beside {} spinning guests, p99", spinning::GUESTS);
    row(&what, millis(Duration::from_micros(seen.p99.into())), "50 ms");
    note(format_args!("p50 {} µs, {} answers", seen.p50, seen.answers));
    Ok(())
}

async fn sandbox() -> Result<()> {
    let hello = Source::build("hello")?;
    let folder = tempfile::tempdir()?;
    let mut shop = Shop::open(folder.path())?;
    let reset = sandbox::engine(&shop, true)?.reset();
    let run = sandbox::measure(&mut shop, &hello, true).await?;
    row("the sandbox alone, typed JSON in and out", micros(run), "30 µs");
    note(format_args!("memory is made clean by {reset:?}"));
    let run = sandbox::measure(&mut shop, &hello, false).await?;
    row("the same without PAGEMAP_SCAN", micros(run), "");
    Ok(())
}

async fn first() -> Result<()> {
    let powerpoint = Source::build("powerpoint")?;
    let folder = tempfile::tempdir()?;
    let first = first::measure(&mut Shop::open(folder.path())?, &powerpoint).await?;
    let what = format!("{} KiB on disk to the first reply", first.size >> 10);
    row(&what, millis(first.reply), "5 ms");
    note(format_args!(
        "a second reply, of what is loaded: {}",
        millis(first.warm)
    ));
    row("each MiB more", millis(first.per_mib), "");
    Ok(())
}

async fn resident() -> Result<()> {
    let folder = tempfile::tempdir()?;
    resident::prepare(folder.path(), &Source::build("hello")?).await?;
    let what = format!("resident with {} approved skills that ran", resident::SKILLS);
    row(&what, mib(resident::measure(folder.path(), true)?), "300 MiB");
    row(
        "the same without PAGEMAP_SCAN",
        mib(resident::measure(folder.path(), false)?),
        "",
    );
    Ok(())
}

async fn served() -> Result<()> {
    let served = served::measure().await?;
    let round = served.rounds.get(served.rounds.len() / 2).context("there are rounds")?;
    let (ours, plain) = (&round.ours, &round.plain);
    row(
        &format!("throughput, {} in flight, beside plain axum", served::IN_FLIGHT),
        format!("{:.2}", round.ratio()),
        "0.25",
    );
    note(format_args!(
        "{:.0}/s, p50 {} µs, p99 {} µs",
        ours.per_second, ours.p50, ours.p99
    ));
    note(format_args!(
        "plain axum: {:.0}/s, p50 {} µs, p99 {} µs",
        plain.per_second, plain.p50, plain.p99
    ));
    for (name, value) in &served.pragmas {
        note(format_args!("PRAGMA {name} = {value}"));
    }
    let counters = served.counters;
    note(format_args!(
        "{} commits and {} checkpoints",
        counters.commits, counters.checkpoints
    ));
    note(match served.flushes {
        Some(flushes) => format!("{flushes} syncs, as the disk counted its flushes (everybody's)"),
        None => "the kernel does not count this disk's flushes".to_owned(),
    });
    note(format_args!(
        "{} runs were acknowledged, and each is on record",
        served.acknowledged
    ));
    Ok(())
}

/// On cores that sleep between two calls, and on cores that do not.
async fn model() -> Result<()> {
    let askers = model::Askers::start().await?;
    let (asleep, throughput) = (askers.times().await?, askers.throughput().await?);
    let awake = Awake::start()?;
    let seen = askers.times().await?;
    let cold = memory::line_after(model::double::THINKS).await;
    let warm = memory::line_after(Duration::ZERO).await;
    drop(awake);
    askers.end().await?;
    row(
        "added to a call of a model, without commits",
        added(seen.thinker.call, &seen.thinker),
        "150 µs",
    );
    note(format_args!("reqwest alone: {}", millis(seen.thinker.direct)));
    note(format_args!(
        "a line of memory takes {} ns after such a pause, and {} ns after none",
        cold.as_nanos(),
        warm.as_nanos()
    ));
    row(
        "the same where the model answers at once",
        added(seen.parrot.call, &seen.parrot),
        "",
    );
    note(format_args!("reqwest alone: {}", micros(seen.parrot.direct)));
    row(
        "the same where cores sleep between two",
        added(asleep.thinker.call, &asleep.thinker),
        "",
    );
    row(
        "with the sandbox, a whole run",
        added(seen.thinker.run, &seen.thinker),
        "",
    );
    row(
        "the same over HTTP, with its commits",
        added(seen.committed, &seen.thinker),
        "",
    );
    let what = format!("throughput, {} in flight, beside reqwest", model::IN_FLIGHT);
    row(&what, format!("{:.3}", throughput.ratio), "0.95");
    let committed = format!("{:.3}", throughput.committed);
    row("the same over HTTP, with its commits", committed, "");
    Ok(())
}

fn added(time: Duration, beside: &model::Times) -> String {
    micros(time.saturating_sub(beside.direct))
}

async fn followed() -> Result<()> {
    let asleep = model::follow().await?;
    let awake = Awake::start()?;
    let seen = model::follow().await?;
    drop(awake);
    let added = |seen: &model::Followed| format!("{} µs", seen.followed.p50 - seen.arrived.p50);
    row(
        "from a word's arrival to whoever follows the run",
        added(&seen),
        "200 µs",
    );
    row("the same where cores sleep between two", added(&asleep), "");
    for (what, seen) in [("followed", &seen.followed), ("arrived", &seen.arrived)] {
        let model::Waits { p50, p99, words } = seen;
        note(format_args!("{what} after {p50} µs, p99 {p99} µs, {words} words"));
    }
    Ok(())
}

fn mib(bytes: u64) -> String {
    format!("{} MiB", bytes >> 20)
}
