// Runs the real `belfry` command as people do: a process of its own, its output, its exit code.
import { spawn, type ChildProcessByStdio } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { text } from 'node:stream/consumers'

const ours = path.resolve(import.meta.dirname, '../bin/belfry.js')

export type Ended = { code: number | null; out: string; words: string }
export type CliOptions = {
  dataDir: string
  env?: Record<string, string>
  input?: string
  /** Another `belfry` than that of this clone. */
  program?: string
}

/** Runs a command to its end. */
export async function belfry(args: string[], options: CliOptions): Promise<Ended> {
  const child = begin(args, options)
  child.stdin.end(options.input ?? '')
  const [out, words, code] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    exit(child),
  ])
  return { code, out, words }
}

/** Runs a command until it has said something, then stops it; everything it said by then. */
export async function said(args: string[], options: CliOptions, what: RegExp): Promise<string> {
  const child = begin(args, options)
  const ended = exit(child)
  const words = text(child.stderr)
  let out = ''
  for await (const part of child.stdout.setEncoding('utf8')) {
    out += part as string // by the encoding
    if (what.test(out)) break
  }
  child.kill('SIGTERM')
  await ended
  if (!what.test(out)) throw new Error(`it never said ${what}: ${out}${await words}`)
  return out
}

export type Server = {
  pid: number
  /** The line of the kind, with such a text if one is given, once it was printed. */
  line(kind: string, text?: RegExp): Promise<Line>
  kill(signal: NodeJS.Signals): void
  /** Closes the pipes that its output goes to. */
  stopReading(): void
  ended: Promise<number | null>
  words: Promise<string>
}

/** What it said but for requests that were only slow: so is a busy machine. */
export function troubleIn(words: string): string {
  return words.replaceAll(/.*"statusCode":2\d\d.*"a request was slow or failed".*\n/g, '')
}

export type Line = { kind: string; url: string; api_key: string | null; [name: string]: unknown }

/** `belfry start --json`, once it is ready. */
export function startServer(options: CliOptions, args: string[] = []): Promise<Server> {
  return startStaying(['start', '--json', '--port', '0', ...args], options)
}

/** `belfry worker --json`, once it is ready. */
export function startWorkerProcess(options: CliOptions, args: string[]): Promise<Server> {
  return startStaying(['worker', '--json', '--port', '0', ...args], options)
}

async function startStaying(args: string[], options: CliOptions): Promise<Server> {
  const child = begin(args, options)
  const lines = follow(child.stdout)
  const ended = exit(child)
  const words = text(child.stderr)
  const server: Server = {
    pid: child.pid!,
    ended,
    words,
    async line(kind, text) {
      const found = await lines.find(
        (line) => line.kind === kind && (!text || text.test(String(line['text']))),
      )
      if (!found) throw new Error(`it ended without saying "${kind}": ${await words}`)
      return found
    },
    kill: (signal) => void child.kill(signal),
    stopReading() {
      words.catch(() => {})
      stopReading(child)
    },
  }
  await server.line('ready')
  return server
}

/** `belfry tail --json`, once it watches. */
export async function startTail(options: CliOptions) {
  const child = begin(['tail', '--json'], options)
  const lines = follow(child.stdout)
  const ended = exit(child)
  await once(child.stderr, 'data') // it says that it waits
  return {
    notification: (id: string) => lines.find((line) => line.notification_id === id),
    kill: (signal: NodeJS.Signals) => void child.kill(signal),
    stopReading: () => stopReading(child),
    ended,
  }
}

/** `belfry listen --json`, once it forwards. */
export async function startListening(options: CliOptions, args: string[]) {
  const child = begin(['listen', '--json', ...args], options)
  const lines = follow(child.stdout)
  const ended = exit(child)
  let words = ''
  for await (const part of child.stderr.setEncoding('utf8').iterator({ destroyOnReturn: false })) {
    words += part as string // by the encoding
    if (/Forwarding/.test(words)) break
  }
  child.stderr.resume()
  return {
    words,
    result: (type: string, id: string) =>
      lines.find((line) => line['type'] === type && line['id'] === id),
    kill: (signal: NodeJS.Signals) => void child.kill(signal),
    ended,
  }
}

function stopReading({ stdout, stderr }: Child): void {
  stdout.destroy()
  stderr.destroy()
}

type Child = ChildProcessByStdio<Writable, Readable, Readable>

function begin(args: string[], { dataDir, env = {}, program = ours }: CliOptions): Child {
  const inherited = Object.entries(process.env).filter(([name]) => !/^(BELFRY_|NODE_)/.test(name))
  return spawn(process.execPath, [program, ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...Object.fromEntries(inherited), BELFRY_DATA_DIR: dataDir, ...env },
  })
}

function exit(child: Child): Promise<number | null> {
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
}

/** Remembers the lines and answers as soon as the wanted one has come; undefined after the last. */
function follow(stream: Readable) {
  const seen: Line[] = []
  let waiting: (() => void)[] = []
  let isOver = false
  let rest = ''
  const wake = () => {
    for (const resolve of waiting) resolve()
    waiting = []
  }
  stream.setEncoding('utf8')
  stream.on('data', (chunk: string) => {
    const parts = `${rest}${chunk}`.split('\n')
    rest = parts.pop() ?? ''
    seen.push(...parts.map((part) => JSON.parse(part) as Line))
    wake()
  })
  stream.on('end', () => {
    isOver = true
    wake()
  })
  return {
    async find(isWanted: (line: Line) => boolean): Promise<Line | undefined> {
      for (;;) {
        const found = seen.find(isWanted)
        if (found || isOver) return found
        await new Promise<void>((resolve) => waiting.push(resolve))
      }
    },
  }
}
