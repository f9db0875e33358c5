// Requests of one subscriber: the token and its renewal, deadlines, and trying again.
import { InboxError } from './inbox-error.ts'

export type ConnectionOptions = {
  /** Where Belfry answers, such as `https://notify.example.com`. */
  url: string
  /** A token of the subscriber. Give `getToken` as well or instead, so that it can be renewed. */
  token?: string | undefined
  /** Answers a token that is valid now; asked at the start and whenever one is over. */
  getToken?: (() => string | Promise<string>) | undefined
}

export type Asked = {
  query?: Record<string, string | number | null>
  body?: unknown
  headers?: Record<string, string>
  signal?: AbortSignal
}

type Sent = Omit<RequestInit, 'headers'> & { headers: Record<string, string> }

export type Connection = {
  // What the API answers; the caller knows what it asked for.
  ask<Answer>(method: 'GET' | 'POST' | 'PATCH', path: string, asked?: Asked): Promise<Answer>
  /** An answer whose body is still to come. It has no deadline but the signal. */
  open(path: string, asked: Asked): Promise<Response>
  /** Who is asking, the same in every tab; changes with the token's person. */
  owner(): Promise<string>
}

/** The version of the API that the inbox was written for. */
const apiVersion = '2026-11-21'
const timeoutMs = 15_000
const retryDelaysMs = [400, 1_600]
const renewBeforeMs = 20_000

export function createConnection({ url, token, getToken }: ConnectionOptions): Connection {
  const base = url.replace(/\/+$/, '')
  const tokens = createTokens(token, getToken)

  /** One try, and another with a new token when this one is over. */
  async function send(path: string, init: Sent): Promise<Response> {
    for (let isRenewed = false; ; isRenewed = true) {
      const authorization = `Bearer ${await tokens.get(isRenewed)}`
      const headers = { ...init.headers, authorization, 'belfry-version': apiVersion }
      const response = await fetch(base + path, { ...init, headers }).catch((cause: unknown) => {
        throw new InboxError('offline', 'There was no answer.', { cause })
      })
      if (response.ok) return response
      if (response.status === 401 && getToken && !isRenewed) continue
      throw await errorOf(response)
    }
  }

  return {
    async ask<Answer>(method: string, path: string, { query, body, signal }: Asked = {}) {
      const headers: Record<string, string> = { accept: 'application/json' }
      if (body !== undefined) headers['content-type'] = 'application/json'
      // The same key for every try: what arrived is not done twice.
      if (method === 'POST') headers['idempotency-key'] = randomKey()
      // A click that leaves the page still says that something was read.
      const keepalive = method === 'POST'
      const text = body === undefined ? {} : { body: JSON.stringify(body) }
      const init = { method, headers, keepalive, ...text }

      for (const delayMs of [...retryDelaysMs, null]) {
        const ended = new AbortController()
        const end = () => ended.abort()
        const timer = setTimeout(end, timeoutMs)
        signal?.addEventListener('abort', end)
        try {
          const response = await send(path + textOf(query), { ...init, signal: ended.signal })
          return (await response.json()) as Answer
        } catch (error) {
          signal?.throwIfAborted()
          if (delayMs === null || !isPassing(error)) throw error
        } finally {
          clearTimeout(timer)
          signal?.removeEventListener('abort', end)
        }
        await new Promise((resolve) => setTimeout(resolve, delayMs))
        signal?.throwIfAborted()
      }
      throw new Error('unreachable: the last try either answers or throws')
    },

    open: (path, { headers = {}, signal }) =>
      send(path, { headers, cache: 'no-store', ...(signal && { signal }) }),

    async owner() {
      const { workspace, sub } = claimsOf(await tokens.get(false))
      return JSON.stringify([base, workspace, sub])
    },
  }
}

function createTokens(given: string | undefined, getToken: ConnectionOptions['getToken']) {
  let current = given
  let asking: Promise<string> | undefined

  return {
    /** `isNew`: the last one was refused. Those who ask at the same time get the same. */
    get(isNew: boolean): Promise<string> | string {
      if (current && !isNew && !(getToken && isOver(current))) return current
      if (!getToken) {
        if (current && !isNew) return current
        throw new InboxError('signed_out', 'The inbox has neither a token nor getToken.')
      }
      asking ??= Promise.resolve()
        .then(getToken)
        .then((token) => (current = token))
        .catch((cause: unknown) => {
          throw new InboxError('signed_out', 'getToken gave no token.', { cause })
        })
        .finally(() => (asking = undefined))
      return asking
    },
  }
}

/** What a token says about itself; nothing when it cannot be read. Only the server checks it. */
function claimsOf(token: string): { exp?: number; sub?: string; workspace?: number } {
  try {
    const [, payload = ''] = token.split('.')
    const bytes = Uint8Array.from(atob(payload.replaceAll('-', '+').replaceAll('_', '/')), (byte) =>
      byte.charCodeAt(0),
    )
    return JSON.parse(new TextDecoder().decode(bytes)) as { exp?: number; sub?: string }
  } catch {
    return {}
  }
}

function isOver(token: string): boolean {
  const { exp } = claimsOf(token)
  return exp !== undefined && exp * 1_000 - Date.now() < renewBeforeMs
}

async function errorOf(response: Response): Promise<InboxError> {
  const { status } = response
  const problem = (await response.json().catch(() => ({}))) as { code?: string; detail?: string }
  const kind =
    status === 401 ? 'signed_out' : status === 429 || status >= 500 ? 'server' : 'refused'
  return new InboxError(kind, problem.detail ?? `HTTP ${status}`, { code: problem.code ?? null })
}

function isPassing(error: unknown): boolean {
  return error instanceof InboxError && (error.kind === 'offline' || error.kind === 'server')
}

function textOf(query: Asked['query'] = {}): string {
  const given = Object.entries(query).filter(([, value]) => value !== null)
  const text = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString()
  return text && `?${text}`
}

/** `crypto.randomUUID` is missing where a page is not served securely. */
function randomKey(): string {
  return [...crypto.getRandomValues(new Uint32Array(4))].map((part) => part.toString(36)).join('')
}
