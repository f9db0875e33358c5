// What stories about plans start from: five people with a webhook each, a worker, and how one looks at
// what became of an event.
import assert from 'node:assert/strict'
import { checkConservation } from './conservation.ts'
import { createLook, given, until } from './given.ts'
import { createHttpSink } from './sinks.ts'
import { createTestContext } from './test-context.ts'

export type PlanStory = Awaited<ReturnType<typeof createPlanStory>>

export async function createPlanStory() {
  const belfry = await createTestContext()
  const look = createLook(belfry.connection)
  const receiver = await createHttpSink()
  const accepted: string[] = []
  let already = 0
  await given.webhooks(belfry)
  await given.people(belfry, 5, receiver.url)
  await given.eventType(belfry, 'order.paid', { channels: ['in_app'] })
  belfry.work({ pollMs: 10 })

  /** The first of an event that is found. */
  async function notificationOf(event: string) {
    await until('its people are found', async () => {
      const { body } = await belfry.ask('GET', `/events/${event}`)
      return body.status !== 'accepted'
    })
    const { body } = await belfry.ask('GET', `/notifications?event_id=${event}`)
    const { body: one } = await belfry.ask('GET', `/notifications/${body.notifications[0].id}`)
    return one
  }

  return {
    belfry,
    look,
    receiver,
    notificationOf,
    /** An event type with a plan, and a text for the app. */
    async plan(key: string, steps: unknown[], more: Record<string, unknown> = {}) {
      await given.eventType(belfry, key, { channels: undefined, plan: steps, ...more })
      await given.template(belfry, key, 'in_app', { title: 'Hello', body: 'There' })
    },
    /** An event about one person, once that person is found. */
    async happens(
      type: string,
      person: string,
      params = {},
      more: Record<string, unknown> = {},
    ): Promise<string> {
      const event = await given.event(belfry, type, { to: [person], params, ...more })
      accepted.push(event)
      await notificationOf(event)
      return event
    },
    /** The notification, once its plan is over. */
    async ended(event: string) {
      await until(
        'its plan is over',
        async () => (await notificationOf(event)).finished_at !== null,
      )
      return notificationOf(event)
    },
    /** Once the plan of an event waits at this step. */
    async waitsAt(event: string, step: string) {
      await until(`it waits: ${step}`, async () => {
        const { trace } = await notificationOf(event)
        const last = trace.findLast((entry: Record<string, string>) => entry['step'] === step)
        return last?.decision.startsWith('waits until') ?? false
      })
    },
    async does(person: string, event: string, action: string) {
      const { id } = await notificationOf(event)
      return belfry.ask('POST', `/subscribers/${person}/notifications/${id}/${action}`)
    },
    /** What was decided at the steps of its plan. */
    steps: (notification: { trace: Record<string, string>[] }) =>
      notification.trace
        .filter(({ step }) => ['wait', 'if', 'digest', 'throttle', 'plan'].includes(step!))
        .map(({ step, decision, because }) => `${step}: ${decision}: ${because}`),
    /** What the receiver got in this story. */
    received: () => receiver.requests.slice(already),
    /** The next story begins. */
    begin() {
      already = receiver.requests.length
    },
    async check() {
      await until('everything has ended', async () => {
        const open = 'select count(*) from belfry.notifications where pending > 0'
        return (await look.number(open)) === 0
      })
      const failed = belfry.logged.filter(({ msg }) => /plan could not go on/.test(String(msg)))
      assert.deepEqual(failed, [])
      await checkConservation(look, { accepted, receipts: receiver.requests })
    },
    async close() {
      await look.close()
      await receiver.close()
      await belfry.close()
    },
  }
}
