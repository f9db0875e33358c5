// A process of a measure, seen from the run: started, called, and always ended with it.
import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

export type Child = {
  pid: number
  /** Calls a handler of the child. */
  call<Result>(name: string, argument?: unknown): Promise<Result>
  /** What the child says without being asked. */
  onNote(listener: (note: unknown) => void): void
  /** Ends it: a request first, by force after `graceMs`. */
  stop(graceMs?: number): Promise<void>
}

export type ChildOptions = {
  args?: string[]
  env?: Record<string, string>
  nodeOptions?: string[]
  cwd?: string
}

type Message = { ready?: true; id?: number; result?: unknown; error?: string; note?: unknown }
type Waiting = { resolve: (result: never) => void; reject: (error: Error) => void }

const patienceMs = 300_000

/** Starts a file of `bench/` and waits until it serves. */
export async function startChild(file: string, options: ChildOptions = {}): Promise<Child> {
  const { args = [], env = {}, nodeOptions = [], cwd } = options
  const child = fork(join(import.meta.dirname, file), args, {
    env: { PATH: process.env.PATH, ...env },
    execArgv: nodeOptions,
    serialization: 'advanced',
    ...(cwd && { cwd }),
  })
  const { promise: ready, resolve, reject } = Promise.withResolvers<void>()
  const waiting = new Map<number, Waiting>()
  const listeners: ((note: unknown) => void)[] = []
  child.on('exit', (code, signal) => {
    const error = new Error(`${file} ended (${signal ?? code})`)
    reject(error)
    for (const call of waiting.values()) call.reject(error)
  })
  child.on('message', (raw) => {
    const message = raw as Message
    if (message.ready) return resolve()
    if (message.id === undefined) return listeners.forEach((listener) => listener(message.note))
    const call = waiting.get(message.id)
    waiting.delete(message.id)
    if (message.error === undefined) call?.resolve(message.result as never)
    else call?.reject(new Error(message.error))
  })
  await ready

  let callCount = 0
  return {
    pid: child.pid!,
    call(name, argument) {
      const id = ++callCount
      child.send({ id, name, argument })
      return new Promise((resolve, reject) => {
        waiting.set(id, { resolve, reject })
        const tooLong = () => reject(new Error(`${file}: ${name} did not answer in time`))
        setTimeout(tooLong, patienceMs).unref()
      })
    },
    onNote: (listener) => void listeners.push(listener),
    stop: (graceMs = 10_000) => end(child, graceMs),
  }
}

async function end(child: ChildProcess, graceMs: number): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), graceMs)
  await ended
  clearTimeout(timer)
}
