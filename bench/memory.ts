// P10: what Belfry takes while nothing happens, Node and its PostgreSQL together.
import { rm } from 'node:fs/promises'
import { createDataDir } from './belfry.ts'
import { startCommand } from './command.ts'
import { median, megabytes, type Measure, type Profile, type Report } from './measure.ts'
import { memoryOf } from './processes.ts'

export const memory: Measure = { name: 'memory', title: 'P10: memory idle', run }

const target = 180 * 1_048_576

async function run(profile: Profile): Promise<Report> {
  const rounds = profile === 'quick' ? 3 : 5
  const idleMs = profile === 'quick' ? 3_000 : 30_000
  const dataDir = await createDataDir()
  const whole: number[] = []
  const node: number[] = []
  try {
    for (let round = 0; round < rounds; round++) {
      const belfry = await startCommand(dataDir)
      await new Promise((resolve) => setTimeout(resolve, idleMs))
      const pids = belfry.pids()
      whole.push(memoryOf(pids))
      node.push(memoryOf(pids.slice(0, 1)))
      await belfry.stop()
    }
  } finally {
    await rm(dataDir, { recursive: true, force: true })
  }
  const bytes = median(whole)
  return {
    rows: [
      {
        what: `${idleMs / 1_000} s after the start`,
        belfry: megabytes(bytes),
        beside: `of it Node ${megabytes(median(node))}`,
        ratio: '',
        target: `≤ ${megabytes(target)}`,
        isMet: bytes <= target,
      },
    ],
    notes: ['The proportional set size of all processes: pages they share count once.'],
  }
}
