// The other side of our channels, over real sockets: an HTTP endpoint and a mail server that keep
// what they get and answer as a test says.
import { createServer as createHttp2Server } from 'node:http2'
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http'
import type { AddressInfo, Server, Socket } from 'node:net'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'

/** Things that arrive, and promises for so many of them. */
function createArrivals<T>() {
  const items: T[] = []
  const waiting: { count: number; resolve: (items: T[]) => void }[] = []
  return {
    items,
    add(item: T): void {
      items.push(item)
      for (const [index, waiter] of [...waiting.entries()].reverse()) {
        if (items.length < waiter.count) continue
        waiting.splice(index, 1)
        waiter.resolve(items)
      }
    },
    /** Resolves once `count` have arrived since the start. */
    waitFor: (count: number): Promise<T[]> => {
      if (items.length >= count) return Promise.resolve(items)
      return new Promise((resolve) => waiting.push({ count, resolve }))
    },
  }
}

/** Which sockets are open, and a promise for none. */
function trackSockets(server: Server) {
  const open = new Set<Socket>()
  let onEmpty: (() => void)[] = []
  server.on('connection', (socket) => {
    open.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => {
      open.delete(socket)
      if (open.size > 0) return
      for (const resolve of onEmpty) resolve()
      onEmpty = []
    })
  })
  return {
    open,
    allClosed: (): Promise<void> =>
      open.size === 0 ? Promise.resolve() : new Promise((resolve) => onEmpty.push(resolve)),
  }
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

export type SunkRequest = {
  method: string
  path: string
  headers: IncomingHttpHeaders
  body: string
  bytes: Buffer // the body as it came
  at: Date
}

export type HttpReply = { status?: number; headers?: Record<string, string>; body?: string }

/** What to answer; null for nothing at all. May also write to, or destroy, the response itself. */
export type HttpAnswer = (request: SunkRequest, response: ServerResponse) => HttpReply | null

/** `isHttp2`: speaks HTTP/2 from the first byte. */
export async function createHttpSink({
  answer = () => ({}),
  isHttp2 = false,
}: { answer?: HttpAnswer; isHttp2?: boolean } = {}) {
  const requests = createArrivals<SunkRequest>()
  const sink = { answer }
  const take = (request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const { method = '', url: path = '', headers } = request
      const bytes = Buffer.concat(chunks)
      const sunk = { method, path, headers, body: bytes.toString(), bytes, at: new Date() }
      requests.add(sunk)
      const reply = sink.answer(sunk, response)
      if (reply) response.writeHead(reply.status ?? 200, reply.headers).end(reply.body ?? '')
    })
  }
  // Node's HTTP/2 server gives requests and responses of the same shape.
  const server = isHttp2
    ? createHttp2Server((request, response) => take(request as never, response as never))
    : createServer(take)
  const sockets = trackSockets(server)
  const port = await listen(server)

  return Object.assign(sink, {
    url: `http://127.0.0.1:${port}`,
    port,
    requests: requests.items,
    waitFor: requests.waitFor,
    sockets: sockets.open,
    allClosed: sockets.allClosed,
    close: async (): Promise<void> => {
      for (const socket of sockets.open) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  })
}

export type HttpSink = Awaited<ReturnType<typeof createHttpSink>>

export type SunkMail = { from: string; to: string[]; raw: Buffer; at: Date }

/** At which point of the conversation the mail server is asked. */
export type SmtpMoment =
  { at: 'auth'; user: string } | { at: 'rcpt'; to: string } | { at: 'data'; mail: SunkMail }

/** `ok`; a refusal such as `550 5.1.1 No such user`; `silence`; or `hang_up` without a word. */
export type SmtpAnswer = (moment: SmtpMoment) => string

export async function createSmtpSink({
  answer = () => 'ok',
  options = {},
}: { answer?: SmtpAnswer; options?: SMTPServerOptions } = {}) {
  const messages = createArrivals<SunkMail>()
  const sink = { answer }

  function reply(moment: SmtpMoment, socketOf: number, done: (error?: Error) => void): void {
    const said = sink.answer(moment)
    if (said === 'ok') return done()
    if (said === 'silence') return
    if (said === 'hang_up') return byPort.get(socketOf)?.destroy() as undefined
    const responseCode = Number(said.slice(0, 3))
    done(Object.assign(new Error(said.slice(4)), { responseCode }))
  }

  const server = new SMTPServer({
    disabledCommands: ['STARTTLS'],
    authOptional: true,
    allowInsecureAuth: true,
    disableReverseLookup: true,
    ...options,
    onAuth({ username = '' }, { remotePort }, done) {
      reply({ at: 'auth', user: username }, remotePort, (error) =>
        error ? done(error) : done(null, { user: username }),
      )
    },
    onRcptTo({ address }, { remotePort }, done) {
      reply({ at: 'rcpt', to: address }, remotePort, done)
    },
    onData(stream, { envelope, remotePort }, done) {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', () => {
        const from = envelope.mailFrom ? envelope.mailFrom.address : ''
        const to = envelope.rcptTo.map(({ address }) => address)
        const mail = { from, to, raw: Buffer.concat(chunks), at: new Date() }
        messages.add(mail)
        reply({ at: 'data', mail }, remotePort, done)
      })
    },
  })
  server.on('error', () => {}) // connections that tests cut
  const sockets = trackSockets(server.server)
  const byPort = new Map<number, Socket>()
  server.server.on('connection', (socket) => byPort.set(socket.remotePort ?? 0, socket))
  const port = await listen(server.server)

  return Object.assign(sink, {
    port,
    messages: messages.items,
    waitFor: messages.waitFor,
    sockets: sockets.open,
    allClosed: sockets.allClosed,
    close: async (): Promise<void> => {
      for (const socket of sockets.open) socket.destroy()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  })
}

export type SmtpSink = Awaited<ReturnType<typeof createSmtpSink>>

/** A port of this machine that refuses connections. */
export async function closedPort(): Promise<number> {
  const sink = await createHttpSink()
  await sink.close()
  return sink.port
}
