// What stories about answers start from: people who can be asked, a worker, and how one looks at what was asked of
// whom, and answers.
import assert from 'node:assert/strict'
import { createLook, given, until } from './given.ts'
import { createTestContext } from './test-context.ts'

export type AskStory = Awaited<ReturnType<typeof createAskStory>>

// As the API shows it.
// oxlint-disable-next-line typescript/no-explicit-any
type Told = any

export async function createAskStory() {
  const belfry = await createTestContext()
  const look = createLook(belfry.connection)
  belfry.work({ pollMs: 20 })
  let count = 0

  /** Somebody new who can be reached by e-mail, SMS and in the app. */
  async function somebody(more: Record<string, unknown> = {}): Promise<string> {
    const id = `person-${++count}`
    const phone = `+12025550${String(100 + count)}`
    await given.subscriber(belfry, id, { email: `${id}@example.com`, phone, ...more })
    return id
  }

  const told = async (id: string): Promise<Told> =>
    (await belfry.ask('GET', `/notifications/${id}`)).body
  const event = async (id: string): Promise<Told> => (await belfry.ask('GET', `/events/${id}`)).body

  return {
    belfry,
    look,
    somebody,
    told,
    event,
    /** A message to these that somebody has to answer. */
    async ask(to: unknown[], acknowledge: object, more: object = {}): Promise<Told> {
      const message = { to, channels: ['email'], message: 'The database is down', ...more }
      const { status, body } = await belfry.ask('POST', '/notifications', {
        ...message,
        acknowledge,
      })
      assert.equal(status, 202, JSON.stringify(body))
      return body
    },
    /** Of an event: who was asked so far, by the time everything due has been done. */
    async asked(eventId: string): Promise<string[]> {
      const rows = await look.rows(
        'select recipient from belfry.notifications where event_id = $1 order by id',
        [eventId],
      )
      return rows.map(({ recipient }) => recipient)
    },
    isAsked: (eventId: string, who: string) =>
      until(`${who} is asked`, async () => {
        const rows = await look.rows(
          'select from belfry.notifications where event_id = $1 and recipient = $2',
          [eventId, who],
        )
        return rows.length > 0
      }),
    async idOf(eventId: string, who: string): Promise<string> {
      const url = `/notifications?event_id=${eventId}&recipient_id=${who}`
      return (await belfry.ask('GET', url)).body.notifications[0].id
    },
    answer: (id: string, body: object = {}) =>
      belfry.ask('POST', `/notifications/${id}/acknowledge`, body),
    /** Once the plan of a notification waits for an answer on a channel. */
    waitsFor: (id: string, channel: string) =>
      until(`it waits for ${channel}`, async () => {
        const { deliveries, trace } = await told(id)
        const due = 'select count(*) from belfry.asks where due_at is not null'
        return (
          (await look.number(due)) === 0 &&
          trace.at(-1).decision.startsWith('waits') &&
          deliveries.some((one: Told) => one.channel === channel && one.finished_at !== null)
        )
      }),
    /** The link in the text of a delivery. */
    async link(id: string, channel = 'email'): Promise<string> {
      const { deliveries } = await told(id)
      const { content } = deliveries.find((one: Told) => one.channel === channel)
      const [, path] = /https?:\/\/[^/\s]+(\/acknowledge\/[\w.-]+)/.exec(JSON.stringify(content))!
      return path!
    },
    visit: (url: string) => belfry.app.inject({ method: 'GET', url }),
    press: (url: string) =>
      belfry.app.inject({
        method: 'POST',
        url,
        payload: '',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
      }),
    reasons: ({ trace }: Told, step: string): string[] =>
      trace.filter((one: Told) => one.step === step).map((one: Told) => one.because),
    async close() {
      await look.close()
      await belfry.close()
    },
  }
}
