// What is done once for the test tool: its people and its catalog in Belfry, a role and a table in the
// database. Done again it changes nothing.
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'
import { pushCatalog, runBelfry, type Reached } from '../belfry.ts'
import { topic, users } from './people.ts'

export const catalog = join(import.meta.dirname, 'catalog')
const role = 'test_scenarios'

/** Connections as the test tool has them: as a role of its own that can do nothing else in the database. */
export async function setUp(belfry: Reached): Promise<pg.Pool> {
  const { client } = belfry
  await pushCatalog(belfry, catalog)
  await client.subscribers.upsertMany(
    users.map(({ id }, i) => ({
      id,
      email: `${id}@example.com`,
      phone: `+1202555${1100 + i}`,
      addresses: { slack: `@${id}`, webhook: `https://example.com/people/${id}` },
    })),
  )
  await client.topics.members.replace(
    topic,
    users.map(({ id }) => id),
  )
  const database = new pg.Pool({ connectionString: await makeRole(belfry) })
  database.on('error', () => {}) // one that waits in the pool was cut off: the next one is new
  await database.query(await readFile(join(import.meta.dirname, 'schema.sql'), 'utf8'))
  return database
}

/** As whoever runs the database would do it. Answers the address with which the role logs in. */
async function makeRole({ key }: Reached): Promise<string> {
  const address = new URL((await runBelfry(['database-url'])).trim())
  // The same at every start, and nobody's guess. The embedded database asks for none.
  const password = createHash('sha256').update(`${role} ${key}`).digest('hex')
  const admin = new pg.Client(address.href)
  await admin.connect()
  try {
    const { rowCount } = await admin.query('select from pg_roles where rolname = $1', [role])
    await admin.query(`${rowCount ? 'alter' : 'create'} role ${role} login password '${password}'`)
    await admin.query(`create schema if not exists ${role} authorization ${role}`)
  } finally {
    await admin.end()
  }
  await runBelfry(['sql', 'grant', role])
  address.username = role
  address.password = password
  return address.href
}
