// A process of a measure, seen from inside: it answers calls of the run, one at a time each.

export type Handlers = Record<string, (argument: never) => unknown>

type Call = { id: number; name: string; argument: unknown }

/** Answers calls until the run disconnects; then the process ends. */
export function serve(handlers: Handlers): void {
  process.on('message', (message) => void answer(handlers, message as Call))
  process.on('disconnect', () => process.exit())
  process.send!({ ready: true })
}

async function answer(handlers: Handlers, { id, name, argument }: Call): Promise<void> {
  try {
    const result = await handlers[name]!(argument as never)
    process.send!({ id, result })
  } catch (error) {
    process.send!({ id, error: (error as Error).stack })
  }
}

/** Milliseconds on the clock that all processes of this machine share. */
export function nowMs(): number {
  return performance.timeOrigin + performance.now()
}
