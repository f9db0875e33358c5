import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import type pg from 'pg'
import { createRows } from '../../test/rows.ts'
import { openDatabase } from './db.ts'
import { knownMigrations, migrate, MigrationError, migrationStatus } from './migrate.ts'

const rows = await createRows()
const { db, look, connection } = rows
const known = await knownMigrations()
after(() => rows.close())

/** A database without a schema, as long as `work` lasts. */
async function withEmptyDatabase(
  work: (connection: pg.ClientConfig) => Promise<void>,
): Promise<void> {
  const database = `${connection.database}_empty`
  await look.rows(`create database ${database}`)
  try {
    await work({ ...connection, database })
  } finally {
    await look.rows(`drop database ${database} with (force)`)
  }
}

test('migrations are numbered from one without gaps, and each says what it is for', () => {
  assert.deepEqual(
    known.map(({ number }) => number),
    known.map((_, i) => i + 1),
  )
  for (const { name, text } of known) {
    assert.match(name, /^\d{4}-[a-z0-9-]+$/)
    assert.match(text, /^-- \S/)
  }
})

test('a database that is up to date is left alone', async () => {
  assert.deepEqual(await migrate(db), [])
  const status = await migrationStatus(db)
  assert.deepEqual(
    status.map(({ name }) => name),
    known.map(({ name }) => name),
  )
  assert.ok(status.every(({ appliedAt }) => appliedAt instanceof Date))
})

test('two processes that start at once on an empty database apply everything once', async () => {
  await withEmptyDatabase(async (empty) => {
    const databases = [1, 2, 3].map(() => openDatabase({ connection: empty }))
    const told: string[] = []

    const before = await migrationStatus(databases[0]!)
    const applied = await Promise.all(
      databases.map((one) => migrate(one, ({ name }) => told.push(name))),
    )

    assert.ok(before.every(({ appliedAt }) => appliedAt === null))
    assert.deepEqual(
      applied.map((list) => list.length).toSorted((a, b) => a - b),
      [0, 0, known.length],
    )
    assert.deepEqual(
      told,
      known.map(({ name }) => name),
    )
    for (const one of databases) await one.close()
  })
})

test('a migration that was edited after it had been applied is refused', async () => {
  await look.rows(`update belfry.migrations set checksum = 'other' where number = 1`)

  await assert.rejects(migrate(db), (error) => {
    assert.ok(error instanceof MigrationError)
    assert.match(error.message, /0001-init was changed after it had been applied/)
    return true
  })

  await look.rows('update belfry.migrations set checksum = $1 where number = 1', [
    known[0]!.checksum,
  ])
  assert.deepEqual(await migrate(db), [])
})

test('a schema that is newer than the program is refused, and shown', async () => {
  await look.rows(
    `insert into belfry.migrations (number, name, checksum) values (9999, '9999-later', 'x')`,
  )

  await assert.rejects(migrate(db), (error) => {
    assert.ok(error instanceof MigrationError)
    assert.match(error.message, /9999-later.*knows none after/)
    return true
  })
  const newest = (await migrationStatus(db)).at(-1)

  await look.rows('delete from belfry.migrations where number = 9999')
  assert.equal(newest?.name, '9999-later')
})
