// Micro-batches: whatever arrives while the last batch runs goes next, together. One row alone waits
// for nobody; a thousand at once cost one statement.

export type Batcher<Item, Result> = {
  /** Resolves with the item's own result, or rejects with the error of its batch. */
  add(item: Item): Promise<Result>
  /** The weight of what waits or runs: the number of items unless they are weighed. */
  readonly size: number
  /** Resolves when nothing waits or runs. */
  idle(): Promise<void>
}

export type BatcherOptions<Item, Result> = {
  /** Answers one result per item, in their order. */
  run: (items: Item[]) => Promise<Result[]>
  /** The most a batch may weigh; one item alone may weigh more. */
  maxItems: number
  /** What an item weighs: 1 unless told otherwise. */
  weigh?: (item: Item) => number
  /** How many batches may run at once. */
  parallel?: number
  /** How long a batch that is not full waits for company, in milliseconds. */
  gatherMs?: number
  /** The error is one item's fault: the items are run one by one, so that only that one fails. */
  isOneItemsFault?: (error: unknown) => boolean
}

type Waiting<Item, Result> = {
  item: Item
  resolve: (result: Result) => void
  reject: (error: unknown) => void
}

export function createBatcher<Item, Result>(
  options: BatcherOptions<Item, Result>,
): Batcher<Item, Result> {
  const { maxItems, parallel = 1, gatherMs = 0, weigh = () => 1 } = options
  let waiting: Waiting<Item, Result>[] = []
  let size = 0
  let runningBatches = 0
  let isScheduled = false
  let onIdle: (() => void)[] = []

  function schedule(): void {
    if (isScheduled || waiting.length === 0 || runningBatches >= parallel) return
    isScheduled = true
    // Not before this turn of the event loop is over: requests that arrived together go together.
    if (gatherMs > 0 && waiting.length < maxItems) setTimeout(start, gatherMs)
    else setImmediate(start)
  }

  function start(): void {
    isScheduled = false
    const batch = waiting.slice(0, countForOneBatch())
    waiting = waiting.slice(batch.length)
    runningBatches++
    void runBatch(options, batch).finally(() => {
      runningBatches--
      for (const { item } of batch) size -= weigh(item)
      schedule()
      if (size === 0) {
        for (const resolve of onIdle) resolve()
        onIdle = []
      }
    })
    schedule()
  }

  function countForOneBatch(): number {
    let weight = 0
    const tooMany = waiting.findIndex(({ item }) => (weight += weigh(item)) > maxItems)
    return tooMany === -1 ? waiting.length : Math.max(1, tooMany)
  }

  return {
    add(item) {
      const { promise, resolve, reject } = Promise.withResolvers<Result>()
      waiting.push({ item, resolve, reject })
      size += weigh(item)
      schedule()
      return promise
    },
    get size() {
      return size
    },
    idle() {
      if (size === 0) return Promise.resolve()
      return new Promise((resolve) => onIdle.push(resolve))
    },
  }
}

async function runBatch<Item, Result>(
  options: BatcherOptions<Item, Result>,
  batch: Waiting<Item, Result>[],
): Promise<void> {
  try {
    const results = await options.run(batch.map(({ item }) => item))
    batch.forEach(({ resolve }, i) => resolve(results[i]!))
  } catch (error) {
    if (batch.length > 1 && options.isOneItemsFault?.(error)) {
      for (const one of batch) await runBatch(options, [one])
    } else {
      for (const { reject } of batch) reject(error)
    }
  }
}
