// Who works on what: each process says that it is there, what it is busy with, and when it stops.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createLook, given, until, type Look } from './given.ts'
import { startProcess } from './process.ts'
import { createHttpSink, type HttpSink } from './sinks.ts'
import { createTestContext, type TestContext } from './test-context.ts'

let belfry: TestContext
let look: Look
let receiver: HttpSink

before(async () => {
  belfry = await createTestContext()
  look = createLook(belfry.connection)
  receiver = await createHttpSink()
  await given.eventType(belfry, 'told')
  await given.people(belfry, 3, receiver.url)
  await given.webhooks(belfry)
})

after(async () => {
  await look.close()
  await receiver.close()
  await belfry.close()
})

type Load = { channel: string; busy: number; concurrency: number; per_second: number }
type Shown = { name: string; status: string; roles: string[]; version: string; channels: Load[] }

async function workers(): Promise<Shown[]> {
  return (await belfry.ask('GET', '/workers')).body.workers
}

const ofPid = async (pid: number) => (await workers()).find(({ name }) => name.includes(`.${pid}.`))

test('each process is listed with its roles, what it is busy with, and no more after it has stopped', async () => {
  const api = await startProcess(belfry, { roles: ['api'] })
  const worker = await startProcess(belfry, {
    roles: ['worker'],
    worker: { channels: ['webhook', 'sms'], concurrency: 7 },
  })
  await until('both are listed', async () => {
    const found = await Promise.all([api, worker].map(({ pid }) => ofPid(pid)))
    return found.every((one) => one?.status === 'working')
  })
  const idle = await ofPid(worker.pid)
  let end: (() => void) | undefined
  receiver.answer = (_request, response) => {
    end = () => response.end()
    return null
  }
  await given.event(belfry, 'told', { to: ['p00000'] })
  await until('it is seen at work', async () =>
    Boolean((await ofPid(worker.pid))?.channels.some(({ busy }) => busy === 1)),
  )
  receiver.answer = () => ({})
  end!()
  await until('it is seen to have worked', async () =>
    Boolean((await ofPid(worker.pid))?.channels.some((load) => load.per_second > 0)),
  )
  for (const one of [api, worker]) one.kill('SIGTERM')
  for (const one of [api, worker]) assert.equal((await one.exited).code, 0)

  assert.deepEqual(idle?.roles, ['worker'])
  assert.deepEqual(idle.channels, [
    { channel: 'webhook', busy: 0, concurrency: 7, per_second: 0 },
    { channel: 'sms', busy: 0, concurrency: 7, per_second: 0 },
  ])
  assert.deepEqual(await workers(), [])
})

test('who was killed is silent after a while, counts for nothing, and is forgotten after an hour', async () => {
  const worker = await startProcess(belfry, { roles: ['worker', 'scheduler'] })
  await until('it is listed', async () => (await ofPid(worker.pid)) !== undefined)
  worker.kill('SIGKILL')
  await worker.exited
  const age = (time: string) =>
    look.rows(`update belfry.workers set seen_at = seen_at - interval '${time}'`)

  await age('16 seconds')
  const silent = await ofPid(worker.pid)
  const { body } = await belfry.ask('GET', '/channels')
  await age('2 hours')
  belfry.work({ pruneMs: 10 })
  await until('it is forgotten', async () => (await workers()).length === 0)

  assert.equal(silent?.status, 'silent')
  const webhook = body.channels.find(({ channel }: { channel: string }) => channel === 'webhook')
  assert.deepEqual([webhook.status, webhook.workers, webhook.places], ['unattended', 0, 0])
})
