// What stories about force, cancel and retry start from: five people with a webhook each, a worker, and how one
// looks at what became of an event.
import { createLook, given, until } from './given.ts'
import { createHttpSink } from './sinks.ts'
import { createTestContext } from './test-context.ts'

export async function createActStory() {
  const belfry = await createTestContext()
  const look = createLook(belfry.connection)
  const receiver = await createHttpSink()
  await given.webhooks(belfry)
  await given.people(belfry, 5, receiver.url)
  await given.eventType(belfry, 'once', { retry: { attempts: 1, delay: '1s', backoff: 'fixed' } })
  belfry.work({ pollMs: 10 })
  const storyOf = async (id: string) => (await belfry.ask('GET', `/notifications/${id}`)).body

  return {
    belfry,
    look,
    receiver,
    storyOf,
    tomorrow: () => new Date(belfry.clock.now().getTime() + 86_400_000).toISOString(),
    act: (path: string, body?: unknown) => belfry.ask('POST', path, body),
    /** An event whose people are found; its id, and those of its notifications. */
    async told(type: string, body: Record<string, unknown>) {
      const event = await given.event(belfry, type, body)
      await until('its people are found', async () => {
        const answer = await belfry.ask('GET', `/events/${event}`)
        return answer.body.status === 'processed'
      })
      const { body: list } = await belfry.ask('GET', `/notifications?event_id=${event}`)
      const ids: string[] = list.notifications.map(({ id }: { id: string }) => id)
      return { event, ids, id: ids[0]! }
    },
    async ended(id: string, status: string): Promise<void> {
      await until(`it is ${status}`, async () => (await storyOf(id)).status === status)
    },
    async traced(id: string): Promise<string[]> {
      const { trace } = await storyOf(id)
      return trace.map(({ step, decision, because }: Record<string, string>) =>
        [step, decision, because].join(': '),
      )
    },
    async close(): Promise<void> {
      await look.close()
      await receiver.close()
      await belfry.close()
    },
  }
}
