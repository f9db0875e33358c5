// One stream for all tabs of a person. Whoever holds the lock reads it and tells the others over a
// channel; when that tab goes, the next one gets the lock and goes on where it was.
import type { Connection } from './connection.ts'
import { runStream, type StreamMessage, type StreamStatus } from './stream.ts'

type Told =
  | { kind: 'message'; message: StreamMessage; lastEventId: string | null }
  | { kind: 'status'; status: StreamStatus; lastEventId: string | null }
  | { kind: 'hello' } // a new tab wants to know how it stands

export type SharedStreamOptions = {
  connection: Connection
  onMessage: (message: StreamMessage) => void
  onStatus: (status: StreamStatus) => void
  signal: AbortSignal
}

export type SharedStream = {
  /** Tells the other tabs. */
  publish(message: StreamMessage): void
}

/** Rejects only when there is no token. */
export async function openSharedStream(options: SharedStreamOptions): Promise<SharedStream> {
  const { connection, onMessage, onStatus, signal } = options
  const name = `belfry-inbox ${await connection.owner()}`
  const position = { lastEventId: null as string | null }
  let status: StreamStatus | null = null // null: another tab reads the stream
  const channel = new BroadcastChannel(name)
  const tell = (told: Told) => {
    // A channel is of one origin: there is no other to name, as a window's postMessage asks for.
    // oxlint-disable-next-line unicorn/require-post-message-target-origin
    if (!signal.aborted) channel.postMessage(told)
  }

  channel.addEventListener('message', ({ data: told }: MessageEvent<Told>) => {
    if (told.kind === 'hello') {
      if (status) tell({ kind: 'status', status, lastEventId: position.lastEventId })
      return
    }
    position.lastEventId = told.lastEventId ?? position.lastEventId
    if (told.kind === 'message') onMessage(told.message)
    // What the others lack without a token is not what this one lacks.
    else if (told.status.state !== 'signed_out') onStatus(told.status)
  })
  signal.addEventListener('abort', () => channel.close())
  if (signal.aborted) channel.close()

  const read = () =>
    runStream({
      connection,
      position,
      signal,
      onMessage(message) {
        onMessage(message)
        tell({ kind: 'message', message, lastEventId: position.lastEventId })
      },
      onStatus(next) {
        status = next
        onStatus(next)
        tell({ kind: 'status', status, lastEventId: position.lastEventId })
      },
    })
  // There are no locks where a page is not served securely: each tab has its own stream then.
  const locked = globalThis.navigator?.locks
    ? navigator.locks.request(name, { signal }, read)
    : read()
  locked.catch(() => {}) // the signal, while waiting for the lock
  tell({ kind: 'hello' })
  return { publish: (message) => tell({ kind: 'message', message, lastEventId: null }) }
}
