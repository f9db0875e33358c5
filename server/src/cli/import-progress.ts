// How far an import has come: a bar on a terminal, a line now and then elsewhere.
import { say } from './output.ts'

export type Progress = { share: number; rows: number; refused: number }

const repaintEveryMs = 100
const lineEveryMs = 10_000
const barWidth = 24

export function createProgress(isQuiet: boolean) {
  const isPainting = process.stderr.isTTY && !isQuiet
  const startedMs = performance.now()
  let toldMs = startedMs
  let first: Progress | null = null
  return {
    tell(progress: Progress): void {
      first ??= progress
      const nowMs = performance.now()
      if (isQuiet || nowMs - toldMs < (isPainting ? repaintEveryMs : lineEveryMs)) return
      toldMs = nowMs
      const line = lineOf(progress, first, nowMs - startedMs)
      if (isPainting) process.stderr.write(`\r\x1b[K${barOf(progress.share)} ${line}`)
      else say(line)
    },
    end(): void {
      if (isPainting) process.stderr.write('\r\x1b[K')
    },
  }
}

function barOf(share: number): string {
  const full = Math.round(share * barWidth)
  return `${'█'.repeat(full)}${'░'.repeat(barWidth - full)}`
}

/** `43 %  43,000 rows  8,100/s  3 refused  12 s to go`; the pace is that of this run. */
export function lineOf(now: Progress, first: Progress, tookMs: number): string {
  const pace = (now.rows - first.rows) / (tookMs / 1_000)
  const leftMs = (tookMs * (1 - now.share)) / (now.share - first.share)
  const parts = [
    `${Math.floor(now.share * 100)} %`,
    `${now.rows.toLocaleString('en')} rows`,
    `${Math.round(pace).toLocaleString('en')}/s`,
    now.refused > 0 ? `${now.refused.toLocaleString('en')} refused` : '',
    Number.isFinite(leftMs) ? `${Math.ceil(leftMs / 1_000)} s to go` : '',
  ]
  return parts.filter(Boolean).join('  ')
}
