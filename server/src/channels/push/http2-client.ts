// Requests to one host over one HTTP/2 connection, opened when needed: the only way Apple takes. Only public
// addresses are connected to, as everywhere.
import type { ClientHttp2Session, ClientHttp2Stream, IncomingHttpHeaders } from 'node:http2'
import type { Answer } from '../outgoing-exchange.ts'
import { guardedLookup } from '../outgoing.ts'
import type { ProviderContext } from '../provider.ts'

export type Http2Request = {
  path: string
  headers: Record<string, string>
  body: string
  signal: AbortSignal
}

export type Http2Client = {
  /** Never throws for what happens on the network: that is an `Answer`. */
  post(request: Http2Request): Promise<Answer>
  /** Waits for requests under way. */
  close(): Promise<void>
}

const connectTimeoutMs = 10_000
const idleMs = 60_000
const mostBytes = 64 * 1_024

export function createHttp2Client(base: string, { allowed }: ProviderContext): Http2Client {
  let opening: Promise<ClientHttp2Session> | null = null
  let isClosed = false

  /** The connection, ready to be written to. Rejects when there can be none. */
  function session(): Promise<ClientHttp2Session> {
    opening ??= open(base, guardedLookup(allowed), () => (opening = null))
    return opening
  }

  return {
    async post({ signal, ...request }) {
      if (isClosed) return { kind: 'not_sent', code: 'closed', detail: 'Belfry is shutting down' }
      if (signal.aborted) return { kind: 'not_sent', code: 'aborted', detail: givenUp }
      let connected: ClientHttp2Session
      try {
        connected = await Promise.race([session(), aborted(signal)])
      } catch (error) {
        return notConnected(error as NodeJS.ErrnoException, signal)
      }
      return exchange(connected, request, signal)
    },
    async close() {
      isClosed = true
      const current = await opening?.catch(() => null)
      if (!current || current.destroyed) return
      await new Promise<void>((resolve) => current.close(resolve))
    },
  }
}

async function open(
  base: string,
  lookup: ReturnType<typeof guardedLookup>,
  onEnd: () => void,
): Promise<ClientHttp2Session> {
  const { connect } = await import('node:http2') // few servers send to Apple
  return new Promise((resolve, reject) => {
    const session = connect(base, { lookup })
    const timer = setTimeout(() => session.destroy(timedOut()), connectTimeoutMs)
    session.once('connect', () => {
      clearTimeout(timer)
      resolve(session)
    })
    session.on('error', reject) // after the connection: its streams tell
    session.on('goaway', onEnd) // those under way may still end
    session.once('close', () => {
      clearTimeout(timer)
      onEnd()
      reject(new Error('closed'))
    })
    session.setTimeout(idleMs, () => session.close())
  })
}

const givenUp = 'given up before an answer came'

function timedOut(): Error {
  return Object.assign(new Error('no connection in time'), { code: 'connect_timeout' })
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(new Error('aborted')), { once: true })
  })
}

function notConnected(error: NodeJS.ErrnoException, signal: AbortSignal): Answer {
  const not = (code: string, detail: string): Answer => ({ kind: 'not_sent', code, detail })
  if (signal.aborted) return not('aborted', givenUp)
  if (error.code === 'blocked_address')
    return not('blocked_address', 'the host resolves to an address that is not public')
  if (error.code === 'ENOTFOUND') return not('dns_failed', 'the host name could not be resolved')
  if (error.code === 'ECONNREFUSED') return not('connection_refused', 'the connection was refused')
  if (error.code === 'connect_timeout') return not('connect_timeout', 'no connection in time')
  return not('connect_failed', 'the connection could not be made')
}

/** A stream that the other side has not looked at (a refused one, one after GOAWAY) was not sent. */
function exchange(
  session: ClientHttp2Session,
  { path, headers, body }: Omit<Http2Request, 'signal'>,
  signal: AbortSignal,
): Promise<Answer> {
  return new Promise((resolve) => {
    if (session.closed || session.destroyed)
      return resolve({ kind: 'not_sent', code: 'connection_lost', detail: 'the connection ended' })
    const stream = session.request({ ...headers, ':method': 'POST', ':path': path })
    const cancel = () => stream.close(8) // CANCEL
    signal.addEventListener('abort', cancel, { once: true })
    let said: IncomingHttpHeaders | null = null
    const chunks: Buffer[] = []
    let byteCount = 0
    stream.once('response', (given) => (said = given))
    stream.on('data', (chunk: Buffer) => {
      byteCount += chunk.length
      if (byteCount <= mostBytes) chunks.push(chunk)
      else stream.close(8)
    })
    stream.once('error', () => {}) // told by what follows it
    stream.once('close', () => {
      signal.removeEventListener('abort', cancel)
      resolve(answerOf(stream, said, chunks, signal))
    })
    stream.end(body)
  })
}

const refusedStream = 7

function answerOf(
  stream: ClientHttp2Stream,
  said: (IncomingHttpHeaders & { ':status'?: number }) | null,
  chunks: Buffer[],
  signal: AbortSignal,
): Answer {
  const status = said?.[':status']
  if (said && status !== undefined) {
    const isComplete = stream.readableEnded
    const body = Buffer.concat(chunks).toString()
    return { kind: 'answered', status, headers: said, body, isComplete }
  }
  if (stream.rstCode === refusedStream)
    return { kind: 'not_sent', code: 'refused_stream', detail: 'the request was not looked at' }
  if (!signal.aborted)
    return {
      kind: 'no_answer',
      code: 'connection_lost',
      detail: 'the connection was lost before an answer came',
    }
  const isLate = (signal.reason as Error | undefined)?.name === 'TimeoutError'
  return isLate
    ? { kind: 'no_answer', code: 'timeout', detail: 'no answer in time' }
    : { kind: 'no_answer', code: 'aborted', detail: givenUp }
}
