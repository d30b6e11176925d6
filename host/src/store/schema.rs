//! The tables, and how older ones are brought up to date.

use std::borrow::Cow;
use std::sync::Arc;

use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::{SqlSafeStr as _, SqliteConnection};

use super::StoreError;

/// What the tables are made of, in the order in which it is applied. A released file never changes.
const MIGRATIONS: [(i64, &str, &str); 5] = [
    (1, "first", include_str!("../../migrations/0001_first.sql")),
    (2, "watched", include_str!("../../migrations/0002_watched.sql")),
    (
        3,
        "runs-by-state",
        include_str!("../../migrations/0003_runs_by_state.sql"),
    ),
    (
        4,
        "watched-heard",
        include_str!("../../migrations/0004_watched_heard.sql"),
    ),
    (5, "usage", include_str!("../../migrations/0005_usage.sql")),
];

pub(super) async fn migrate(connection: &mut SqliteConnection) -> Result<(), StoreError> {
    let migrations = MIGRATIONS.map(|(version, name, sql)| {
        Migration::new(
            version,
            Cow::Borrowed(name),
            MigrationType::Simple,
            sql.into_sql_str(),
            false,
        )
    });
    Migrator::with_migrations(migrations.to_vec())
        .run(connection)
        .await
        .map_err(|error| StoreError::Migration(Arc::new(error)))
}
