// Prometheus metrics. Names and units follow prometheus.io/docs/practices/naming; no label ever
// carries a recipient, an address or an id.
import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client'

export type Metrics = {
  registry: Registry
  eventsAccepted: Counter
  deliveries: Counter<'channel' | 'outcome'>
  /** How long one try took at the provider. */
  attemptDuration: Histogram<'channel'>
  /** From accepted to taken by the provider. */
  deliveryLatency: Histogram<'channel'>
  requestDuration: Histogram<'method' | 'route' | 'status_class'>
}

/** One line of the work that waits, as the database counts it. */
export type QueueLine = {
  queue: string // a channel, or 'events'
  state: 'waiting' | 'in_flight'
  count: number
  oldestAgeSeconds: number | null // of what is due; null when nothing is
}

export type MetricsOptions = {
  version: string
  /** Asked at every scrape. */
  countQueues: () => Promise<QueueLine[]>
}

const requestSeconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10]
const deliverySeconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 3600]

/** A registry of its own for each process-wide context: several may live in one program. */
export function createMetrics({ version, countQueues }: MetricsOptions): Metrics {
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry })
  new Gauge({
    name: 'belfry_build_info',
    help: 'Always 1; the version is a label.',
    labelNames: ['version'],
    registers,
  }).set({ version }, 1)
  addQueueGauges(registry, countQueues)

  return {
    registry,
    eventsAccepted: new Counter({
      name: 'belfry_events_accepted_total',
      help: 'Events and direct messages that were stored.',
      registers,
    }),
    deliveries: new Counter({
      name: 'belfry_deliveries_total',
      help: 'Deliveries that ended, by how.',
      labelNames: ['channel', 'outcome'],
      registers,
    }),
    attemptDuration: new Histogram({
      name: 'belfry_delivery_attempt_duration_seconds',
      help: 'How long one try took at the provider.',
      labelNames: ['channel'],
      buckets: deliverySeconds,
      registers,
    }),
    deliveryLatency: new Histogram({
      name: 'belfry_delivery_latency_seconds',
      help: 'From accepted to taken by the provider.',
      labelNames: ['channel'],
      buckets: deliverySeconds,
      registers,
    }),
    requestDuration: new Histogram({
      name: 'http_request_duration_seconds',
      help: 'How long requests took, by route and class of status.',
      labelNames: ['method', 'route', 'status_class'],
      buckets: requestSeconds,
      registers,
    }),
  }
}

function addQueueGauges(registry: Registry, countQueues: () => Promise<QueueLine[]>): void {
  const registers = [registry]
  const oldest = new Gauge({
    name: 'belfry_queue_oldest_age_seconds',
    help: 'How long the oldest due job has been waiting; 0 when nothing is due.',
    labelNames: ['queue'],
    registers,
  })
  const jobs = new Gauge({
    name: 'belfry_queue_jobs',
    help: 'Jobs that wait or are in flight.',
    labelNames: ['queue', 'state'],
    registers,
    async collect() {
      const lines = await countQueues()
      jobs.reset()
      oldest.reset()
      for (const { queue, state, count, oldestAgeSeconds } of lines) {
        jobs.set({ queue, state }, count)
        if (state === 'waiting') oldest.set({ queue }, oldestAgeSeconds ?? 0)
      }
    },
  })
}
