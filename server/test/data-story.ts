// A service next door, for stories about data sources: it tells of orders, and counts who asks.
import { given } from './given.ts'
import { createHttpSink, type HttpReply } from './sinks.ts'
import type { TestContext } from './test-context.ts'
import { createTestWorkspace, monday } from './test-workspace.ts'

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

export type Entry = { step: string; decision: string; because: string }

/** A test workspace with a few people, and event types that read an order of the service. */
export async function createDataStory(t: TestContext, { url }: Service) {
  const w = await createTestWorkspace(t, 'data')
  await w.advance({ to: monday })
  for (const id of ['ana', 'ben'])
    await given.subscriber(w, id, { email: `${id}@example.com`, phone: '+12025550143' })
  const retry = { attempts: 2, delay: '1m', backoff: 'fixed' }
  let count = 0

  return {
    w,
    /** With its templates by channel, an order of its own, and the path at which that is asked for. */
    async typeWith(definition: Record<string, unknown>, templates: Record<string, unknown>) {
      const type = `order.${++count}`
      const { source, ...rest } = definition
      const order = { url: `${url}/orders/{{ params.id }}`, required: true, ...(source as object) }
      const channels = rest.plan ? undefined : ['email'] // a plan says by itself
      await given.eventType(w, type, { retry, data: { order }, channels, ...rest })
      for (const [channel, content] of Object.entries(templates))
        await given.template(w, type, channel, content)
      const id = `B-${count}`
      return { type, params: { id }, path: `/orders/${id}` }
    },
    /** What became of an event for one person; `data`: what was decided about its sources. */
    async story(eventId: string, recipient = 'ana') {
      const query = `event_id=${eventId}&recipient_id=${recipient}`
      const { body } = await w.ask('GET', `/notifications?${query}`)
      const { body: one } = await w.ask('GET', `/notifications/${body.notifications[0].id}`)
      const data = one.trace.filter(({ step }: Entry) => step === 'data')
      return { ...one, data: data.map(({ decision }: Entry) => decision) }
    },
  }
}

export function textOf({ deliveries }: { deliveries: { content: { body: string } | null }[] }) {
  return deliveries.map(({ content }) => content?.body ?? null)
}
