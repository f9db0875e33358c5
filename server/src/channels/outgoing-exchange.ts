// One request and its answer on a connection of the outgoing client.
import type { IncomingHttpHeaders } from 'node:http'
import type { Dispatcher } from 'undici'
import { certificateProblem } from './certificate.ts'

export type Answer =
  | {
      kind: 'answered'
      status: number
      headers: Record<string, string | string[] | undefined>
      body: string
      /** False when the body was cut: by its limit, the deadline or a lost connection. */
      isComplete: boolean
    }
  /** Nobody can have seen the message: not a byte of it was written. */
  | { kind: 'not_sent'; code: string; detail: string }
  /** It was (partly) written and no status came back: it may have been taken. */
  | { kind: 'no_answer'; code: string; detail: string }

/**
 * Follows one request. Undici calls `onRequestStart` right before the first byte is written, once the
 * connection (TLS included) stands. What fails before was not sent. What fails after may have
 * arrived, also on a kept-alive connection that the other side was just closing: from here that
 * looks like one closed while the message was being worked on.
 */
export class Exchange implements Dispatcher.DispatchHandler {
  #controller: Dispatcher.DispatchController | null = null
  #status = 0
  #headers: IncomingHttpHeaders = {}
  #chunks: Buffer[] = []
  #byteCount = 0
  #isSettled = false
  #resolve: (answer: Answer) => void
  #signal: AbortSignal
  #maxBytes: number

  constructor(resolve: (answer: Answer) => void, signal: AbortSignal, maxBytes: number) {
    this.#resolve = resolve
    this.#signal = signal
    this.#maxBytes = maxBytes
    if (signal.aborted) this.handleEvent()
    else signal.addEventListener('abort', this)
  }

  /** The signal fired. Settles at once, although undici may hold the request in its queue. */
  handleEvent(): void {
    this.#settleUnanswered(this.#signal.reason?.name === 'TimeoutError' ? 'timeout' : 'aborted')
    this.#controller?.abort(new Error('aborted'))
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    if (this.#isSettled) controller.abort(new Error('aborted'))
    else this.#controller = controller
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: IncomingHttpHeaders,
  ): void {
    if (status < 200) return // 103 Early Hints and the like come before the answer
    this.#status = status
    this.#headers = headers
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    const room = this.#maxBytes - this.#byteCount
    this.#chunks.push(chunk.length > room ? chunk.subarray(0, room) : chunk)
    this.#byteCount += Math.min(chunk.length, room)
    if (chunk.length <= room) return
    this.#settleAnswered(false)
    controller.abort(new Error('answer too long'))
  }

  onResponseEnd(): void {
    this.#settleAnswered(true)
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    const isWritten = this.#controller !== null
    const problem = isWritten ? null : certificateProblem(systemCode(error))
    if (problem) this.#settleUnanswered('bad_certificate', `the certificate ${problem}`)
    else this.#settleUnanswered(codeOf(error, isWritten))
  }

  #settleAnswered(isComplete: boolean): void {
    const { length } = this.#chunks
    const bytes = length === 1 ? this.#chunks[0]! : Buffer.concat(this.#chunks)
    this.#settle({
      kind: 'answered',
      status: this.#status,
      headers: this.#headers,
      body: length === 0 ? '' : bytes.toString(),
      isComplete,
    })
  }

  #settleUnanswered(code: FailureCode, detail: string = details[code]): void {
    // The status came and only the body did not end: the message was answered.
    if (this.#status !== 0) return this.#settleAnswered(false)
    const kind = this.#controller === null ? 'not_sent' : 'no_answer'
    this.#settle({ kind, code, detail })
  }

  #settle(answer: Answer): void {
    if (this.#isSettled) return
    this.#isSettled = true
    this.#signal.removeEventListener('abort', this)
    this.#resolve(answer)
  }
}

// A small, fixed set: finer codes or the system's words would make a port scanner of us.
const details = {
  blocked_address: 'the host resolves to an address that is not public',
  dns_failed: 'the host name could not be resolved',
  connection_refused: 'the connection was refused',
  connect_timeout: 'no connection in time',
  connect_failed: 'the connection could not be made',
  bad_certificate: 'the certificate is not good',
  tls_failed: 'no secure connection: does this port speak TLS?',
  invalid_request: 'the request could not be written as HTTP',
  closed: 'Belfry is shutting down',
  aborted: 'given up before an answer came',
  timeout: 'no answer in time',
  bad_answer: 'the answer was not HTTP',
  connection_lost: 'the connection was lost before an answer came',
} as const

type FailureCode = keyof typeof details

function systemCode(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : ''
}

function codeOf(error: Error, isWritten: boolean): FailureCode {
  const code = systemCode(error)
  if (isWritten) {
    if (code === 'UND_ERR_HEADERS_TIMEOUT') return 'timeout'
    const isMalformed = error.name === 'HTTPParserError' || code === 'UND_ERR_HEADERS_OVERFLOW'
    return isMalformed ? 'bad_answer' : 'connection_lost'
  }
  return codesBeforeWriting[code] ?? (tlsCodes.test(code) ? 'tls_failed' : 'connect_failed')
}

const codesBeforeWriting: Record<string, FailureCode> = {
  blocked_address: 'blocked_address',
  ENOTFOUND: 'dns_failed',
  ENODATA: 'dns_failed',
  EAI_AGAIN: 'dns_failed',
  EAI_FAIL: 'dns_failed',
  ECONNREFUSED: 'connection_refused',
  ETIMEDOUT: 'connect_timeout',
  UND_ERR_CONNECT_TIMEOUT: 'connect_timeout',
  UND_ERR_INVALID_ARG: 'invalid_request',
  UND_ERR_DESTROYED: 'closed',
  UND_ERR_CLOSED: 'closed',
}

const tlsCodes = /^(ERR_TLS|ERR_SSL|CERT_|DEPTH_|SELF_SIGNED|UNABLE_TO|HOSTNAME_|EPROTO)/
