// What is accepted, and what arrives, while processes and providers are killed: two Belfrys on one database, behind
// what a load balancer does (whoever does not answer is not asked, the request goes to the other one).
import { randomUUID } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { startEmbedded } from '../server/src/embedded/embedded.ts'
import { apiKey, ask, belfryEnvironment, createDataDir } from './belfry.ts'
import { startChild, type Child } from './child.ts'
import { median, type Measure, type Profile, type Report } from './measure.ts'
import { addAddresses, addSubscribers } from './people.ts'

const everyMs = 10
const people = 1_000
const patienceMs = 5_000 // of one request to one of them
const tries = 4
const phases = 8
const warmMs = 3_000
const longestMs = 60_000
const target = 0.999
const mostMs = 200

export const availability: Measure = {
  name: 'availability',
  title: 'Availability: processes and providers killed one after the other',
  run,
}

async function run(profile: Profile): Promise<Report> {
  const durationMs = profile === 'quick' ? 30_000 : 120_000
  await using stack = new AsyncDisposableStack()
  const receivers = await startReceivers(stack)
  const database = await startDatabase(stack)
  const pair = [await startMember(database, stack), await startMember(database, stack)]
  await setUp(database.db, pair[0]!.url, receivers)

  const warm = await sendFor(warmMs, pair)
  const load = sendFor(durationMs, pair)
  const killed = await killInTurn(durationMs, pair, receivers)
  const sent = await load
  await ended(database.db)
  const story = await tell(database.db)

  const accepted = sent.filter(({ isAccepted }) => isAccepted)
  const before = accepted.filter(({ atMs }) => atMs < durationMs / phases)
  const [acceptedShare, deliveredShare] = [
    accepted.length / sent.length,
    story.delivered / (accepted.length + warm.length),
  ]
  const requests = receivers.reduce((sum, { requests }) => sum + requests, 0)
  const rows = [
    {
      what: 'messages accepted',
      belfry: exact(acceptedShare),
      beside: `${sent.length.toLocaleString('en')} messages, one each ${everyMs} ms`,
      ratio: '',
      target: `≥ ${exact(target)}`,
      isMet: acceptedShare >= target,
    },
    {
      what: `accepted messages that arrived within ${longestMs / 60_000} min`,
      belfry: exact(deliveredShare),
      beside: `${story.byFallback.toLocaleString('en')} of them by their second channel`,
      ratio: '',
      target: `≥ ${exact(target)}`,
      isMet: deliveredShare >= target,
    },
    {
      what: 'until it was accepted, retries at the other one included',
      belfry: tellMs(accepted),
      beside: `before anything is killed: ${tellMs(before)}`,
      ratio: '',
      target: `p99 ≤ ${mostMs} ms`,
      isMet: p99Of(before) <= mostMs,
    },
  ]
  return {
    rows,
    notes: [
      `Killed meanwhile: ${killed.join(', ')}.`,
      `The receivers took ${requests.toLocaleString('en')} requests; ${story.doubtful.toLocaleString('en')} attempts ` +
        'were cut off so that nobody can say whether they came, and were made again with the same key.',
    ],
  }
}

/** 0.99987 as "99.987 %". */
function exact(share: number): string {
  return `${(Math.floor(share * 100_000) / 1_000).toLocaleString('en')} %`
}

type Database = { url: string; db: pg.Client }

async function startDatabase(stack: AsyncDisposableStack): Promise<Database> {
  const dataDir = await createDataDir()
  stack.defer(() => rm(dataDir, { recursive: true, force: true }))
  const cluster = await startEmbedded({ dataDir })
  stack.defer(() => cluster.stop())
  const { host, port, user, database } = cluster.connection
  const place = new URLSearchParams({ host, port: String(port) })
  const url = `postgres://${user}@localhost/${database}?${place.toString()}`
  const db = new pg.Client(cluster.connection)
  await db.connect()
  stack.defer(() => db.end())
  return { url, db }
}

type Member = { url: string; kill(): Promise<void> }

/** One of the Belfrys behind the load balancer; killed, it comes back at the same place. */
async function startMember(database: Database, stack: AsyncDisposableStack): Promise<Member> {
  const start = (at: number): Promise<Child> =>
    startChild('children/belfry.ts', {
      env: {
        ...belfryEnvironment('', at),
        BELFRY_DATABASE_URL: database.url,
        BELFRY_SECRET: secret,
      },
    })
  let child = await start(0)
  stack.defer(() => child.stop())
  const url = await child.call<string>('url')
  return {
    url,
    async kill() {
      process.kill(child.pid, 'SIGKILL')
      await sleep(2_000)
      child = await start(Number(new URL(url).port))
    },
  }
}

type Receiver = { url: string; requests: number; stop(): void; restart(): Promise<void> }

/** Two providers' ends. */
async function startReceivers(stack: AsyncDisposableStack): Promise<Receiver[]> {
  const receivers = [await startReceiver(), await startReceiver()]
  stack.defer(() => receivers.forEach((receiver) => receiver.stop()))
  return receivers
}

async function startReceiver(): Promise<Receiver> {
  const listen = async (port: number): Promise<Server> => {
    const server = createServer((request, response) => {
      receiver.requests++
      request.resume().on('end', () => response.end())
    })
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
    return server
  }
  const receiver = { url: '', requests: 0, stop, restart }
  let server = await listen(0)
  const { port } = server.address() as AddressInfo
  receiver.url = `http://127.0.0.1:${port}/`
  function stop() {
    server.closeAllConnections()
    server.close()
  }
  async function restart() {
    server = await listen(port)
  }
  return receiver
}

const secret = randomUUID().repeat(2)

async function setUp(db: pg.Client, url: string, receivers: Receiver[]): Promise<void> {
  await addSubscribers({ db }, people)
  await addAddresses({ db }, { channel: 'webhook', before: 'https://example.com/', after: '' })
  await addAddresses({ db }, { channel: 'email', before: '', after: '@example.com' })
  for (const [i, receiver] of receivers.entries())
    await ask({ url, authorization: `Bearer ${apiKey}` }, 'POST', '/providers', {
      channel: 'webhook',
      kind: 'webhook',
      name: `provider-${i + 1}`,
      priority: i + 1,
      settings: { url: receiver.url },
    })
}

type Sent = { isAccepted: boolean; atMs: number; ms: number }

function p99Of(sent: Sent[]): number {
  const sorted = sent.map(({ ms }) => ms).toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length * 0.99)] ?? NaN
}

function tellMs(sent: Sent[]): string {
  const middle = median(sent.map(({ ms }) => ms))
  return `p50 ${middle.toFixed(0)} ms, p99 ${p99Of(sent).toFixed(0)} ms`
}

async function sendFor(durationMs: number, members: Member[]): Promise<Sent[]> {
  const name = randomUUID()
  const sent: Promise<Sent>[] = []
  const startedMs = performance.now()
  while (performance.now() - startedMs < durationMs) {
    while (sent.length * everyMs < performance.now() - startedMs)
      sent.push(send(`${name}-${sent.length}`, sent.length, members, performance.now() - startedMs))
    await sleep(everyMs)
  }
  return Promise.all(sent)
}

/** Through one of them, or the other. */
async function send(key: string, number: number, members: Member[], atMs: number): Promise<Sent> {
  const startedMs = performance.now()
  const body = JSON.stringify({
    to: [`p${String(number % people).padStart(7, '0')}`],
    channels: ['webhook'],
    fallback_channels: ['email'],
    message: 'The door of building 4 is open.',
  })
  const headers = {
    authorization: `Bearer ${apiKey}`,
    'content-type': 'application/json',
    'idempotency-key': key,
  }
  for (let n = 0; n < tries; n++) {
    const { url } = members[(number + n) % members.length]!
    const signal = AbortSignal.timeout(patienceMs)
    const status = await fetch(`${url}/notifications`, {
      method: 'POST',
      headers,
      body,
      signal,
    }).then(
      (answer) => answer.text().then(() => answer.status),
      () => null,
    )
    if (status === 202) return { isAccepted: true, atMs, ms: performance.now() - startedMs }
  }
  return { isAccepted: false, atMs, ms: performance.now() - startedMs }
}

/** Each of them once, so that each has come back before the next one goes; answers what was killed. */
async function killInTurn(
  durationMs: number,
  members: Member[],
  receivers: Receiver[],
): Promise<string[]> {
  const pause = () => sleep(durationMs / phases)
  for (const member of members) {
    await pause()
    await member.kill()
  }
  const [first, second] = receivers as [Receiver, Receiver]
  await pause()
  first.stop()
  await pause()
  await first.restart()
  second.stop()
  await pause()
  await second.restart()
  return ['one Belfry (SIGKILL)', 'the other one', 'the first provider', 'the second provider']
}

/**
 * Until all has ended, for `longestMs` at most: what a killed process had begun goes on when its lease is over, and what
 * may have come waits minutes for the provider that may have it.
 */
async function ended(db: pg.Client): Promise<void> {
  const until = performance.now() + longestMs
  while (performance.now() < until) {
    const { rows } = await db.query<{ is_over: boolean }>(`
      select not exists (select from belfry.event_queue) and not exists (select from belfry.queue)
        and not exists (select from belfry.plan_runs) as is_over`)
    if (rows[0]!.is_over) return
    await sleep(100)
  }
}

async function tell(db: pg.Client) {
  const { rows } = await db.query<Record<'delivered' | 'byFallback' | 'doubtful', number>>(`
    select
      (select count(*) from belfry.notifications where status in ('sent', 'delivered'))::integer as delivered,
      (select count(*) from belfry.deliveries
        where channel = 'email' and status in ('sent', 'delivered'))::integer as "byFallback",
      (select count(*) from belfry.attempts where outcome = 'ambiguous')::integer as doubtful`)
  return rows[0]!
}
