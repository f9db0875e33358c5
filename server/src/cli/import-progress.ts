// How far an import has come, and how fast.
import { createProgressLine } from './progress-line.ts'

export type Progress = { share: number; rows: number; refused: number }

export function createProgress(isQuiet: boolean) {
  const line = createProgressLine(isQuiet)
  const startedMs = performance.now()
  let first: Progress | null = null
  return {
    tell(progress: Progress): void {
      const since = (first ??= progress)
      line.tell(progress.share, () => lineOf(progress, since, performance.now() - startedMs))
    },
    end: line.end,
  }
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
