// Migrations: numbered `.sql` files beside this one, forward only, each in one transaction under an
// advisory lock, remembered with a checksum. Any number of processes may start at once.
import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import type pg from 'pg'
import type { Database } from './db.ts'

export type Migration = { number: number; name: string; checksum: string; text: string }
export type MigrationState = { number: number; name: string; appliedAt: Date | null }

const folder = new URL('./migrations/', import.meta.url)
const lockKey = 0x62656c66 // 'belf': any constant nobody else uses

export class MigrationError extends Error {}

/** The migrations this program knows, in order. */
export async function knownMigrations(): Promise<Migration[]> {
  const files = (await readdir(folder)).filter((file) => file.endsWith('.sql')).sort()
  return Promise.all(
    files.map(async (file) => {
      const text = await readFile(new URL(file, folder), 'utf8')
      const checksum = createHash('sha256').update(text).digest('hex')
      return { number: Number(file.slice(0, 4)), name: file.replace('.sql', ''), checksum, text }
    }),
  )
}

/**
 * Applies what is missing and returns it, in order.
 *
 * @throws MigrationError when the schema is newer than this program, or a file applied earlier has
 *   been edited since.
 */
export async function migrate(
  db: Database,
  onApplied: (migration: Migration, ms: number) => void = () => {},
): Promise<Migration[]> {
  const known = await knownMigrations()
  const client = await db.connect()
  try {
    await client.query('select pg_advisory_lock($1)', [lockKey])
    await client.query(`
      create schema if not exists belfry;
      create table if not exists belfry.migrations (
        number integer primary key, name text not null, checksum text not null,
        applied_at timestamptz not null default now())`)
    const missing = findMissing(known, await listApplied(client))
    for (const migration of missing) {
      const started = performance.now()
      await apply(client, migration)
      onApplied(migration, performance.now() - started)
    }
    return missing
  } finally {
    await client.end() // releases the advisory lock too
  }
}

/** Every migration known here or there, in order, and when it was applied. */
export async function migrationStatus(db: Database): Promise<MigrationState[]> {
  const known = await knownMigrations()
  const client = await db.connect()
  try {
    const exists = await client.query<{ table: string | null }>(
      `select to_regclass('belfry.migrations') as table`,
    )
    const applied = exists.rows[0]?.table ? await listApplied(client) : []
    const unknown = applied.filter((row) => !known.some((file) => file.number === row.number))
    return [...known, ...unknown].map(({ number, name }) => ({
      number,
      name,
      appliedAt: applied.find((row) => row.number === number)?.applied_at ?? null,
    }))
  } finally {
    await client.end()
  }
}

type Applied = { number: number; name: string; checksum: string; applied_at: Date }

async function listApplied(client: pg.Client): Promise<Applied[]> {
  const result = await client.query<Applied>(
    'select number, name, checksum, applied_at from belfry.migrations order by number',
  )
  return result.rows
}

function findMissing(known: Migration[], applied: Applied[]): Migration[] {
  for (const row of applied) {
    const file = known.find((migration) => migration.number === row.number)
    if (!file) {
      const newest = known.at(-1)?.name ?? 'none'
      throw new MigrationError(
        `The database has migration ${row.name}, but this Belfry knows none after ${newest}. ` +
          'Start the newer Belfry that made it, or restore a backup from before.',
      )
    }
    if (file.checksum !== row.checksum)
      throw new MigrationError(
        `Migration ${file.name} was changed after it had been applied. ` +
          'Put the released file back; changes go into a new migration.',
      )
  }
  return known.filter((migration) => !applied.some((row) => row.number === migration.number))
}

async function apply(client: pg.Client, { number, name, checksum, text }: Migration) {
  await client.query('begin')
  try {
    await client.query(`set local lock_timeout = '10s'`)
    await client.query(text)
    await client.query(
      'insert into belfry.migrations (number, name, checksum) values ($1, $2, $3)',
      [number, name, checksum],
    )
    await client.query('commit')
  } catch (error) {
    await client.query('rollback')
    throw new MigrationError(`Migration ${name} failed: ${String(error)}`, { cause: error })
  }
}
