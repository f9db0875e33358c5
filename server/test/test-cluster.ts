// The PostgreSQL of the tests: one server per test run, one database per test file, cloned from a
// migrated template.
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { startEmbedded } from '../src/embedded/embedded.ts'
import { openDatabase } from '../src/sql/db.ts'
import { knownMigrations, migrate } from '../src/sql/migrate.ts'

export type TestDatabase = { connection: pg.ClientConfig; drop(): Promise<void> }

/** A fresh, migrated database. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const cluster = await findCluster()
  const database = `test_${randomBytes(6).toString('hex')}`
  await asAdmin(cluster.connection, async (admin) => {
    const template = await ensureTemplate(admin, cluster.connection)
    await admin.query(`create database ${database} template ${template}`)
  })
  return {
    connection: { ...cluster.connection, database },
    async drop() {
      await asAdmin(cluster.connection, (admin) =>
        admin.query(`drop database ${database} with (force)`),
      )
      await cluster.stop()
    },
  }
}

/** A connection for a moment: some tests end every connection there is. */
async function asAdmin(
  connection: pg.ClientConfig,
  work: (admin: pg.Client) => Promise<unknown>,
): Promise<void> {
  const admin = new pg.Client(connection)
  await admin.connect()
  try {
    await work(admin)
  } finally {
    await admin.end()
  }
}

/** The cluster of the run, or one of our own when a file is run by itself. */
async function findCluster(): Promise<{ connection: pg.ClientConfig; stop(): Promise<void> }> {
  const given = process.env.BELFRY_TEST_CLUSTER
  if (given) return { connection: JSON.parse(given) as pg.ClientConfig, stop: async () => {} }
  const dataDir = await mkdtemp(join(tmpdir(), 'belfry-test-'))
  const embedded = await startEmbedded({
    dataDir,
    settings: { fsync: 'off', max_connections: '200' },
  })
  return {
    connection: embedded.connection,
    async stop() {
      await embedded.stop()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}

const templateLock = 0x74657374

async function ensureTemplate(admin: pg.Client, connection: pg.ClientConfig): Promise<string> {
  const checksums = (await knownMigrations()).map(({ checksum }) => checksum.slice(0, 8))
  const name = `belfry_template_${checksums.join('').slice(-24)}`
  await admin.query('select pg_advisory_lock($1)', [templateLock])
  try {
    const found = await admin.query('select 1 from pg_database where datname = $1', [name])
    if (found.rows.length > 0) return name
    const draft = `${name}_draft`
    await admin.query(`drop database if exists ${draft} with (force)`)
    await admin.query(`create database ${draft}`)
    const db = openDatabase({ connection: { ...connection, database: draft }, poolSize: 1 })
    await migrate(db)
    await db.close()
    await admin.query(`alter database ${draft} rename to ${name}`)
    return name
  } finally {
    await admin.query('select pg_advisory_unlock($1)', [templateLock])
  }
}
