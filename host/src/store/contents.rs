//! The bytes of files, in sealed parts, and the files that were uploaded.

use jiff::Timestamp;
use registry::{Digest, Tenant};
use sqlx::sqlite::SqliteRow;
use sqlx::{Row as _, SqliteConnection};
use uuid::Uuid;

use super::row::{count, digest, micros, moment, sealed, text, uuid};
use super::{Store, StoreError};
use crate::seal::Sealed;

/// The name of the parts of one file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ContentId(pub Uuid);

/// A file that was uploaded, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileRow {
    /// Whose it is.
    pub tenant: Tenant,
    /// The SHA-256 of the content.
    pub sha256: Digest,
    /// The name that people see.
    pub name: String,
    /// Such as `application/pdf`.
    pub media_type: String,
    /// In bytes.
    pub size: u64,
    /// Where its parts are kept.
    pub content: ContentId,
    /// Its data key, wrapped by the tenant's.
    pub key: Sealed,
    /// Who uploaded it: the name of a token.
    pub by: String,
    /// When.
    pub at: Timestamp,
}

impl Store {
    /// Begins a content that nothing owns yet; one that is still without an owner at the next start is removed.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub async fn begin_content(&self, tenant: &Tenant, content: ContentId) -> Result<(), StoreError> {
        let tenant = tenant.to_string();
        self.writer
            .write(move |connection| {
                Box::pin(async move {
                    sqlx::query("INSERT INTO uploads (tenant, content, at) VALUES (?, ?, ?)")
                        .bind(tenant)
                        .bind(content.0.as_bytes().as_slice())
                        .bind(micros(Timestamp::now()))
                        .execute(connection)
                        .await?;
                    Ok(())
                })
            })
            .await
    }

    /// Keeps one part of a content.
    ///
    /// # Errors
    /// Where it is not kept.
    pub async fn add_part(
        &self,
        tenant: &Tenant,
        content: ContentId,
        part: u32,
        bytes: Sealed,
    ) -> Result<(), StoreError> {
        let tenant = tenant.to_string();
        self.writer
            .write(move |connection| {
                Box::pin(async move {
                    sqlx::query("INSERT INTO contents (tenant, content, part, bytes) VALUES (?, ?, ?, ?)")
                        .bind(tenant)
                        .bind(content.0.as_bytes().as_slice())
                        .bind(part)
                        .bind(bytes.into_bytes())
                        .execute(connection)
                        .await?;
                    Ok(())
                })
            })
            .await
    }

    /// One part of a content.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn part(&self, tenant: &Tenant, content: ContentId, part: u32) -> Result<Option<Sealed>, StoreError> {
        let row = sqlx::query("SELECT bytes FROM contents WHERE tenant = ? AND content = ? AND part = ?")
            .bind(tenant.as_str())
            .bind(content.0.as_bytes().as_slice())
            .bind(part)
            .fetch_optional(&self.readers)
            .await?;
        row.map(|row| sealed(&row, "bytes")).transpose()
    }

    /// Forgets a content that nothing owns.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub async fn abandon_content(&self, tenant: &Tenant, content: ContentId) -> Result<(), StoreError> {
        let tenant = tenant.clone();
        self.writer
            .write(move |connection| Box::pin(abandon(connection, tenant, content)))
            .await
    }

    /// Forgets every content of a tenant that nothing owns. Only for the start of a host, before it serves.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub async fn abandon_contents(&self, tenant: &Tenant) -> Result<(), StoreError> {
        let rows = sqlx::query("SELECT content FROM uploads WHERE tenant = ?")
            .bind(tenant.as_str())
            .fetch_all(&self.readers)
            .await?;
        for row in rows {
            self.abandon_content(tenant, ContentId(uuid(&row, "content")?)).await?;
        }
        Ok(())
    }

    /// Adds a file, which owns its content from then on; durable when it returns. The same bytes uploaded again take
    /// the new name and media type; their first copy stays, because somebody may be reading it.
    ///
    /// # Errors
    /// Where it is not added.
    pub async fn add_file(&self, row: FileRow) -> Result<(), StoreError> {
        self.writer
            .write(move |connection| Box::pin(insert(connection, row)))
            .await
    }

    /// A file that was uploaded.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn file(&self, tenant: &Tenant, sha256: Digest) -> Result<Option<FileRow>, StoreError> {
        let row = sqlx::query("SELECT * FROM files WHERE tenant = ? AND sha256 = ?")
            .bind(tenant.as_str())
            .bind(sha256.as_bytes().as_slice())
            .fetch_optional(&self.readers)
            .await?;
        row.map(|row| file_row(&row)).transpose()
    }
}

/// A file owns the content from now on.
pub(super) async fn own(
    connection: &mut SqliteConnection,
    tenant: &Tenant,
    content: ContentId,
) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM uploads WHERE tenant = ? AND content = ?")
        .bind(tenant.as_str())
        .bind(content.0.as_bytes().as_slice())
        .execute(connection)
        .await?;
    Ok(())
}

async fn abandon(connection: &mut SqliteConnection, tenant: Tenant, content: ContentId) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM contents WHERE tenant = ? AND content = ?")
        .bind(tenant.as_str())
        .bind(content.0.as_bytes().as_slice())
        .execute(&mut *connection)
        .await?;
    own(connection, &tenant, content).await
}

async fn insert(connection: &mut SqliteConnection, row: FileRow) -> Result<(), StoreError> {
    let sql = "UPDATE files SET name = ?, media_type = ?, by = ?, at = ? WHERE tenant = ? AND sha256 = ?";
    let known = sqlx::query(sql)
        .bind(&row.name)
        .bind(&row.media_type)
        .bind(&row.by)
        .bind(micros(row.at))
        .bind(row.tenant.as_str())
        .bind(row.sha256.as_bytes().as_slice())
        .execute(&mut *connection)
        .await?;
    if known.rows_affected() > 0 {
        return abandon(connection, row.tenant, row.content).await;
    }
    let sql = "INSERT INTO files (tenant, sha256, name, media_type, size, content, key, by, at) \
               VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)";
    sqlx::query(sql)
        .bind(row.tenant.as_str())
        .bind(row.sha256.as_bytes().as_slice())
        .bind(row.name)
        .bind(row.media_type)
        .bind(row.size.cast_signed())
        .bind(row.content.0.as_bytes().as_slice())
        .bind(row.key.into_bytes())
        .bind(row.by)
        .bind(micros(row.at))
        .execute(&mut *connection)
        .await?;
    own(connection, &row.tenant, row.content).await
}

fn file_row(row: &SqliteRow) -> Result<FileRow, StoreError> {
    Ok(FileRow {
        tenant: text(row, "tenant")?,
        sha256: digest(row, "sha256")?,
        name: row.try_get("name")?,
        media_type: row.try_get("media_type")?,
        size: count(row, "size")?,
        content: ContentId(uuid(row, "content")?),
        key: sealed(row, "key")?,
        by: row.try_get("by")?,
        at: moment(row.try_get("at")?)?,
    })
}
