// A way to PostgreSQL that can be closed: connections break, new ones are refused, until it opens again.
import { mkdtemp, rm } from 'node:fs/promises'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { ClientConfig } from 'pg'

export type DatabaseProxy = {
  connection: ClientConfig
  /** Breaks every connection; new ones are refused from now on. */
  cut(): Promise<void>
  open(): Promise<void>
  /** The connections there are stay open, and nothing comes through them any more; new ones work. */
  freeze(): void
  close(): Promise<void>
}

export async function createDatabaseProxy(real: ClientConfig): Promise<DatabaseProxy> {
  const folder = await mkdtemp(path.join(tmpdir(), 'belfry-proxy-'))
  const file = `.s.PGSQL.${real.port}` // as PostgreSQL names its sockets
  const sockets = new Set<Socket>()
  let server: Server | null = null

  function keep(socket: Socket): void {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
  }

  async function open(): Promise<void> {
    server = createServer((from) => {
      const to = connect(path.join(String(real.host), file))
      keep(from)
      keep(to)
      from.pipe(to).pipe(from)
      from.on('close', () => to.destroy())
      to.on('close', () => from.destroy())
    })
    await new Promise<void>((resolve) => server!.listen(path.join(folder, file), resolve))
  }

  async function cut(): Promise<void> {
    for (const socket of sockets) socket.destroy()
    await new Promise<void>((resolve) => (server ? server.close(() => resolve()) : resolve()))
    server = null
  }

  await open()
  return {
    connection: { ...real, host: folder },
    cut,
    open,
    freeze() {
      for (const socket of sockets) {
        socket.unpipe()
        socket.resume() // what comes is thrown away
      }
    },
    async close() {
      await cut()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
