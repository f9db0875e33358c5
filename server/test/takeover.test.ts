// Several processes on one embedded database. When the one that runs it ends, kindly or not, another one
// does so in its place, and the rest go on.
import assert from 'node:assert/strict'
import { chmod, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, before, test } from 'node:test'
import { startEmbedded } from '../src/embedded/embedded.ts'
import { readOwner } from '../src/embedded/owner.ts'
import { checkConservation } from './conservation.ts'
import { createLook, given, until, untilQuiet } from './given.ts'
import { startProcess, type BelfryProcess } from './process.ts'
import { createHttpSink, type HttpSink } from './sinks.ts'

const key = `bf_sk_${'k'.repeat(43)}`
let parent: string
let place: { dataDir: string; key: string }
let receiver: HttpSink
const processes: BelfryProcess[] = []

before(async () => {
  parent = await realpath(await mkdtemp(path.join(tmpdir(), 'belfry-test-')))
  await chmod(parent, 0o755) // PostgreSQL runs as another account where this one is root
  place = { dataDir: path.join(parent, '.belfry'), key }
  receiver = await createHttpSink()
})

after(async () => {
  for (const one of processes.filter((process) => process.isRunning())) {
    one.kill('SIGKILL')
    await one.exited
  }
  // Whatever was left behind is adopted and stopped.
  await (await startEmbedded({ dataDir: place.dataDir })).stop()
  await receiver.close()
  await rm(parent, { recursive: true })
})

/** Sends events through all that run until told to stop; each is tried until it is accepted. */
function sendUntil(stop: AbortSignal, accepted: string[], refused: number[]): Promise<unknown> {
  const lanes = [0, 1, 2].map(async (lane) => {
    for (let i = 0; !stop.aborted; i++) {
      const body = { type: 'order', to: [`p0000${i % 10}`], params: { lane, i } }
      const headers = { 'idempotency-key': `${lane}-${i}` }
      await until('it is accepted', async () => {
        const running = processes.filter((process) => process.isRunning())
        const one = running[(lane + i) % running.length]!
        const answer = await one.ask('POST', '/events', body, headers).catch(() => null)
        if (answer?.status === 202) accepted.push(answer.body.event_id)
        else if (answer) refused.push(answer.status)
        return answer?.status === 202
      })
    }
  })
  return Promise.all(lanes)
}

const notesOf = ({ logged }: BelfryProcess) =>
  logged.map(({ note }) => (typeof note === 'string' ? note : ''))

/** The one that runs the database now. */
async function ownerAfter(previous: BelfryProcess): Promise<BelfryProcess> {
  let found: BelfryProcess | undefined
  await until('another process has taken over and says where it is', async () => {
    const owner = await readOwner(place.dataDir)
    found = processes.find(({ pid, url }) => pid === owner?.pid && url === owner.url)
    return found !== undefined && found !== previous
  })
  return found!
}

test('when the process that runs the database is stopped, and the next one killed, exactly one other takes over', async () => {
  for (let i = 0; i < 3; i++) processes.push(await startProcess(place))
  const [first] = processes as [BelfryProcess]
  await given.webhooks(first)
  await given.eventType(first, 'order', { retry: { attempts: 8, delay: '1s', backoff: 'fixed' } })
  await given.people(first, 10, receiver.url)
  const accepted: string[] = []
  const refused: number[] = []
  const load = new AbortController()
  const sending = sendUntil(load.signal, accepted, refused)

  await until('events are accepted', () => accepted.length > 50)
  first.kill('SIGTERM')
  const { code } = await first.exited
  const second = await ownerAfter(first)
  const guest = processes.find((one) => one !== first && one !== second)!
  const between = accepted.length
  await until('events are accepted again', () => accepted.length > between + 50)
  await until('the guest has noticed', () => /runs the database now/.test(notesOf(guest).join()))
  const notes = { second: notesOf(second), guest: notesOf(guest) }
  second.kill('SIGKILL')
  await second.exited
  const third = await ownerAfter(second)
  const afterKill = accepted.length
  await until('events are accepted still', () => accepted.length > afterKill + 50)
  load.abort()
  await sending

  // By its clock the leases of the killed one are over.
  processes.push(await startProcess(place, { aheadMs: 3_600_000 }))
  const { connection } = await startEmbedded({ dataDir: place.dataDir, isBrief: true })
  const look = createLook({ ...connection })
  await untilQuiet(look)
  assert.equal(code, 0)
  assert.equal(third, guest)
  assert.match(notes.second.join('\n'), /is gone; taking it over[^]*runs the database now/)
  assert.match(notes.guest.at(-1)!, /runs the database now/)
  assert.deepEqual(
    refused.filter((status) => status !== 503),
    [],
  )
  assert.equal(new Set(accepted).size, accepted.length)
  await checkConservation(look, { accepted, receipts: receiver.requests })
  await look.close()
})

test('a database that cannot be taken over is told with its reason, and used once it can', async () => {
  for (const one of processes.splice(0)) {
    one.kill('SIGTERM')
    await one.exited
  }
  const owner = await startProcess(place)
  const guest = await startProcess(place)
  processes.push(owner, guest)
  const versionFile = path.join(place.dataDir, 'postgres/PG_VERSION')
  const version = await readFile(versionFile, 'utf8')
  await writeFile(versionFile, '9\n')
  const event = { type: 'order', to: ['p00001'] }

  owner.kill('SIGTERM')
  await owner.exited
  await until('it has tried', () => /could not be taken over/.test(notesOf(guest).join()))
  const ready = await guest.ask('GET', '/health/ready')
  const alive = await guest.ask('GET', '/health')
  const refused = await guest.ask('POST', '/events', event)
  await writeFile(versionFile, version)
  await until('it is ready', async () => (await guest.ask('GET', '/health/ready')).status === 200)
  const taken = await guest.ask('POST', '/events', event)

  assert.equal(ready.status, 503)
  assert.match(JSON.stringify(ready.body), /could not be taken over.*made by PostgreSQL 9/)
  assert.equal(alive.status, 200)
  assert.equal(refused.status, 503)
  assert.equal(taken.status, 202)
  assert.equal(notesOf(guest).filter((note) => /could not be taken over/.test(note)).length, 1)
  guest.kill('SIGTERM')
  assert.deepEqual(await guest.exited, { code: 0, signal: null })
})
