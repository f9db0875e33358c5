// Asks a running Belfry over its HTTP API, as any other program would.
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { newestApiVersion } from '../domain/api-version.ts'
import { findOwner } from '../join.ts'
import { readKey } from '../system.ts'
import { configOf, type JoinOptions } from './options.ts'

export type Problem = {
  status: number
  code: string
  detail: string
  errors: { pointer: string; detail: string }[]
}

export type Api = {
  url: string
  /** @throws Error with the problem in words. */
  ask: <Answer>(method: string, path: string, body?: unknown) => Promise<Answer>
  /** As `ask`, but a refusal of what was sent (422) is an answer. */
  tryAsking: <Answer>(
    method: string,
    path: string,
    body?: unknown,
  ) => Promise<{ answer: Answer } | { problem: Problem }>
}

export type ApiOptions = JoinOptions & { url?: string }

const patienceMs = 30_000
const mostTries = 8
const firstDelayMs = 250

/** The Belfry of the data directory, or of `--url`. @throws Error when there is no key for it. */
export async function findApi(options: ApiOptions): Promise<{ url: string; key: string }> {
  const config = configOf(options)
  const host = config.host === '0.0.0.0' ? '127.0.0.1' : config.host
  const url = (
    options.url ??
    (await findOwner(config))?.url ??
    `http://${host}:${config.port}`
  ).replace(/\/+$/, '')
  const key = config.apiKey ?? (await readKey(join(config.dataDir, 'env')))
  if (key === null)
    throw new Error(`There is no key to ask ${url} with.\n  Set BELFRY_API_KEY: belfry keys create`)
  return { url, key }
}

/** @throws Error as of `findApi`. */
export async function createApi(options: ApiOptions, stop: AbortSignal): Promise<Api> {
  const { url, key } = await findApi(options)
  const tryAsking: Api['tryAsking'] = async (method, path, body) => {
    const response = await send({ url, key, stop }, method, path, body)
    const text = await response.text()
    if (response.ok) return { answer: JSON.parse(text) }
    const problem = problemOf(response.status, text)
    if (response.status === 422) return { problem }
    throw new Error(`${method} ${url}${path} was answered ${response.status}: ${problem.detail}`)
  }
  return {
    url,
    tryAsking,
    async ask<Answer>(method: string, path: string, body?: unknown) {
      const answer = await tryAsking<Answer>(method, path, body)
      if ('answer' in answer) return answer.answer
      throw new Error(`${method} ${url}${path} was refused: ${answer.problem.detail}`)
    },
  }
}

type Target = { url: string; key: string; stop: AbortSignal }

/** Again when the server is away or overloaded: what is asked may be asked twice. */
async function send(
  { url, key, stop }: Target,
  method: string,
  path: string,
  body: unknown,
): Promise<Response> {
  for (let attempt = 1; ; attempt++) {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${key}`,
        'content-type': 'application/json',
        'belfry-version': newestApiVersion,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: AbortSignal.any([stop, AbortSignal.timeout(patienceMs)]),
    }).catch((cause: unknown) => {
      if (stop.aborted || attempt === mostTries)
        throw new Error(`${url} cannot be reached. Is Belfry running there? belfry start`, {
          cause,
        })
      return null
    })
    const isOver =
      response && (attempt === mostTries || ![429, 502, 503, 504].includes(response.status))
    if (isOver) return response
    const asked = Number(response?.headers.get('retry-after') ?? 0) * 1_000
    await response?.body?.cancel()
    await delay(Math.max(asked, firstDelayMs * 2 ** (attempt - 1)), undefined, { signal: stop })
  }
}

/** What a refusal says. */
export function problemOf(status: number, text: string): Problem {
  try {
    const { code, detail, title, errors } = JSON.parse(text) as Partial<Problem & { title: string }>
    return { status, code: code ?? '', detail: detail ?? title ?? text, errors: errors ?? [] }
  } catch {
    return { status, code: '', detail: text.slice(0, 200), errors: [] }
  }
}
