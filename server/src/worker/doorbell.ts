// A doorbell: someone waits for it, anyone may ring it. A ring while nobody waits is kept.

export type Doorbell = {
  ring(): void
  /** Rings by itself at `time` at the latest. */
  ringAt(time: Date, now: Date): void
  /** Resolves at the next ring, after `longestMs`, or when `stop` is aborted. */
  wait(longestMs: number, stop: AbortSignal): Promise<void>
}

export function createDoorbell(): Doorbell {
  let isRung = false
  let wake: (() => void) | null = null
  let alarm: { at: number; timer: NodeJS.Timeout } | null = null

  function ring(): void {
    if (wake) wake()
    else isRung = true
  }

  return {
    ring,
    ringAt(time, now) {
      const inMs = Math.max(0, time.getTime() - now.getTime())
      const at = performance.now() + inMs
      if (inMs > 60_000 || (alarm && alarm.at <= at)) return // the poll is early enough
      if (alarm) clearTimeout(alarm.timer)
      const timer = setTimeout(() => {
        alarm = null
        ring()
      }, inMs)
      alarm = { at, timer: timer.unref() }
    },
    wait(longestMs, stop) {
      if (isRung || stop.aborted) {
        isRung = false
        return Promise.resolve()
      }
      return new Promise((resolve) => {
        const done = () => {
          wake = null
          clearTimeout(timer)
          stop.removeEventListener('abort', done)
          resolve()
        }
        const timer = setTimeout(done, longestMs)
        stop.addEventListener('abort', done)
        wake = done
      })
    },
  }
}
