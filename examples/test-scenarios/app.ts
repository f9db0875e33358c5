// The test tool: a web app of its own that knows of Belfry only whom to give a token.
import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { json } from 'node:stream/consumers'
import type { Pool } from 'pg'
import type { Reached } from '../belfry.ts'
import { users, type User } from './people.ts'
import { createScenario, deleteScenario, executeScenario, listScenarios } from './scenarios.ts'

export type App = { url: string; close(): void }
export type Parts = { belfry: Reached; database: Pool }

type Asked = { user: User; id: string; body: Record<string, unknown> }
type Answer = { status: number; body?: unknown; cookie?: string }

export async function startApp(parts: Parts, port = 0): Promise<App> {
  const sessions = new Map<string, User>()
  const server = createServer((request, response) => {
    answer(parts, sessions, request, response).catch((error: unknown) => {
      console.error(error)
      send(response, { status: 500, body: { error: 'Something went wrong here. Try again.' } })
    })
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, '127.0.0.1', resolve)
  })
  const address = server.address() as AddressInfo // it listens on a port
  return {
    url: `http://127.0.0.1:${address.port}`,
    close() {
      server.close()
      server.closeAllConnections()
    },
  }
}

async function answer(
  parts: Parts,
  sessions: Map<string, User>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { method = '', url = '' } = request
  const path = new URL(url, 'http://app').pathname
  const file = files[`${method} ${path}`]
  if (file) return sendFile(parts, file, response)

  const session = /(?:^|; )test_scenarios=([\w-]+)/.exec(request.headers.cookie ?? '')?.[1] ?? ''
  const user = sessions.get(session) ?? null
  const body = method === 'POST' ? await readBody(request) : {}
  if (path === '/session') {
    sessions.delete(method === 'GET' ? '' : session)
    return send(response, answerSession({ parts, sessions, method, user, body }))
  }
  if (!user) return send(response, { status: 401, body: { error: 'Sign in first.' } })
  const id = /\d+/.exec(path)?.[0] ?? ''
  const route = routes[`${method} ${path.replace(/\/\d{1,15}(?=\/|$)/, '/:id')}`]
  if (!route) return send(response, missing)
  send(response, await route({ user, id, body }, parts))
}

/** Who is signed in; a POST signs somebody in, a DELETE out. */
function answerSession(asked: {
  parts: Parts
  sessions: Map<string, User>
  method: string
  user: User | null
  body: Record<string, unknown>
}): Answer {
  const { parts, sessions, method } = asked
  const user =
    method === 'GET' ? asked.user : (users.find(({ id }) => id === asked.body.user) ?? null)
  const body = { user, users, belfry: parts.belfry.url }
  if (method === 'GET') return { status: 200, body }
  if (method === 'POST' && !user) return { status: 400, body: { error: 'There is no such user.' } }
  const session = randomUUID()
  if (user) sessions.set(session, user)
  return {
    status: 200,
    body,
    cookie: `test_scenarios=${session}; Path=/; HttpOnly; SameSite=Strict`,
  }
}

const missing: Answer = { status: 404, body: { error: 'There is no such test scenario.' } }

const routes: Record<string, (asked: Asked, parts: Parts) => Promise<Answer>> = {
  'GET /scenarios': async (_, { database }) => ({
    status: 200,
    body: await listScenarios(database),
  }),

  async 'POST /scenarios'({ user, body }, { database }) {
    const name = typeof body.name === 'string' ? body.name.trim() : ''
    if (name === '' || name.length > 200)
      return { status: 400, body: { error: 'Give it a name of 1 to 200 characters.' } }
    return { status: 201, body: await createScenario(database, name, user.name) }
  },

  async 'POST /scenarios/:id/execute'({ user, id }, { database }) {
    const scenario = await executeScenario(database, id, user.name)
    return scenario ? { status: 200, body: scenario } : missing
  },

  async 'DELETE /scenarios/:id'({ id }, { database }) {
    return (await deleteScenario(database, id)) ? { status: 204 } : missing
  },

  // The one thing the page needs of Belfry's secret key: who is signed in may read their own inbox.
  async 'POST /token'({ user }, { belfry }) {
    return { status: 201, body: await belfry.client.subscribers.token(user.id) }
  },
}

const files: Record<string, [name: string, type: string]> = {
  'GET /': ['page.html', 'text/html'],
  'GET /page.css': ['page.css', 'text/css'],
  'GET /page.js': ['page.js', 'text/javascript'],
}

async function sendFile(
  { belfry }: Parts,
  [name, type]: [string, string],
  response: ServerResponse,
): Promise<void> {
  const text = await readFile(join(import.meta.dirname, 'page', name))
  const { origin } = new URL(belfry.url)
  const rules = `default-src 'none'; style-src 'self'; img-src data:; script-src 'self' ${origin}; connect-src 'self' ${origin}`
  response
    .writeHead(200, {
      'content-type': `${type}; charset=utf-8`,
      'content-security-policy': rules,
      'cache-control': 'no-cache',
    })
    .end(text)
}

async function readBody(request: IncomingMessage): Promise<Record<string, unknown>> {
  // Other sites cannot send this type without asking first.
  if (request.headers['content-type'] !== 'application/json') return {}
  const body: unknown = await json(request).catch(() => null)
  return typeof body === 'object' ? { ...body } : {}
}

function send(response: ServerResponse, { status, body, cookie }: Answer): void {
  response
    .writeHead(status, {
      'content-type': 'application/json',
      'cache-control': 'no-store',
      ...(cookie && { 'set-cookie': cookie }),
    })
    .end(body === undefined ? '' : JSON.stringify(body))
}
