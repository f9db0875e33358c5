// P9: from the command to the first message delivered, with a data directory that is there and with none.
import { rm } from 'node:fs/promises'
import { ask, createDataDir } from './belfry.ts'
import { startChild, type Child } from './child.ts'
import { startCommand } from './command.ts'
import { median, type Measure, type Profile, type Report, type Row } from './measure.ts'

export const start: Measure = { name: 'start', title: 'P9: start to first delivered', run }

const warmTargetMs = 1_000
const coldTargetMs = 2_500

async function run(profile: Profile): Promise<Report> {
  const rounds = profile === 'quick' ? 3 : 9
  const sink = await startChild('children/http-sink.ts')
  const cold: Started[] = []
  const warm: Started[] = []
  try {
    for (let round = 0; round < rounds; round++) {
      const dataDir = await createDataDir()
      cold.push(await deliverFirst(sink, dataDir, true))
      warm.push(await deliverFirst(sink, dataDir, false))
      await rm(dataDir, { recursive: true, force: true })
    }
  } finally {
    await sink.stop()
  }
  return {
    rows: [
      row('warm: the database is there', warm, warmTargetMs),
      row('cold: no data directory yet', cold, coldTargetMs),
    ],
    notes: [
      '`belfry start` as a process, its readiness asked for every 3 ms, then a message posted to ' +
        '/notifications/webhook; cold, the provider is configured in between. The end is its arrival at the sink.',
    ],
  }
}

type Started = { deliveredMs: number; readyMs: number }

async function deliverFirst(sink: Child, dataDir: string, isCold: boolean): Promise<Started> {
  await sink.call('reset')
  const sinkUrl = `http://127.0.0.1:${await sink.call<number>('port')}/hook/first`
  const startedAtMs = performance.timeOrigin + performance.now()
  const belfry = await startCommand(dataDir)
  try {
    const readyAtMs = performance.timeOrigin + performance.now()
    const provider = { channel: 'webhook', kind: 'webhook', name: 'sink', settings: {} }
    if (isCold) await ask(belfry, 'POST', '/providers', provider)
    await ask(belfry, 'POST', '/notifications/webhook', {
      recipient_id: sinkUrl,
      content: 'The first one.',
    })
    const deliveredAtMs = await sink.call<number>('waitFor', 1)
    return { deliveredMs: deliveredAtMs - startedAtMs, readyMs: readyAtMs - startedAtMs }
  } finally {
    await belfry.stop()
  }
}

function row(what: string, started: Started[], targetMs: number): Row {
  const deliveredMs = median(started.map((one) => one.deliveredMs))
  const readyMs = median(started.map((one) => one.readyMs))
  return {
    what,
    belfry: `${Math.round(deliveredMs)} ms`,
    beside: `ready after ${Math.round(readyMs)} ms`,
    ratio: '',
    target: `≤ ${targetMs} ms`,
    isMet: deliveredMs <= targetMs,
  }
}
