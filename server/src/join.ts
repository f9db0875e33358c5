// Joins the database of a Belfry for as long as a command takes, whether or not a server runs on it.
import type { Config } from './config.ts'
import type { Context } from './context.ts'
import { readOwner, type Owner } from './embedded/owner.ts'
import { createLog } from './log.ts'
import { loadOrCreateSecret } from './secrets.ts'
import { openDatabase, type Database } from './sql/db.ts'
import { migrate, migrationStatus, MigrationError } from './sql/migrate.ts'
import { connectTo } from './system.ts'

export type Joined = AsyncDisposable & {
  ctx: Context
  /** Whether a server works on this database; null: it cannot be known from here. */
  hasServer: boolean | null
}

/**
 * Opens everything but the doors. A database of our own is brought up to date; one that was given is
 * left as it is.
 *
 * @throws MigrationError when the schema of a given database is not the one of this program.
 */
export async function join(config: Config): Promise<Joined> {
  const loading = import('./context.ts')
  loading.catch(() => {}) // awaited below, unless the database fails first
  await using undo = new AsyncDisposableStack()
  const { connection, embedded } = await connectTo(config, () => {}, true)
  if (embedded) undo.defer(() => embedded.stop())
  await ensureSchema({ connection, isOurs: embedded?.isOwner ?? false })

  const { createContext } = await loading
  const secret = config.secret ?? (await loadOrCreateSecret(config.dataDir))
  const log = createLog({ level: config.logLevel === 'silent' ? 'silent' : 'error' })
  const ctx = await createContext({ config, log, connection, secret })
  undo.defer(() => ctx.close())
  const held = undo.move()
  return {
    ctx,
    hasServer: embedded && !embedded.isOwner,
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  }
}

/** Only the database, its schema as it is found: to look at it, or to migrate it. */
export async function joinDatabase(config: Config): Promise<AsyncDisposable & { db: Database }> {
  const { connection, embedded } = await connectTo(config, () => {}, true)
  const db = openDatabase({ connection, poolSize: 2 })
  return {
    db,
    async [Symbol.asyncDispose]() {
      await db.close()
      await embedded?.stop()
    },
  }
}

/**
 * The address of the database; null when it is the embedded one and no process runs it. With the socket as a
 * parameter: that is how most drivers take it.
 */
export async function findDatabaseUrl(config: Config): Promise<string | null> {
  if (config.databaseUrl) return config.databaseUrl
  if (!(await findOwner(config))) return null
  const { embedded } = await connectTo(config, () => {}, true)
  if (!embedded || embedded.isOwner) {
    await embedded?.stop() // who ran it ended just now
    return null
  }
  const { user, database, host, port } = embedded.connection
  await embedded.stop()
  const address = new URL(`postgresql://${user}@localhost:${port}/${database}`)
  address.searchParams.set('host', host)
  return address.href
}

/** The process that owns the embedded database, a command or a server; null when none does. */
export async function findOwner({ databaseUrl, dataDir }: Config): Promise<Owner | null> {
  return databaseUrl ? null : readOwner(dataDir)
}

async function ensureSchema(options: {
  connection: Parameters<typeof openDatabase>[0]['connection']
  isOurs: boolean
}): Promise<void> {
  const db = openDatabase({ connection: options.connection, poolSize: 1 })
  try {
    if (options.isOurs) return void (await migrate(db))
    const missing = (await migrationStatus(db)).filter(({ appliedAt }) => appliedAt === null)
    if (missing.length > 0)
      throw new MigrationError(
        `The database has not got migration ${missing[0]!.name} yet. Run: belfry migrate`,
      )
  } finally {
    await db.close()
  }
}
