// A proxy in front of a Belfry that fails the way networks do, as a test says.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'

/** What happens to a request: what is not `pass` or `lose` never reaches the server. */
export type Fate =
  | 'pass'
  | 'lose' // the server does its work, and its answer is lost
  | 'hang' // no answer, ever
  | { status: number; headers?: Record<string, string>; body?: string }

export type SeenRequest = { method: string; url: string; headers: IncomingMessage['headers'] }

export async function createFlakyProxy(upstream: string) {
  const fates: Fate[] = []
  const seen: SeenRequest[] = []
  let onSeen: () => void = () => {}

  const server = createServer((request, response) => {
    const { method = '', url = '', headers } = request
    seen.push({ method, url, headers })
    onSeen()
    // Clients give up in the midst of it, which is what the tests are about.
    forward(upstream, request, response, fates.shift() ?? 'pass').catch(() => response.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** What happens to the next requests, in order; after those all pass. Forgets what was seen. */
    plan(...next: Fate[]): void {
      fates.splice(0, fates.length, ...next)
      seen.length = 0
    },
    seen,
    /** Resolves when the next request has come. */
    nextRequest: () => new Promise<void>((resolve) => (onSeen = resolve)),
    async close(): Promise<void> {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

async function forward(
  upstream: string,
  request: IncomingMessage,
  response: ServerResponse,
  fate: Fate,
): Promise<void> {
  const body = await buffer(request)
  if (fate === 'hang') return
  if (typeof fate === 'object')
    return void response.writeHead(fate.status, fate.headers).end(fate.body)

  const { host: _host, connection: _connection, ...headers } = request.headers
  const answer = await fetch(`${upstream}${request.url}`, {
    method: request.method ?? 'GET',
    headers: headers as Record<string, string>, // none of ours comes twice
    ...(body.length > 0 && { body }),
  })
  const bytes = Buffer.from(await answer.arrayBuffer())
  if (fate === 'lose') return void response.destroy()
  response.writeHead(answer.status, Object.fromEntries(answer.headers)).end(bytes)
}
