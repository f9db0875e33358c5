// A doorbell: someone waits for it, anyone may ring it. A ring while nobody waits is kept.

export type Doorbell = {
  ring(): void
  /** Rings by itself at `time`, if that is soon; otherwise whoever waits finds out by looking. */
  ringAt(time: Date, now: Date): void
  /** Resolves at the next ring, after `longestMs`, or when `stop` is aborted. */
  wait(longestMs: number, stop: AbortSignal): Promise<void>
}

const furthestAlarmMs = 60_000
const mostAlarms = 1_000

export function createDoorbell(): Doorbell {
  let isRung = false
  let wake: (() => void) | null = null
  let alarmCount = 0

  function ring(): void {
    if (wake) wake()
    else isRung = true
  }

  return {
    ring,
    ringAt(time, now) {
      const inMs = Math.max(0, time.getTime() - now.getTime())
      if (inMs > furthestAlarmMs || alarmCount >= mostAlarms) return // looking now and then will do
      alarmCount++
      setTimeout(() => {
        alarmCount--
        ring()
      }, inMs).unref()
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
