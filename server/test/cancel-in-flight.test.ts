// What has begun cannot be stopped any more: it is the last attempt, and what became of it is told.
import assert from 'node:assert/strict'
import type { ServerResponse } from 'node:http'
import { after, before, test } from 'node:test'
import { createLook, given, untilQuiet, type Look } from './given.ts'
import { createHttpSink, type HttpSink } from './sinks.ts'
import { createTestContext, type Answer, type TestContext } from './test-context.ts'

let belfry: TestContext
let look: Look
let receiver: HttpSink

before(async () => {
  belfry = await createTestContext()
  look = createLook(belfry.connection)
  receiver = await createHttpSink()
  await given.webhooks(belfry)
  await given.eventType(belfry, 'reminder', {
    retry: { attempts: 5, delay: '1s', backoff: 'fixed' },
  })
  await given.people(belfry, 1, receiver.url)
})

after(async () => {
  await look.close()
  await receiver.close()
  await belfry.close()
})

type Story = { answer: Answer; calls: number; status: string }

/** Cancels while the receiver thinks; then it answers, and everything comes to its end. */
async function cancelledInFlight(
  cancel: (event: string) => Promise<Answer>,
  receiverAnswers: number,
): Promise<Story> {
  const held: ServerResponse[] = []
  receiver.answer = (_request, response) => {
    held.push(response)
    return null
  }
  const already = receiver.requests.length
  const worker = belfry.work()
  const event = await given.event(belfry, 'reminder', { to: ['p00000'] })
  await receiver.waitFor(already + 1)

  const answer = await cancel(event)
  receiver.answer = () => ({})
  held[0]!.writeHead(receiverAnswers).end()
  await untilQuiet(look)
  await worker.stop()

  const [delivery] = await look.rows(
    `select d.status from belfry.deliveries d
     join belfry.notifications n on n.workspace_id = d.workspace_id and n.id = d.notification_id
     where n.event_id = $1`,
    [event],
  )
  return { answer, calls: receiver.requests.length - already, status: delivery.status }
}

const cancelEvent = (event: string) => belfry.ask('POST', `/events/${event}/cancel`)

async function cancelNotification(event: string): Promise<Answer> {
  const { body } = await belfry.ask('GET', `/notifications?event_id=${event}`)
  return belfry.ask('POST', `/notifications/${body.notifications[0].id}/cancel`)
}

test('a delivery that fails after it was cancelled in flight is not tried again', async () => {
  const { answer, calls, status } = await cancelledInFlight(cancelEvent, 503)

  const { cancelled, in_flight, done } = answer.body
  assert.deepEqual([cancelled, in_flight, done], [0, 1, 0])
  assert.deepEqual([calls, status], [1, 'cancelled'])
})

test('a delivery that arrives after it was cancelled in flight is reported as delivered', async () => {
  const { calls, status } = await cancelledInFlight(cancelEvent, 204)

  assert.deepEqual([calls, status], [1, 'delivered'])
})

test('a notification that is in flight cannot be cancelled, but gets no further attempt', async () => {
  const { answer, calls, status } = await cancelledInFlight(cancelNotification, 503)

  assert.deepEqual([answer.status, answer.body.in_flight], [409, 1])
  assert.match(answer.body.detail, /no further one will be made/)
  assert.deepEqual([calls, status], [1, 'cancelled'])
})
