// What a team would otherwise write: Fastify, BullMQ on Redis, and a status row per message in PostgreSQL.
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { startChild } from './child.ts'
import type { LoadResult } from './children/http-load.ts'
import { median, perSecond, type Report } from './measure.ts'
import { loadOf, maxOutstanding, type Stage } from './stage.ts'

const folder = join(import.meta.dirname, 'peer')
const rounds = 3

export async function measurePeer(stage: Stage, own: number): Promise<Report> {
  const what = '(b) as Fastify + BullMQ + Redis + a status row per message'
  if (!existsSync(join(folder, 'node_modules')))
    await promisify(execFile)('npm', ['install', '--no-save', '--ignore-scripts'], { cwd: folder })
  const env = { SINK_URL: `http://127.0.0.1:${stage.sinkPort}` }
  let peer
  try {
    peer = await startChild('peer/peer.js', { env, cwd: folder })
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    return { rows: [], notes: [`${what}: skipped, Redis or PostgreSQL is not there (${reason}).`] }
  }
  try {
    const port = await peer.call<number>('port')
    const rates: number[] = []
    for (let round = 0; round < rounds; round++) {
      await stage.sink.call('reset')
      const accepted = await stage.load.call<LoadResult>('run', {
        ...loadOf(stage.sizes),
        port,
        authorization: 'Bearer none',
        maxOutstanding,
      })
      await stage.sink.call('waitFor', accepted.answered)
      await peer.call('drained')
      const endedAtMs = performance.timeOrigin + performance.now()
      rates.push((accepted.answered / (endedAtMs - accepted.startedAtMs)) * 1_000)
    }
    const rate = median(rates)
    return {
      rows: [
        {
          what: '(b) beside what a team would write',
          belfry: perSecond(own),
          beside: `Fastify + BullMQ + Redis + a status row ${perSecond(rate)}`,
          ratio: `${(own / rate).toFixed(1)} ×`,
          target: '',
          isMet: null,
        },
      ],
      notes: [
        'The peer is one process with the same Redis and PostgreSQL of this machine: 202 once the row is inserted ' +
          'and the job added, a worker with 100 jobs at once, the row updated with the outcome (bench/peer/peer.js).',
      ],
    }
  } finally {
    await peer.call('clear').catch(() => {})
    await peer.stop()
  }
}
