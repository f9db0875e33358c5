// A plan that was saved a moment ago, and an event that ends its waits: in a process that has heard of neither.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import type { Context } from '../src/context.ts'
import { fanOut } from '../src/pipeline/fan-out.ts'
import { runDuePlans } from '../src/pipeline/plan-run.ts'
import { insertEvents } from '../src/sql/events.ts'
import { createLook, given } from './given.ts'
import { acceptedEvent } from './rows.ts'
import { createTestContext } from './test-context.ts'

const belfry = await createTestContext()
const look = createLook(belfry.connection)
after(async () => {
  await look.close()
  await belfry.close()
})

/** An event about ana, whose people are found by this process. */
async function happens(ctx: Context, type: string): Promise<string> {
  const at = belfry.clock.now()
  const event = acceptedEvent({ type, audience: [{ id: 'ana' }], createdAt: at, dueAt: at })
  await insertEvents(belfry.ctx.db, [event], [])
  await fanOut(ctx, ctx.db, [{ ...event, epoch: 1, cursor: null }], null)
  return event.id
}

test('what is waited for ends the wait also in a process that has not heard of the plan yet', async () => {
  await given.subscriber(belfry, 'ana')
  await given.eventType(belfry, 'signed', { channels: ['in_app'] })
  const deaf = await belfry.another()
  await deaf.signals.close()
  await happens(deaf, 'signed')

  await given.eventType(belfry, 'parcel', {
    channels: undefined,
    plan: [{ wait: { for: '1d', unless: { event: 'signed' } } }, { send: ['in_app'] }],
  })
  const parcel = await happens(belfry.ctx, 'parcel')
  await happens(deaf, 'signed')
  while ((await runDuePlans(belfry.ctx, 50)) > 0);

  const ended = await look.rows('select reason from belfry.notifications where event_id = $1', [
    parcel,
  ])
  assert.deepEqual(ended, [{ reason: 'no_longer_needed' }])
})
