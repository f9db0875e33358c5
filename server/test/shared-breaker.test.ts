// Breakers are of all processes together: none of them has to find out by itself that a provider is down.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Context } from '../src/context.ts'
import type { Outcome } from '../src/domain/outcome.ts'
import { findHealthForUpdate } from '../src/sql/provider-health.ts'
import { until } from './given.ts'
import { createTestContext, type TestContext } from './test-context.ts'

let belfry: TestContext
let processes: Context[]
let id = ''

before(async () => {
  belfry = await createTestContext()
  for (const name of ['first', 'spare']) {
    const body = { channel: 'email', kind: 'sandbox', name, settings: {} }
    const priority = name === 'first' ? 1 : 2
    const answer = await belfry.ask('POST', '/providers', { ...body, priority })
    if (name === 'first') id = answer.body.id
  }
  processes = [belfry.ctx, await belfry.another()]
})

after(() => belfry.close())

const clockOf = () => belfry.clock.now()
const provider = ({ providers }: Context) => providers.byId(id)!
const phases = () => processes.map((ctx) => ctx.breakers.phaseOf(provider(ctx), belfry.clock.now()))

/** So many attempts in each process, at once. */
function attempts(count: number, outcome: Outcome, durationMs = 5): (number | null)[] {
  return processes.flatMap((ctx) =>
    Array.from({ length: count }, () => ctx.breakers.admit(provider(ctx), belfry.clock.now())).map(
      (ticket) => {
        ticket?.end(outcome, durationMs, belfry.clock.now())
        return ticket && 1
      },
    ),
  )
}

const look = () => Promise.all(processes.map(({ breakers }) => breakers.look(clockOf)))
const failed: Outcome = { kind: 'retry', code: 'http_503' }

test('five failures in each of two processes are ten, and both leave it alone', async () => {
  attempts(5, failed)
  // One after the other: each alone has seen too few.
  await processes[0]!.breakers.look(clockOf)
  assert.deepEqual(phases(), ['closed', 'closed'])

  await processes[1]!.breakers.look(clockOf)
  await until('the other one has heard of it', () => phases().every((phase) => phase === 'open'))

  const shares = processes.map(({ breakers }) => breakers.shares(belfry.clock.now()))
  const none = { ids: [id], shares: [0] }
  assert.deepEqual(shares, [none, none])
  assert.deepEqual(new Set(attempts(1, failed)), new Set([null]))
})

test('processes that see the same trouble at once open it once', async () => {
  await belfry.ask('POST', `/providers/${id}/resume`)
  await look()
  const eraOf = () =>
    belfry.ctx.db.transaction(async (tx) => (await findHealthForUpdate(tx, 1, id))!.era)
  const before = await eraOf()
  attempts(10, failed)

  await Promise.all([look(), look()])

  assert.equal(await eraOf(), before + 1)
})

test('each tries it with a few at a time, and what these come to closes it for all', async () => {
  belfry.clock.advance({ seconds: 31 })
  assert.deepEqual(phases(), ['half_open', 'half_open'])
  const now = belfry.clock.now()
  const [one] = processes
  const probes = Array.from({ length: 5 }, () => one!.breakers.admit(provider(one!), now))
  assert.deepEqual(
    probes.map((ticket) => ticket !== null),
    [true, true, true, false, false],
  )

  for (const probe of probes) probe?.end({ kind: 'delivered' }, 5, now)
  await one!.breakers.look(clockOf)

  await until('both know', () => phases().every((phase) => phase === 'recovering'))
})

test('outcomes of before it was closed say nothing of how it is now', async () => {
  await belfry.ask('POST', `/providers/${id}/resume`)
  await look()
  const now = belfry.clock.now()
  const [one] = processes
  const early = Array.from({ length: 20 }, () => one!.breakers.admit(provider(one!), now)!)
  await belfry.ask('POST', `/providers/${id}/pause`)
  await belfry.ask('POST', `/providers/${id}/resume`)
  await look()

  for (const ticket of early) ticket.end(failed, 5, now)
  await look()

  assert.deepEqual(phases(), ['closed', 'closed'])
})

test('slow answers open it while another one is faster', async () => {
  attempts(5, { kind: 'delivered' }, 6_000)

  await look()
  await until('both leave it alone', () => phases().every((phase) => phase === 'open'))

  const { body } = await belfry.ask('GET', `/providers/${id}`)
  assert.match(body.health.reason, /were slow of its last \d+ attempts/)
})
