// BELFRY_METRICS_PORT: /metrics and /health on a port of their own, without a key. For processes that
// have no API, and for networks in which only the scraper reaches that port.
import { fastify } from 'fastify'
import type { Context } from '../context.ts'
import type { App } from './app.ts'
import { healthRoutes } from './health.ts'
import { plainMetricsRoutes } from './metrics.ts'

export function createMetricsApp(ctx: Context): App {
  const app: App = fastify({ requestTimeout: 30_000, logger: false })
  app.setValidatorCompiler(() => () => true)
  app.setSerializerCompiler(() => (data) => JSON.stringify(data))
  healthRoutes(app, ctx)
  plainMetricsRoutes(app, ctx)
  return app
}
