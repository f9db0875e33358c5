// How far something has come: a bar on a terminal, a line now and then elsewhere.
import { say } from './output.ts'

const repaintEveryMs = 100
const lineEveryMs = 10_000
const barWidth = 24

export type ProgressLine = {
  /** `share` is from 0 to 1; the words are asked for only when they are shown. */
  tell(share: number, words: () => string): void
  end(): void
}

export function createProgressLine(isQuiet: boolean): ProgressLine {
  const isPainting = process.stderr.isTTY && !isQuiet
  let toldMs = performance.now()
  return {
    tell(share, words) {
      const nowMs = performance.now()
      if (isQuiet || nowMs - toldMs < (isPainting ? repaintEveryMs : lineEveryMs)) return
      toldMs = nowMs
      if (isPainting) process.stderr.write(`\r\x1b[K${barOf(share)} ${words()}`)
      else say(words())
    },
    end() {
      if (isPainting) process.stderr.write('\r\x1b[K')
    },
  }
}

function barOf(share: number): string {
  const full = Math.round(share * barWidth)
  return `${'█'.repeat(full)}${'░'.repeat(barWidth - full)}`
}
