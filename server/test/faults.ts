// Faults in the conversation with PostgreSQL, by the text of the statement: the process dies, the
// connection breaks, or everything stops there, right before a statement leaves or right after its
// answer came.
import pg from 'pg'

export type Fault = {
  /** A part of the statement's text; '' for any statement. */
  statement: string
  /** Which of the statements that match, from 1 on. */
  nth: number
  when: 'before' | 'after'
  what: 'die' | 'cut' | 'fail'
}

type Query = (...args: unknown[]) => unknown
type Callback = (error: Error | null, result?: unknown) => void

/** Every statement that is sent from now on, and counts, is looked at, until `disarm`. */
export function armFaults(
  faults: Fault[],
  counts: (text: string) => boolean = () => true,
): { readonly fired: number; disarm(): void } {
  const prototype = pg.Client.prototype as unknown as { query: Query }
  const original = prototype.query
  const left = faults.map((fault) => ({ ...fault }))
  let fired = 0

  prototype.query = function (this: pg.Client, ...args: unknown[]): unknown {
    const text = textOf(args[0])
    const callback = args.find((arg) => typeof arg === 'function') as Callback | undefined
    const fault = counts(text)
      ? left.find((each) => text.includes(each.statement) && --each.nth === 0)
      : undefined
    if (!fault) return original.apply(this, args)
    fired++

    const failure = new Error('Connection terminated unexpectedly') // as pg says it
    if (fault.when === 'before') {
      if (fault.what === 'die') process.kill(process.pid, 'SIGKILL')
      if (fault.what === 'cut') cut(this)
      return callback ? void setImmediate(callback, failure) : Promise.reject(failure)
    }
    const answered = (): Error => {
      if (fault.what === 'die') process.kill(process.pid, 'SIGKILL')
      if (fault.what === 'cut') cut(this)
      return failure
    }
    const rest = args.filter((arg) => arg !== callback)
    const result = original.apply(this, rest) as Promise<unknown>
    const lost = result.then(() => Promise.reject(answered()))
    if (!callback) return lost
    return void lost.then(null, callback) // as pg calls it back
  }
  return {
    get fired() {
      return fired
    },
    disarm: () => (prototype.query = original),
  }
}

function cut(client: pg.Client): void {
  const { connection } = client as unknown as { connection: { stream: { destroy(): void } } }
  connection.stream.destroy()
}

function textOf(query: unknown): string {
  if (typeof query === 'string') return query
  return (query as { text?: string } | undefined)?.text ?? ''
}
