// The limit of webhooks: one process that does nothing but POST the same body through undici.
import { randomUUIDv7 } from 'node:crypto'
import { Pool } from 'undici'
import { nowMs, serve } from './serve.ts'

export type Posts = { port: number; count: number; connections: number; body: string }

serve({
  /** Posts per second. */
  async run({ port, count, connections, body }: Posts): Promise<number> {
    const pool = new Pool(`http://127.0.0.1:${port}`, { connections, pipelining: 1 })
    const startedAtMs = nowMs()
    let begun = 0
    async function postOnAndOn(): Promise<void> {
      while (begun < count) {
        const headers = {
          'user-agent': 'Belfry/bench',
          'content-type': 'application/json',
          'webhook-id': randomUUIDv7(),
          'webhook-timestamp': String(Math.floor(Date.now() / 1_000)),
        }
        const path = `/hook/${begun++}`
        const answer = await pool.request({ method: 'POST', path, headers, body })
        await answer.body.dump()
      }
    }
    await Promise.all(Array.from({ length: connections * 2 }, postOnAndOn))
    const perSecond = (count / (nowMs() - startedAtMs)) * 1_000
    await pool.close()
    return perSecond
  },
})
