// The limit of accepting: the same route with the same schema that answers 202 and stores nothing.
import { randomUUIDv7 } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import { fastify } from 'fastify'
import { Type } from 'typebox'
import { serve } from './serve.ts'

const id = Type.String({ minLength: 1, maxLength: 255 })
const body = Type.Object({
  type: Type.String({ minLength: 1, maxLength: 200 }),
  params: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
  to: Type.Optional(
    Type.Array(Type.Union([id, Type.Object({ topic: id })]), { minItems: 1, maxItems: 1_000 }),
  ),
  level: Type.Optional(Type.String()),
  scheduled_time: Type.Optional(Type.String({ format: 'date-time' })),
  expires_at: Type.Optional(Type.String({ format: 'date-time' })),
  thread_key: Type.Optional(Type.String({ minLength: 1, maxLength: 255 })),
})

const app = fastify({ logger: false })
app.post('/events', { schema: { body } }, (_request, reply) =>
  reply.code(202).send({ status: 'success', event_id: randomUUIDv7(), message: 'Event accepted' }),
)
await app.listen({ host: '127.0.0.1', port: 0 })
serve({ port: () => (app.server.address() as AddressInfo).port })
