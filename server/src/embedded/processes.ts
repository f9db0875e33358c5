// Who a process id is. Ids are used again, so a process is known by its id and when it started.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/**
 * An opaque mark of when process `pid` started, comparable only for equality on this machine;
 * null when no such process runs. A zombie does not run.
 */
export function processStartedAt(pid: number): string | null {
  return process.platform === 'linux' ? startedAtFromProc(pid) : startedAtFromPs(pid)
}

export function isRunning({ pid, startedAt }: { pid: number; startedAt: string }): boolean {
  return processStartedAt(pid) === startedAt
}

function startedAtFromProc(pid: number): string | null {
  const stat = readOrNull(`/proc/${pid}/stat`)
  if (stat === null) return null
  // The name in field 2 may hold spaces and parentheses: count from behind it.
  const [state, ...rest] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  if (state === 'Z' || state === 'X') return null
  // Ticks count from boot, so the boot belongs to the mark.
  const boot = readOrNull('/proc/sys/kernel/random/boot_id')?.trim() ?? 'boot'
  return `${boot}/${rest[18]}`
}

function startedAtFromPs(pid: number): string | null {
  try {
    const args = ['-o', 'stat=,lstart=', '-p', String(pid)]
    const stdio: ['ignore', 'pipe', 'ignore'] = ['ignore', 'pipe', 'ignore']
    const answer = execFileSync('ps', args, { encoding: 'utf8', stdio }).trim()
    const [state = '', ...started] = answer.split(/\s+/)
    return state === '' || state.startsWith('Z') ? null : started.join(' ')
  } catch {
    return null // ps answers with exit code 1 for a process that does not exist
  }
}

function readOrNull(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return null // the process ended, or another user's /proc is hidden
  }
}
