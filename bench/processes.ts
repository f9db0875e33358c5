// What processes take of the machine, as Linux tells it. Elsewhere nothing is known: zeros.
import { readFileSync, readdirSync } from 'node:fs'

const tickMs = 10 // 100 ticks per second on every Linux that Node runs on

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return '' // it has ended, or this is not Linux
  }
}

/** The numbers after the name in /proc/<pid>/stat: [1] is the parent, [11] to [14] the ticks. */
function statOf(pid: number): number[] {
  return read(`/proc/${pid}/stat`).split(') ')[1]?.split(' ').map(Number) ?? []
}

export function childrenOf(pid: number): number[] {
  if (process.platform !== 'linux') return []
  const pids = readdirSync('/proc').map(Number).filter(Number.isInteger)
  return pids.filter((candidate) => statOf(candidate)[1] === pid)
}

/** Processor time used by them and by their children that have ended, in milliseconds. */
export function cpuMsOf(pids: number[]): number {
  const ticks = pids.flatMap((pid) => statOf(pid).slice(11, 15))
  return ticks.reduce((sum, count) => sum + count, 0) * tickMs
}

/** Memory in bytes, pages shared between processes counted once. */
export function memoryOf(pids: number[]): number {
  return pids.reduce((sum, pid) => {
    const kilobytes = /^Pss:\s+(\d+) kB/m.exec(read(`/proc/${pid}/smaps_rollup`))?.[1]
    return sum + Number(kilobytes ?? 0) * 1_024
  }, 0)
}
