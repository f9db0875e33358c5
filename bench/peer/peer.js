// A notification service as a good developer would write it on the usual parts: an HTTP route that stores
// a row and adds a job, and a worker that posts to the subscriber's URL and updates the row.
import { randomUUID } from 'node:crypto'
import { Queue, Worker } from 'bullmq'
import { fastify } from 'fastify'
import { Redis } from 'ioredis'
import pg from 'pg'
import { Pool } from 'undici'
import { serve } from '../children/serve.ts'

const redisOptions = { host: '127.0.0.1', port: 6379, maxRetriesPerRequest: null }
const queueName = `bench-${process.pid}`
const schema = `bench_peer_${process.pid}`

const probe = new Redis({ ...redisOptions, maxRetriesPerRequest: 1, retryStrategy: () => null })
probe.on('error', () => {})
await probe.ping()
await probe.quit()

const db = new pg.Pool({
  host: '127.0.0.1',
  port: 5432,
  user: 'postgres',
  password: process.env.PGPASSWORD ?? '',
  database: 'test',
  max: 20,
  connectionTimeoutMillis: 2_000,
})
await db.query(`create schema ${schema}`)
await db.query(`create table ${schema}.notifications (
  id uuid primary key, recipient text not null, type text not null, params jsonb not null,
  status text not null default 'queued', attempts integer not null default 0, error text,
  created_at timestamptz not null default now(), updated_at timestamptz not null default now())`)

const queue = new Queue(queueName, { connection: new Redis(redisOptions) })
const sink = new Pool(process.env.SINK_URL, { connections: 128 })

const worker = new Worker(
  queueName,
  async (job) => {
    const { id, recipient, type, params } = job.data
    const answer = await sink.request({
      method: 'POST',
      path: `/hook/${recipient}`,
      headers: { 'content-type': 'application/json', 'idempotency-key': id },
      body: JSON.stringify({
        type,
        timestamp: new Date(job.timestamp).toISOString(),
        data: params,
      }),
      headersTimeout: 20_000,
    })
    await answer.body.dump()
    if (answer.statusCode >= 300) throw new Error(`HTTP ${answer.statusCode}`)
    await db.query({
      name: 'done',
      text: `update ${schema}.notifications set status = 'delivered', attempts = $2, updated_at = now() where id = $1`,
      values: [id, job.attemptsMade + 1],
    })
  },
  { connection: new Redis(redisOptions), concurrency: 100 },
)
worker.on('error', () => {})

const app = fastify({ logger: false })
const body = {
  type: 'object',
  required: ['type', 'to'],
  properties: {
    type: { type: 'string' },
    params: { type: 'object' },
    to: { type: 'array', items: { type: 'string' }, minItems: 1 },
  },
}
app.post('/events', { schema: { body } }, async (request, reply) => {
  const { type, params = {}, to } = request.body
  const rows = to.map((recipient) => ({ id: randomUUID(), recipient, type, params }))
  for (const { id, recipient } of rows) {
    await db.query({
      name: 'insert',
      text: `insert into ${schema}.notifications (id, recipient, type, params) values ($1, $2, $3, $4)`,
      values: [id, recipient, type, params],
    })
  }
  const options = {
    attempts: 5,
    backoff: { type: 'exponential', delay: 1_000 },
    removeOnComplete: true,
  }
  await queue.addBulk(
    rows.map((data) => ({ name: 'deliver', data, opts: { ...options, jobId: data.id } })),
  )
  return reply.code(202).send({ status: 'success', ids: rows.map(({ id }) => id) })
})
await app.listen({ host: '127.0.0.1', port: 0 })

async function drained() {
  for (;;) {
    const { rows } = await db.query(
      `select not exists (select from ${schema}.notifications where status = 'queued') as is_done`,
    )
    if (rows[0].is_done) return
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

async function clear() {
  await worker.close()
  await queue.obliterate({ force: true })
  await db.query(`drop schema ${schema} cascade`)
}

serve({ port: () => app.server.address().port, drained, clear })
