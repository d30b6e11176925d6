//! Every backend, through everything.

use std::any::Any;

use futures_util::future::join_all;
use tokio::sync::OnceCell;

use crate::backends::{Row, rows};
use crate::report::Report;
use crate::world::World;
use crate::{answers, endings, errors, logins, placed, table, tape};

/// Tries everything with one backend.
async fn tried(world: World, row: &'static Row) -> Report {
    let mut report = Report::new(row);
    answers::answers(world, &mut report).await;
    errors::errors(world, &mut report).await;
    endings::endings(world, &mut report).await;
    placed::residency(world, &mut report).await;
    placed::pinning(world, &mut report).await;
    if world.live.is_none() {
        logins::logins(&mut report).await;
        report.check();
    }
    report
}

/// What the records say of every backend, found out once and at the same time: most of it is waiting.
async fn reports() -> &'static [Result<Report, String>] {
    static REPORTS: OnceCell<Vec<Result<Report, String>>> = OnceCell::const_new();
    REPORTS.get_or_init(|| all(World::default())).await
}

/// A report of each backend, or why there is none.
async fn all(world: World) -> Vec<Result<Report, String>> {
    let tried = rows().iter().map(|row| tokio::spawn(tried(world, row)));
    let tried = join_all(tried).await.into_iter();
    tried
        .map(|tried| tried.map_err(|error| said(error.into_panic())))
        .collect()
}

fn said(panic: Box<dyn Any + Send>) -> String {
    let text = panic.downcast::<String>().map(|text| *text);
    text.unwrap_or_else(|other| {
        other
            .downcast_ref::<&str>()
            .map_or_else(String::new, |text| (*text).to_owned())
    })
}

async fn conforms(name: &str) {
    let name = name.replace('_', "-");
    let place = rows().iter().position(|row| row.name == name).unwrap();
    let report = reports().await[place].as_ref().unwrap_or_else(|told| panic!("{told}"));
    insta::with_settings!({ prepend_module_to_snapshot => false, snapshot_path => "results", omit_expression => true }, {
        insta::assert_snapshot!(name, report.text);
    });
}

macro_rules! conform {
    ($($name:ident)+) => {
        $(#[tokio::test]
        async fn $name() {
            conforms(stringify!($name)).await;
        })+

        #[test]
        fn every_backend_is_tried() {
            let tried = [$(stringify!($name)),+].map(|name| name.replace('_', "-"));
            let named: Vec<_> = rows().iter().map(|row| row.name.as_str()).collect();
            assert_eq!(tried.as_slice(), named);
        }
    };
}

conform! {
    openai_responses openai_chat openai_eu
    azure_responses azure_chat foundry_claude
    bedrock_converse bedrock_responses bedrock_chat mantle_responses mantle_chat mantle_claude
    vertex_gemini vertex_claude vertex_responses vertex_chat
    anthropic claude_aws
    oracle_chat oracle_responses
    compatible
}

#[tokio::test]
#[expect(
    clippy::disallowed_methods,
    reason = "the table is written only by whoever asks for it"
)]
async fn the_table_of_the_documentation_says_what_passed() {
    let reports: Vec<&Report> = reports()
        .await
        .iter()
        .filter_map(|report| report.as_ref().ok())
        .collect();
    assert_eq!(reports.len(), rows().len(), "some backends failed");
    table::hold(&reports, std::env::var("SKILLHOST_BLESS").is_ok());
}

#[tokio::test]
#[ignore = "tests/models/check runs it, with a double"]
#[expect(clippy::disallowed_methods, reason = "whoever starts the double says where it is")]
async fn the_double_is_recorded() {
    let double = std::env::var("SKILLHOST_MODEL_DOUBLE").expect("SKILLHOST_MODEL_DOUBLE says where the double is");
    let world = World {
        live: Some(double.parse().expect("an address")),
    };
    let _nothing_recorded = std::fs::remove_dir_all(tape::folder());
    let failed: Vec<String> = all(world).await.into_iter().filter_map(Result::err).collect();
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}
