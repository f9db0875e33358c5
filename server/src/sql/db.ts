// The door to PostgreSQL: a pool, transactions, and the `sql` tag. Values are always bound, every
// statement is prepared once per connection, and rows come back with camelCase names.
import pg from 'pg'

export type Sql = { name: string; text: string; values: unknown[] }

/**
 * Of the large texts a page of a list may have altogether: a thousand rows could otherwise be as many
 * times the largest. The row that would be too much comes without them, and says so.
 */
export const pageBytes = 8_000_000

/** What a statement needs: the pool itself or an open transaction. */
export type Db = {
  query<Row>(statement: Sql): Promise<Row[]>
}

export type Database = Db & {
  /** Runs `work` in one READ COMMITTED transaction; a throw rolls back. */
  transaction<T>(work: (tx: Db) => Promise<T>): Promise<T>
  /** A connection of its own outside the pool, for LISTEN and for migrations. The caller ends it. */
  connect(): Promise<pg.Client>
  close(): Promise<void>
}

export type DatabaseOptions = {
  connection: pg.ClientConfig
  poolSize?: number
  /** An idle connection broke. The pool replaces it; this is for the log. */
  onError?: (error: Error) => void
}

// A black-holed connection would hang for ever: the server's own time-outs cannot help there.
const queryTimeoutMs = 30_000
const connectTimeoutMs = 10_000

pg.types.setTypeParser(pg.types.builtins.INT8, Number)

export function openDatabase({ connection, poolSize = 16, onError }: DatabaseOptions): Database {
  const settings = {
    ...connection,
    application_name: 'belfry',
    connectionTimeoutMillis: connectTimeoutMs,
    keepAlive: true,
  }
  const pool = new pg.Pool({
    ...settings,
    query_timeout: queryTimeoutMs,
    max: poolSize,
    // Statements are planned once, often while the tables are empty, and then run when they are large:
    // a plan that reads a whole table must never be the one that is kept. For the same reason the
    // statements that run all the time say twice which rows they want (`= any (ids)`, and by a join), or
    // look them up one by one (`lateral (… offset 0)`): a join alone may be planned as reading an index
    // from end to end. sql/plans.test.ts keeps it so.
    // The pool waits for what this returns, which its types do not say.
    // oxlint-disable-next-line typescript/no-misused-promises
    onConnect: (client) => client.query('set enable_seqscan = off'),
  })
  let isClosing = false
  const tell = (error: Error) => {
    if (!isClosing) onError?.(error)
  }
  // Without these a connection cut by the server ends the whole process.
  pool.on('error', tell)
  pool.on('connect', (client) => client.on('error', tell))

  return {
    query: (statement) => run(pool, statement),
    async transaction(work) {
      const client = await pool.connect()
      let failure: Error | undefined
      try {
        await client.query('begin')
        const result = await work({ query: (statement) => run(client, statement) })
        const { command } = await client.query('commit')
        // After an error that `work` swallowed the server answers a commit by rolling back.
        if (command !== 'COMMIT')
          throw new Error('the transaction was rolled back: a statement in it failed')
        return result
      } catch (error) {
        await client.query('rollback').catch((rollbackError: Error) => (failure = rollbackError))
        throw error
      } finally {
        client.release(failure)
      }
    },
    async connect() {
      const client = new pg.Client(settings)
      client.on('error', tell)
      await client.connect()
      return client
    },
    close() {
      isClosing = true
      return pool.end()
    },
  }
}

type Prepared = { name: string; text: string }
const prepared = new WeakMap<TemplateStringsArray, Prepared>()
const made = new WeakMap<Sql, Template>()
let preparedCount = 0

type Template = { strings: readonly string[]; values: unknown[] }

/**
 * A statement with its values bound as $1, $2, …: sql`select … where id = ${id}`. A value that is itself
 * made by `sql` becomes a part of the text: for lists, where `is null or` would hide from the planner what
 * is asked for. Such a statement is planned each time, for its values: connections would have to keep too many.
 */
export function sql(strings: TemplateStringsArray, ...values: unknown[]): Sql {
  const parts = values.some((value) => made.has(value as Sql))
  const statement = parts ? compose(strings, values) : plain(strings, values)
  made.set(statement, { strings, values })
  return statement
}

function plain(strings: TemplateStringsArray, values: unknown[]): Sql {
  let statement = prepared.get(strings)
  if (!statement) {
    statement = { name: `belfry_${++preparedCount}`, text: textOf(strings) }
    prepared.set(strings, statement)
  }
  return { name: statement.name, text: statement.text, values }
}

function compose(strings: readonly string[], values: unknown[]): Sql {
  const flat = flatten({ strings, values })
  return { name: '', text: textOf(flat.strings), values: flat.values }
}

function flatten({ strings, values }: Template): Template {
  const all: { strings: string[]; values: unknown[] } = { strings: [strings[0]!], values: [] }
  values.forEach((value, i) => {
    const part = made.get(value as Sql)
    const inner = part ? flatten(part) : { strings: ['', ''], values: [value] }
    all.strings.push(`${all.strings.pop()}${inner.strings[0]}`, ...inner.strings.slice(1))
    all.strings.push(`${all.strings.pop()}${strings[i + 1]}`)
    all.values.push(...inner.values)
  })
  return all
}

function textOf(strings: readonly string[]): string {
  return strings.reduce((all, part, i) => `${all}$${i}${part}`)
}

async function run<Row>(on: pg.Pool | pg.ClientBase, statement: Sql): Promise<Row[]> {
  const result = await on.query({ ...statement, rowMode: 'array' })
  const names = result.fields.map((field) => camelCase(field.name))
  return result.rows.map((values: unknown[]) => {
    const row: Record<string, unknown> = {}
    for (let i = 0; i < names.length; i++) row[names[i]!] = values[i]
    return row as Row // the caller's type, kept true by each statement's test
  })
}

const camelNames = new Map<string, string>()

function camelCase(name: string): string {
  let camel = camelNames.get(name)
  if (camel === undefined) {
    camel = name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
    camelNames.set(name, camel)
  }
  return camel
}

/** The SQLSTATE of a database error: '23505' for a unique violation; null for any other error. */
export function sqlState(error: unknown): string | null {
  return error instanceof pg.DatabaseError ? (error.code ?? null) : null
}
