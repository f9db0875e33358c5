// One child process that renders texts, as its parent sees it. It can be stopped at any moment: the
// limits inside of it are cooperative, this one is not.
import { spawn, type ChildProcess } from 'node:child_process'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { RenderBatch, RenderResult } from './render-batch.ts'

/** `done`; or it was stopped because a text did not come in time; or it ended by itself, out of memory. */
export type BatchEnd = 'done' | 'stopped' | 'gone'

export type RenderProcess = {
  readonly isAlive: boolean
  /** One at a time. Each result as it comes, in the order of the readers. */
  render(batch: RenderBatch, onResult: (result: RenderResult) => void): Promise<BatchEnd>
  stop(): void
}

const longestStartMs = 10_000
const longestTextMs = 500
// A machine that has no time for it is not the template's fault: then its own time is what counts.
const busyMs = 400 // of 500, less what the clocks are apart
const longestWaitMs = 5_000
const memoryMb = 96

export function startRenderProcess(): RenderProcess {
  const child = launch()
  let isAlive = true
  let current: { onLine: (line: string) => void; onEnd: (end: BatchEnd) => void } | null = null
  let onReady = () => {}
  const ready = new Promise<void>((resolve) => (onReady = resolve))
  let isReady = false

  createInterface({ input: child.stdout! }).on('line', (line) => {
    if (isReady) current?.onLine(line)
    else isReady = true
    onReady()
  })
  const onGone = () => {
    isAlive = false
    onReady()
    current?.onEnd('gone')
  }
  child.on('error', onGone).on('exit', onGone)
  child.stdin!.on('error', () => {}) // it ended before it had read all: `exit` says so

  const stop = () => {
    isAlive = false
    child.kill('SIGKILL')
  }
  return {
    get isAlive() {
      return isAlive
    },
    async render(batch, onResult) {
      const late = setTimeout(stop, longestStartMs)
      await ready
      clearTimeout(late)
      if (!isAlive) return 'gone'
      return new Promise((resolve) => {
        let left = batch.readers.length
        let begunMs = performance.now()
        let cpuMs: number | null = cpuMsOf(child) // when the text began, or was first found to be late
        const onLate = () => {
          const nowCpuMs = cpuMsOf(child)
          const usedMs = nowCpuMs - (cpuMs ?? nowCpuMs)
          cpuMs ??= nowCpuMs
          const isStarved = usedMs < busyMs && performance.now() - begunMs < longestWaitMs
          if (isStarved) return void timer.refresh()
          stop()
          finish('stopped')
        }
        const timer = setTimeout(onLate, longestTextMs)
        const finish = (end: BatchEnd) => {
          clearTimeout(timer)
          current = null
          resolve(end)
        }
        current = {
          onEnd: finish,
          onLine(line) {
            onResult(JSON.parse(line) as RenderResult)
            left--
            if (left === 0) return finish('done')
            begunMs = performance.now()
            cpuMs = null
            timer.refresh()
          },
        }
        child.stdin!.write(`${JSON.stringify(batch)}\n`)
      })
    },
    stop,
  }
}

const clockTickMs = 10

/** The time it has had so far; endless where that is not told, so that only the clock counts. */
function cpuMsOf({ pid }: ChildProcess): number {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1]!.split(' ')
    return (Number(fields[11]) + Number(fields[12])) * clockTickMs
  } catch {
    return Number.POSITIVE_INFINITY
  }
}

function launch(): ChildProcess {
  // Sources are TypeScript, what is published is JavaScript: the file beside this one, whichever it is.
  const entry = path.join(import.meta.dirname, `render-child${path.extname(import.meta.filename)}`)
  const child = spawn(process.execPath, [...flags(), entry], {
    env: {},
    stdio: ['pipe', 'pipe', 'ignore'],
    windowsHide: true,
  })
  // It must not keep the process alive that has nothing else to do.
  child.unref()
  for (const stream of [child.stdin, child.stdout]) (stream as unknown as { unref(): void }).unref()
  return child
}

const packages = [
  'liquidjs',
  'marked',
  'html-to-text',
  'intl-messageformat',
  '@css-inline/css-inline-wasm',
]

function flags(): string[] {
  const memory = [`--max-old-space-size=${memoryMb}`, '--max-semi-space-size=8']
  const safety = ['--disallow-code-generation-from-strings', '--no-warnings']
  if (!process.allowedNodeEnvironmentFlags.has('--permission')) return [...memory, ...safety]
  // It may read the program, and nothing else: no other file, no network, no process.
  const program = path.join(import.meta.dirname, '..', '..')
  const folders = new Set([program, ...packages.map(folderOf)])
  return [
    ...memory,
    ...safety,
    '--permission',
    ...[...folders].map((name) => `--allow-fs-read=${name}`),
  ]
}

/** The outermost node_modules that a package is in: what it needs itself is there too. */
function folderOf(name: string): string {
  const file = fileURLToPath(import.meta.resolve(name))
  const end = file.indexOf(`${path.sep}node_modules${path.sep}`)
  return end === -1 ? path.dirname(file) : file.slice(0, end + '/node_modules'.length)
}
