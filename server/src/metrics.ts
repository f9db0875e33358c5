// Prometheus metrics. Names and units follow prometheus.io/docs/practices/naming; no label ever
// carries a recipient, an address or an id.
import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client'

export type Metrics = {
  registry: Registry
  eventsAccepted: Counter
  /** Came through SQL, and turned out not to fit its event type. */
  eventsRefused: Counter
  answers: Counter<'via'>
  /** Somebody else was asked, since nobody had answered. */
  escalations: Counter
  deliveries: Counter<'channel' | 'outcome'>
  /** What vendors told of messages later. */
  receipts: Counter<'kind' | 'outcome'>
  /** Waited too long for the receiver of their hook. */
  hookMessagesGivenUp: Counter
  /** Put later because the provider's budget of retries was used up. */
  retriesPostponed: Counter<'channel'>
  /** Attempts that went to another provider because one could not take it. */
  failovers: Counter<'channel'>
  /** How long one try took at the provider. */
  attemptDuration: Histogram<'channel'>
  /** From accepted to taken by the provider. */
  deliveryLatency: Histogram<'channel'>
  /** Answers of data sources: fetched, cached, retry, failed. */
  dataSourceRequests: Counter<'outcome'>
  dataSourceDuration: Histogram
  requestDuration: Histogram<'method' | 'route' | 'status_class'>
}

/** One line of the work that waits, as the database counts it. */
export type QueueLine = {
  queue: string // a channel, or 'events'
  state: 'waiting' | 'in_flight'
  count: number
  oldestAgeSeconds: number | null // of what is due; null when nothing is
}

/** How a provider is; 0: closed, 1: recovering, 2: half open, 3: open, 4: paused by hand. */
export type Breaker = { channel: string; provider: string; value: number }

export type MetricsOptions = {
  version: string
  /** Asked at every scrape. */
  countQueues: () => Promise<QueueLine[]>
  pruneLagMs: () => Promise<number>
  listBreakers: () => Promise<Breaker[]>
  /** Of this process, by kind. */
  countStreams: () => Record<string, number>
}

const requestSeconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10]
const deliverySeconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 3600]

/** A registry of its own for each process-wide context: several may live in one program. */
export function createMetrics(options: MetricsOptions): Metrics {
  const { version, countQueues, pruneLagMs } = options
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
  const pruneLag = new Gauge({
    name: 'belfry_prune_lag_seconds',
    help: 'How long ago the oldest of what is still to be pruned was due; some minutes are usual.',
    registers,
    async collect() {
      pruneLag.set((await pruneLagMs()) / 1_000)
    },
  })

  addStreamGauge(registry, options)
  addBreakerGauge(registry, options)

  return {
    registry,
    eventsAccepted: new Counter({
      name: 'belfry_events_accepted_total',
      help: 'Events and direct messages that were stored.',
      registers,
    }),
    eventsRefused: new Counter({
      name: 'belfry_events_refused_total',
      help: 'Events and direct messages that came through SQL and were refused when they were checked.',
      registers,
    }),
    answers: new Counter({
      name: 'belfry_answers_total',
      help: 'Notifications that were answered, by the way the answer came.',
      labelNames: ['via'],
      registers,
    }),
    escalations: new Counter({
      name: 'belfry_escalations_total',
      help: 'How often the next person or topic was asked, since nobody had answered.',
      registers,
    }),
    ...createDeliveryMetrics(registers),
    ...createDataMetrics(registers),
    requestDuration: new Histogram({
      name: 'http_request_duration_seconds',
      help: 'How long requests took, by route and class of status.',
      labelNames: ['method', 'route', 'status_class'],
      buckets: requestSeconds,
      registers,
    }),
  }
}

function addBreakerGauge(registry: Registry, { listBreakers }: MetricsOptions): void {
  const breakers = new Gauge({
    name: 'belfry_provider_circuit_state',
    help: 'How providers are: 0 closed, 1 recovering, 2 half open, 3 open, 4 paused by hand.',
    labelNames: ['channel', 'provider'],
    registers: [registry],
    async collect() {
      breakers.reset()
      // Of several workspaces the worst comes last.
      for (const { channel, provider, value } of await listBreakers())
        breakers.set({ channel, provider }, value)
    },
  })
}

function addStreamGauge(registry: Registry, { countStreams }: MetricsOptions): void {
  const streams = new Gauge({
    name: 'belfry_open_streams',
    help: 'Streams of feeds that are open in this process, by kind.',
    labelNames: ['kind'],
    registers: [registry],
    collect() {
      for (const [kind, count] of Object.entries(countStreams())) streams.set({ kind }, count)
    },
  })
}

function createDeliveryMetrics(registers: Registry[]) {
  return {
    deliveries: new Counter({
      name: 'belfry_deliveries_total',
      help: 'Deliveries that ended, by how.',
      labelNames: ['channel', 'outcome'],
      registers,
    }),
    receipts: new Counter({
      name: 'belfry_receipts_total',
      help: 'What vendors told of messages, by whether it was known what it is about.',
      labelNames: ['kind', 'outcome'],
      registers,
    }),
    hookMessagesGivenUp: new Counter({
      name: 'belfry_hook_messages_given_up_total',
      help: 'Messages to hooks that waited for five days and were given up.',
      registers,
    }),
    retriesPostponed: new Counter({
      name: 'belfry_retries_postponed_total',
      help: 'Retries put later because the budget of their provider was used up.',
      labelNames: ['channel'],
      registers,
    }),
    failovers: new Counter({
      name: 'belfry_failovers_total',
      help: 'Attempts that another provider is to make, because one could not take the message.',
      labelNames: ['channel'],
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
  }
}

function createDataMetrics(registers: Registry[]) {
  return {
    dataSourceRequests: new Counter({
      name: 'belfry_data_source_requests_total',
      help: 'Questions to data sources, by outcome: fetched, cached, retry (it may pass), failed.',
      labelNames: ['outcome'],
      registers,
    }),
    dataSourceDuration: new Histogram({
      name: 'belfry_data_source_duration_seconds',
      help: 'How long data sources took, with the wait for their turn.',
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
