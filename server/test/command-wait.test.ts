// How `belfry trigger --wait` and `belfry send --wait` end: what scripts go by.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Failed } from '../src/cli/failure.ts'
import type { JoinedWorkspace } from '../src/cli/join-command.ts'
import { tellStored } from '../src/cli/stored.ts'
import { defaultWorkspaceId } from '../src/system.ts'
import { given } from './given.ts'
import { createTestContext, type TestContext } from './test-context.ts'

let t: TestContext

before(async () => {
  t = await createTestContext()
  await given.webhooks(t)
  await given.eventType(t, 'sale', { channels: ['in_app', 'webhook'] })
  await given.template(t, 'sale', 'in_app', { title: 'Sale', body: 'Now' })
  await given.template(t, 'sale', 'webhook', { body: 'Now' })
  await given.eventType(t, 'letter', { channels: ['email'] })
  await given.subscriber(t, 'ana')
  await given.subscriber(t, 'ben', { addresses: { webhook: 'http://10.0.0.1/' } }) // called by nobody
})
after(() => t.close())

/** The exit code. */
async function waited(type: string, to: unknown[]): Promise<number> {
  const eventId = await given.event(t, type, { to })
  const joined = { ctx: t.ctx, workspaceId: defaultWorkspaceId, hasServer: true }
  const worker = t.work()
  try {
    const options = { wait: true, json: true }
    const { signal } = new AbortController()
    await tellStored(joined as JoinedWorkspace, { eventId }, options, signal) // all that it reads
    return 0
  } catch (error) {
    return (error as Failed).exitCode
  } finally {
    await worker.stop()
  }
}

// what happens, event type, who, exit code
const cases: [string, string, unknown[], number][] = [
  ['everybody is reached', 'sale', ['ana'], 0],
  ['one is reached, another has no address', 'sale', ['ana', 'nemo'], 0],
  ['one channel of two fails', 'sale', ['ben'], 1],
  ['nobody is reached', 'letter', ['ana'], 1],
  ['there is nobody to be told', 'letter', [{ topic: 'empty' }], 1],
]
for (const [what, type, to, code] of cases)
  test(`a command that waits exits ${code} when ${what}`, async () => {
    assert.equal(await waited(type, to), code)
  })
