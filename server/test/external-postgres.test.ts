// A PostgreSQL of one's own: the same program on BELFRY_DATABASE_URL, down to version 15.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, test } from 'node:test'
import pg from 'pg'
import { loadConfig } from '../src/config.ts'
import { createLog } from '../src/log.ts'
import { startSystem } from '../src/system.ts'
import { until } from './given.ts'
import { testSecret } from './test-context.ts'

const server = process.env.BELFRY_TEST_POSTGRES ?? 'postgres://postgres@127.0.0.1:5432/postgres'
const admin = new pg.Client({ connectionString: server, connectionTimeoutMillis: 2_000 })
const reached = await admin.connect().then(
  () => true,
  () => false,
)
after(() => admin.end().catch(() => {})) // it may never have connected
// A build server has to have one; elsewhere this test is for those who do.
const skip =
  reached || process.env.CI === 'true' ? false : `no PostgreSQL at ${server} (BELFRY_TEST_POSTGRES)`

test(
  'two processes on a PostgreSQL of their own migrate it, share it and deliver',
  { skip },
  async () => {
    assert.ok(reached, `no PostgreSQL at ${server}`)
    const name = `belfry_test_${randomBytes(6).toString('hex')}`
    await admin.query(`create database ${name}`)
    try {
      const databaseUrl = Object.assign(new URL(server), { pathname: name }).href
      const apiKey = `bf_sk_${randomBytes(20).toString('hex')}`
      const start = () =>
        startSystem({
          config: loadConfig({ databaseUrl, apiKey, secret: testSecret, port: 0 }, {}),
          log: createLog({ level: 'silent' }),
          roles: ['api', 'worker', 'scheduler'],
        })
      const [one, two] = await Promise.all([start(), start()])

      const ask = async (url: string, body?: unknown) => {
        const headers = { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' }
        const answer = await fetch(url, {
          headers,
          ...(body !== undefined && { method: 'POST', body: JSON.stringify(body) }),
        })
        return (await answer.json()) as Record<string, never>
      }
      const message = {
        to: [{ id: 'ana', email: 'ana@example.com' }],
        channels: ['in_app', 'email'],
      }
      await ask(`${one.url}/notifications`, { ...message, message: 'through the first' })
      await ask(`${two.url}/notifications`, { ...message, message: 'through the second' })
      const delivered = async () => {
        const { count } = await ask(`${two.url}/notifications?status=delivered`)
        return count === 2
      }

      await until('both are delivered', delivered)
      const { checks } = await ask(`${one.url}/health/ready`)
      assert.ok(checks)
      await Promise.all([one.close(), two.close()])
    } finally {
      await admin.query(`drop database ${name} with (force)`)
    }
  },
)

test(
  'an application publishes in the transactions of its own database, which Belfry moved into',
  { skip },
  async () => {
    assert.ok(reached, `no PostgreSQL at ${server}`)
    const word = randomBytes(6).toString('hex')
    const [name, role] = [`belfry_test_${word}`, `belfry_shop_${word}`]
    await admin.query(`create database ${name}`)
    await admin.query(`create role ${role}`)
    const databaseUrl = Object.assign(new URL(server), { pathname: name }).href
    const app = new pg.Client({ connectionString: databaseUrl })
    await app.connect()
    try {
      await app.query(`create table orders (id int primary key, customer text)`)
      await app.query(`alter table orders owner to ${role}; grant all on schema public to ${role}`)
      const system = await startSystem({
        config: loadConfig({ databaseUrl, secret: testSecret, port: 0 }, {}),
        log: createLog({ level: 'silent' }),
        roles: ['api', 'worker', 'scheduler'],
      })
      await app.query(`insert into belfry.sql_roles (workspace_id, role) values (1, $1)`, [role])
      await app.query(`select belfry.sql_allow($1, true)`, [role])
      await app.query(`set session authorization ${role}`)
      await app.query(`create trigger publish after insert on orders for each row
        execute function belfry.trigger_on_change('order', '{"to": "customer"}')`)

      await app.query('begin')
      await app.query(`insert into orders values (1, 'ana')`)
      await app.query(`select belfry.notify('[{"id": "ana"}]', array['in_app'], 'Hello')`)
      await app.query('commit')
      await app.query('reset session authorization')
      const ended = async () => {
        const { rows } = await app.query(
          `select coalesce(type, 'message') as type, status from belfry.events where status <> 'accepted' order by 1`,
        )
        return JSON.stringify(rows.map(({ type, status }) => [type, status]))
      }

      const all = JSON.stringify([
        ['message', 'processed'],
        ['order.created', 'failed'], // nobody has registered it
      ])
      await until('both are done with', async () => (await ended()) === all)
      await system.close()
    } finally {
      await app.end()
      await admin.query(`drop database ${name} with (force)`)
      await admin.query(`drop role ${role}`)
    }
  },
)
