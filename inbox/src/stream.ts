// The stream of what is new, as server-sent events read with fetch: EventSource cannot send a token.
// It is opened again after every end, a little later each time, from where it was.
import type { Connection } from './connection.ts'
import type { FeedCounts, FeedItem } from './feed-item.ts'
import { InboxError } from './inbox-error.ts'
import { createEventReader, type StreamEvent } from './stream-events.ts'

export type StreamMessage =
  | { event: 'notification.created' | 'notification.updated'; data: FeedItem }
  | { event: 'counts'; data: FeedCounts }
  | { event: 'notification.removed' | 'reset' }

/**
 * `live`: what happens arrives at once. `resumed`: nothing was missed before that. `signed_out`: it has
 * ended and needs another token.
 */
export type StreamStatus =
  { state: 'live'; isResumed: boolean } | { state: 'away' } | { state: 'signed_out' }

export type StreamOptions = {
  connection: Connection
  position: { lastEventId: string | null }
  onMessage: (message: StreamMessage) => void
  onStatus: (status: StreamStatus) => void
  signal: AbortSignal
}

// The server is heard at least every 20 s.
const silenceMs = 50_000
const longestDelayMs = 30_000

/** Runs until the signal, or until the token is over and there is no new one. Never rejects. */
export async function runStream(options: StreamOptions): Promise<void> {
  const { signal, onStatus } = options
  for (let failures = 0; !signal.aborted; failures++) {
    try {
      await readOnce(options, () => (failures = 0))
    } catch (error) {
      if (signal.aborted) return
      if (error instanceof InboxError && error.kind === 'signed_out') {
        onStatus({ state: 'signed_out' })
        return
      }
    }
    if (signal.aborted) return
    // An orderly end (the token is over, the server restarts) is not worth a word.
    if (failures > 0) onStatus({ state: 'away' })
    const delayMs = Math.min(longestDelayMs, 500 * 2 ** failures) * (0.5 + Math.random() / 2)
    await pause(delayMs, signal)
  }
}

async function readOnce(options: StreamOptions, onOpen: () => void): Promise<void> {
  const { connection, position, onStatus, signal } = options
  const silent = new AbortController()
  const end = () => silent.abort()
  let timer = setTimeout(end, silenceMs)
  signal.addEventListener('abort', end)
  try {
    const { lastEventId } = position
    const headers: Record<string, string> = { accept: 'text/event-stream' }
    if (lastEventId !== null) headers['last-event-id'] = lastEventId
    const response = await connection.open('/me/stream', { headers, signal: silent.signal })
    onOpen()
    onStatus({ state: 'live', isResumed: lastEventId !== null })

    const events = createEventReader((event) => take(options, event))
    const decoder = new TextDecoder()
    // An answer that is not empty has a body.
    const reader = response.body!.getReader()
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      clearTimeout(timer)
      timer = setTimeout(end, silenceMs)
      events.feed(decoder.decode(value, { stream: true }))
    }
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', end)
    end()
  }
}

function take({ position, onMessage }: StreamOptions, { id, event, data }: StreamEvent): void {
  if (event === 'notification.created' || event === 'notification.updated')
    onMessage({ event, data: JSON.parse(data) as FeedItem })
  else if (event === 'counts') onMessage({ event, data: JSON.parse(data) as FeedCounts })
  else if (event === 'notification.removed' || event === 'reset') onMessage({ event })
  // After the event: one that was not taken comes again.
  if (id !== null) position.lastEventId = id
}

/** Ends early when the browser says that it is connected again, or when somebody looks again. */
function pause(delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const wake = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', wake)
      globalThis.removeEventListener?.('online', wake)
      resolve()
    }
    const timer = setTimeout(wake, delayMs)
    signal.addEventListener('abort', wake)
    globalThis.addEventListener?.('online', wake)
  })
}
