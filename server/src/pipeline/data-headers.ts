// The headers of data sources, looked up when one is asked. They go to the host they were given for, and nowhere else.
import { createCache } from '../cache.ts'
import type { Context } from '../context.ts'
import { openDataSecrets, type DataSecrets } from '../data-secrets.ts'
import type { Db } from '../sql/db.ts'
import { findDataSecrets } from '../sql/event-types.ts'
import type { DataHeaders } from './event-data.ts'
import { originOf } from './data-urls.ts'

export function createDataHeaders({
  db,
  signals,
  ...opening
}: Pick<Context, 'secrets' | 'log' | 'signals'> & { db: Db }): DataHeaders {
  const secrets = createCache<DataSecrets>({
    async load(name) {
      const [workspaceId, key] = JSON.parse(name) as [number, string]
      const sealed = await findDataSecrets(db, workspaceId, key)
      return openDataSecrets(opening, { workspaceId, key }, sealed)
    },
  })
  signals.on('belfry_config', () => secrets.clear())
  return async ({ workspaceId, eventType, name, url }) => {
    const kept = await secrets.get(JSON.stringify([workspaceId, eventType]))
    if (!Object.hasOwn(kept, name)) return {}
    const { origin, headers } = kept[name]!
    return origin === originOf(url) ? headers : {}
  }
}
