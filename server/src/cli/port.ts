// Whether a port can be listened on, and who has it otherwise.
import { execFile } from 'node:child_process'
import { readdir, readFile, readlink } from 'node:fs/promises'
import { createServer } from 'node:net'
import { promisify } from 'node:util'

export type PortProblem = { text: string; fix: string }

/** Null when the port is free, at this moment. `setting` is the one that names it. */
export async function portProblem(
  host: string,
  port: number,
  setting: 'BELFRY_PORT' | 'BELFRY_METRICS_PORT' = 'BELFRY_PORT',
): Promise<PortProblem | null> {
  const code = await tryListen(host, port)
  if (code === null) return null
  if (code === 'EADDRINUSE') {
    const holder = await findHolder(port)
    const by = holder === null ? '' : ` by pid ${holder.pid} (${holder.name})`
    return {
      text: `Port ${port} on ${host} is taken${by}.`,
      fix: `Set ${setting} to another port (0 picks a free one), or stop what listens there.`,
    }
  }
  if (code === 'EACCES')
    return {
      text: `This user may not listen on port ${port}.`,
      fix: `Set ${setting} to 1024 or more, and let a proxy answer on the lower port.`,
    }
  return {
    text: `${host} is no address to listen on here (${code}).`,
    fix: 'Set BELFRY_HOST to an address of this machine: 127.0.0.1, or 0.0.0.0 for all of them.',
  }
}

function tryListen(host: string, port: number): Promise<string | null> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
    server.listen({ host, port }, () => server.close(() => resolve(null)))
  })
}

type Holder = { pid: number; name: string }

/** Null when it cannot be found out: processes of other users keep it to themselves. */
async function findHolder(port: number): Promise<Holder | null> {
  try {
    return process.platform === 'linux' ? await findInProc(port) : await askLsof(port)
  } catch {
    return null // no lsof, no /proc: the message does without it
  }
}

async function findInProc(port: number): Promise<Holder | null> {
  const tables = await Promise.all(
    ['/proc/net/tcp', '/proc/net/tcp6'].map((file) => readFile(file, 'utf8').catch(() => '')),
  )
  const wanted = `:${port.toString(16).toUpperCase().padStart(4, '0')}`
  const listening = '0A'
  const sockets = tables
    .flatMap((text) => text.split('\n').slice(1))
    .map((line) => line.trim().split(/\s+/))
    .filter(([, local, , state]) => local?.endsWith(wanted) && state === listening)
    .map((columns) => `socket:[${columns[9]}]`)
  if (sockets.length === 0) return null

  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const files = await readdir(`/proc/${pid}/fd`).catch(() => [])
    for (const file of files) {
      const target = await readlink(`/proc/${pid}/fd/${file}`).catch(() => '')
      if (!sockets.includes(target)) continue
      const name = await readFile(`/proc/${pid}/comm`, 'utf8')
      return { pid: Number(pid), name: name.trim() }
    }
  }
  return null
}

async function askLsof(port: number): Promise<Holder | null> {
  const args = ['-nP', `-iTCP:${port}`, '-sTCP:LISTEN', '-Fpc']
  const { stdout } = await promisify(execFile)('lsof', args, { timeout: 2_000 })
  const pid = /^p(\d+)$/m.exec(stdout)?.[1]
  const name = /^c(.+)$/m.exec(stdout)?.[1]
  return pid === undefined ? null : { pid: Number(pid), name: name ?? 'unknown' }
}
