// A service next door, for stories about data sources: it tells of orders, and counts who asks.
import { createHttpSink, type HttpReply } from './sinks.ts'

export const json = (body: unknown, status = 200): HttpReply => ({
  status,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
})

/** Answers by path, once as often as is said; `/orders/…` and `/parcels/…` are known. */
export async function createService() {
  const next = new Map<string, HttpReply[]>()
  const sink = await createHttpSink({
    answer({ path }) {
      const said = next.get(path)?.shift()
      if (said) return said
      const [, what, id] = path.split(/[/?]/)
      if (what === 'orders') return json({ id, total: '12.50', lines: [{ name: 'Tea', count: 2 }] })
      if (what === 'parcels') return json({ carrier: 'DHL' })
      return json({ error: 'not here' }, 404)
    },
  })
  return Object.assign(sink, {
    /** What it answers to a path the next times it is asked. */
    say(path: string, ...replies: HttpReply[]) {
      next.set(path, [...(next.get(path) ?? []), ...replies])
    },
    asked: (path: string) => sink.requests.filter((request) => request.path === path).length,
  })
}

export type Service = Awaited<ReturnType<typeof createService>>
