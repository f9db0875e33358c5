// The other side of pull, diff and push: the configuration of a workspace, in the database as other
// commands reach it, or behind the API of `--url`.
import { resolve } from 'node:path'
import { applyCatalog, type Applied, type TellProgress } from '../catalog/apply.ts'
import { documentOf, partsOf, type CatalogDocument, type Parts } from '../catalog/parts.ts'
import { readStored, revisionOf } from '../catalog/stored.ts'
import type { Config } from '../config.ts'
import { ApiError } from '../errors.ts'
import { createApi, type Api } from './api.ts'
import { UsageError } from './failure.ts'
import { withWorkspace, type JoinedWorkspace } from './join-command.ts'
import { configOf, type WorkspaceOptions } from './options.ts'

export type CatalogOptions = WorkspaceOptions & { url?: string }

export type Origin = { version: number | null; author: string | null; changedAt: string }
export type ServerCatalog = {
  parts: Parts
  revision: string
  retention: string // of event types that say none
  origins: Map<string, Origin>
}

/** `revision`: refused when it is another by now; null: whatever it is. */
export type Applying = {
  parts: Parts
  revision: string | null
  mayDelete: boolean
  isDryRun: boolean
  tell: TellProgress
}

export type CatalogServer = {
  /** Which one it is, for what is remembered of it. */
  target: string
  config: Config
  read(): Promise<ServerCatalog>
  /** @throws ApiError `invalid_catalog`, with pointers into the catalog. */
  apply(applying: Applying): Promise<Applied>
}

export async function withCatalogServer(
  options: CatalogOptions,
  work: (server: CatalogServer) => Promise<void>,
): Promise<void> {
  if (options.url === undefined)
    return withWorkspace(options, (joined) => work(joinedServer(joined, options)))
  if (options.workspace !== 'default')
    throw new UsageError('--workspace does not go with --url: the key tells the workspace.')
  const stopping = new AbortController()
  const stop = () => stopping.abort()
  process.once('SIGINT', stop).once('SIGTERM', stop)
  try {
    await work(remoteServer(await createApi(options, stopping.signal), configOf(options)))
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop)
  }
}

function joinedServer(
  { ctx, workspaceId }: JoinedWorkspace,
  options: CatalogOptions,
): CatalogServer {
  const { databaseUrl, dataDir } = ctx.config
  const place = databaseUrl === null ? resolve(dataDir) : new URL(databaseUrl)
  const database = place instanceof URL ? `${place.host}${place.pathname}` : place
  return {
    target: `${database} ${options.workspace}`,
    config: ctx.config,
    async read() {
      const stored = await readStored(ctx, ctx.db, workspaceId)
      return {
        parts: new Map([...stored].map(([part, { form }]) => [part, form])),
        revision: revisionOf(stored),
        retention: ctx.config.retention,
        origins: new Map(
          [...stored].map(([part, { version, author, changedAt }]) => [
            part,
            { version, author, changedAt: changedAt.toISOString() },
          ]),
        ),
      }
    },
    apply: (applying) => applyCatalog(ctx, { ...applying, workspaceId, author: 'belfry push' }),
  }
}

type CatalogAnswer = {
  revision: string
  catalog: CatalogDocument
  defaults: { retention: string }
  parts: { part: string; version: number | null; author: string | null; changed_at: string }[]
}
type AppliedAnswer = Omit<Applied, 'unchanged'> & { counts: { unchanged: number } }

function remoteServer(api: Api, config: Config): CatalogServer {
  return {
    target: api.url,
    config,
    async read() {
      const { revision, catalog, defaults, parts } = await api.ask<CatalogAnswer>('GET', '/catalog')
      return {
        parts: partsOf(catalog).parts,
        revision,
        retention: defaults.retention,
        origins: new Map(
          parts.map(({ part, version, author, changed_at: changedAt }) => [
            part,
            { version, author, changedAt },
          ]),
        ),
      }
    },
    async apply({ parts, revision, mayDelete, isDryRun }) {
      const path = `/catalog?dry_run=${isDryRun}&prune=${mayDelete}`
      const body = { ...(revision !== null && { revision }), catalog: documentOf(parts) }
      const asked = await api.tryAsking<AppliedAnswer>('PUT', path, body)
      if ('answer' in asked) return { ...asked.answer, unchanged: asked.answer.counts.unchanged }
      const { detail, errors } = asked.problem
      const inCatalog = errors.map((error) => ({
        ...error,
        pointer: error.pointer.replace(/^\/catalog/, ''),
      }))
      throw new ApiError('invalid_catalog', { detail, errors: inCatalog })
    },
  }
}
