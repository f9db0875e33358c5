// A feed as it changes: server-sent events over fetch, so that the token goes in a header, and again from
// where it was whenever the connection is lost.
import { BelfryError } from './belfry-error.ts'
import { readAnswer } from './answer.ts'
import type { Answer } from './call.ts'
import { retryDelayMs } from './retry.ts'
import { apiVersion } from './schema.ts'

export type FeedEvent =
  | { event: 'notification.created' | 'notification.updated'; data: Answer<'markMyRead'> }
  /** It has left the feed: a newer one took its place. */
  | { event: 'notification.removed'; data: { id: string } }
  | { event: 'counts'; data: { unread_count: number; unseen_count: number } }
  /** What was missed cannot be told: load the feed again. */
  | { event: 'reset'; data: Record<string, never> }

export type StreamOptions = {
  /** Where Belfry answers. */
  url: string
  /** The token of the subscriber; a function is asked for a new one when the last is over. */
  token: string | (() => string | Promise<string>)
  /** On a server, with a secret key as `token`: whose feed. */
  subscriber?: string | undefined
  /** The position to go on from. */
  lastEventId?: string | undefined
  /** Ends the stream. */
  signal?: AbortSignal | undefined
  fetch?: typeof globalThis.fetch | undefined
}

/** Longer than the server is ever silent. */
const silenceMs = 45_000

/**
 * Goes on until `signal` is aborted, or the loop is left. An item may come twice: apply it by its id.
 *
 * @throws BelfryError when the server refuses for a reason that does not pass, such as a token that is none.
 */
export async function* streamFeed(options: StreamOptions): AsyncGenerator<FeedEvent, void> {
  const { signal } = options
  let position = options.lastEventId
  for (let failures = 0; !isAborted(signal); failures++) {
    try {
      for await (const { event, id, data } of connect(options, position)) {
        failures = 0
        position = id ?? position
        // The routes of the server say what these are; what this client does not know it leaves out.
        if (data !== null && known.has(event)) yield { event, data: JSON.parse(data) } as FeedEvent
      }
    } catch (error) {
      if (isAborted(signal)) return
      if (error instanceof BelfryError && !isPassing(error, options)) throw error
    }
    if (!isAborted(signal)) await pause(retryDelayMs(failures + 1, null), signal)
  }
}

const known = new Set([
  'notification.created',
  'notification.updated',
  'notification.removed',
  'counts',
  'reset',
])

/** A function may give a new token. */
function isPassing({ status }: BelfryError, { token }: StreamOptions): boolean {
  if (status === 401) return typeof token === 'function'
  return status === null || status === 429 || status >= 500
}

function isAborted(signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true
}

function refusal(response: Response, text: string, path: string): BelfryError {
  const asked = { name: `GET ${path}`, alsoAnswers: [] }
  const answer = readAnswer(response, text, asked)
  if (answer instanceof BelfryError) return answer
  return new BelfryError({
    code: 'unexpected_answer',
    request: asked.name,
    status: response.status,
    detail: 'The answer is no stream.',
  })
}

type Block = { event: string; id: string | null; data: string | null }

async function* connect(
  { url, token, subscriber, fetch = globalThis.fetch, signal }: StreamOptions,
  position: string | undefined,
): AsyncGenerator<Block> {
  const bearer = typeof token === 'function' ? await token() : token
  const path =
    subscriber === undefined
      ? '/me/stream'
      : `/subscribers/${encodeURIComponent(subscriber)}/stream`
  const stop = new AbortController()
  const abort = () => stop.abort()
  signal?.addEventListener('abort', abort)
  let timer = setTimeout(abort, silenceMs)
  try {
    const response = await fetch(url.replace(/\/+$/, '') + path, {
      headers: {
        authorization: `Bearer ${bearer}`,
        'belfry-version': apiVersion,
        ...(position !== undefined && { 'last-event-id': position }),
      },
      signal: stop.signal,
    })
    if (!response.ok || !response.body) throw refusal(response, await response.text(), path)
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
    let rest = ''
    for (;;) {
      const { done, value } = await reader.read()
      clearTimeout(timer)
      if (done) return
      timer = setTimeout(abort, silenceMs)
      const blocks = (rest + value).split('\n\n')
      rest = blocks.pop()!
      for (const block of blocks) yield readBlock(block)
    }
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', abort)
    stop.abort() // also when the loop was left
  }
}

function readBlock(block: string): Block {
  const lines = block.split('\n')
  const field = (name: string) =>
    lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2) ?? null
  return { event: field('event') ?? 'message', id: field('id'), data: field('data') }
}

function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal?.addEventListener('abort', done)
  })
}
