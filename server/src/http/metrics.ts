// Prometheus metrics of this process, and of the work that waits in the database.
import { Type } from 'typebox'
import type { Context } from '../context.ts'
import type { App } from './app.ts'

export function metricsRoutes(app: App, { metrics }: Context): void {
  const schema = {
    summary: 'Prometheus metrics',
    operationId: 'getMetrics',
    tags: ['Watch'],
    produces: ['text/plain'],
    response: { 200: Type.String({ description: 'The Prometheus text format.' }) },
  }
  app.get('/metrics', { schema, config: { scope: 'operate:read' } }, async (_request, reply) =>
    reply.type(metrics.registry.contentType).send(await metrics.registry.metrics()),
  )
}
