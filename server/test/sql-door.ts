// What the tests of the SQL door share: connections as an application has them, by a role of its own.
import { randomBytes } from 'node:crypto'
import { tmpdir } from 'node:os'
import pg from 'pg'
import { grantSql } from '../src/sql/sql-roles.ts'
import { belfry, type Ended } from './cli-process.ts'
import { urlOf } from './process.ts'
import { testSecret, type TestContext } from './test-context.ts'

export type Application = {
  role: string
  client: pg.Client
  connection: pg.ClientConfig
  /** The first value of the first row. */
  value(text: string, values?: unknown[]): Promise<string>
  close(): Promise<void>
}

/** A role that may log in and has a schema of its own, and nothing else unless `workspaces` says so. */
export async function createApplication(
  { ctx, connection }: TestContext,
  workspaceIds: number[],
  role = `app_${randomBytes(6).toString('hex')}`,
): Promise<Application> {
  const password = randomBytes(12).toString('hex')
  const admin = new pg.Client(connection)
  await admin.connect()
  await admin.query(`create role ${role} login password '${password}'`)
  await admin.query(`create schema authorization ${role}`)
  for (const workspaceId of workspaceIds)
    await ctx.db.transaction((tx) => grantSql(tx, { workspaceId, role }))
  const own = { ...connection, user: role, password }
  const client = new pg.Client(own)
  await client.connect()
  return {
    role,
    client,
    connection: own,
    async value(text, values = []) {
      const { rows } = await client.query<Record<string, string>>(text, values)
      return Object.values(rows[0] ?? {})[0]!
    },
    async close() {
      await client.end()
      await admin.query(`drop owned by ${role} cascade`)
      await admin.query(`drop role ${role}`)
      await admin.end()
    },
  }
}

/** Runs a command of `belfry` on the database of a test. */
export function onDatabase({ connection }: TestContext, ...args: string[]): Promise<Ended> {
  const env = { BELFRY_DATABASE_URL: urlOf(connection), BELFRY_SECRET: testSecret }
  return belfry(args, { dataDir: tmpdir(), env })
}
