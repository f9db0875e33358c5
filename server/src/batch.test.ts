import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createBatcher } from './batch.ts'

/** Runs batches that end when told; answers each item with its double. */
function createRecorder() {
  const batches: number[][] = []
  const open: PromiseWithResolvers<void>[] = []
  let announce: () => void = () => {}
  return {
    batches,
    run: async (items: number[]): Promise<number[]> => {
      const gate = Promise.withResolvers<void>()
      batches.push(items)
      open.push(gate)
      announce()
      await gate.promise
      return items.map((item) => item * 2)
    },
    /** Resolves when so many batches have begun. */
    async begun(count: number): Promise<void> {
      while (batches.length < count) await new Promise<void>((resolve) => (announce = resolve))
    },
    end: (batch: number) => open[batch]!.resolve(),
  }
}

const double = async (items: number[]) => items.map((item) => item * 2)

test('what arrives together goes together, and each gets its own answer', async () => {
  const recorder = createRecorder()
  const batcher = createBatcher({ run: recorder.run, maxItems: 10 })

  const answers = Promise.all([1, 2, 3].map((item) => batcher.add(item)))
  await recorder.begun(1)
  recorder.end(0)

  assert.deepEqual(await answers, [2, 4, 6])
  assert.deepEqual(recorder.batches, [[1, 2, 3]])
})

test('what arrives while a batch runs goes with the next, in order, never more than the limit', async () => {
  const recorder = createRecorder()
  const batcher = createBatcher({ run: recorder.run, maxItems: 2 })

  const first = batcher.add(1)
  await recorder.begun(1)
  const rest = [2, 3, 4].map((item) => batcher.add(item))
  const sizeMeanwhile = batcher.size
  recorder.end(0)
  await recorder.begun(2)
  recorder.end(1)
  await recorder.begun(3)
  recorder.end(2)

  assert.deepEqual(await Promise.all([first, ...rest]), [2, 4, 6, 8])
  assert.equal(sizeMeanwhile, 4)
  assert.deepEqual(recorder.batches, [[1], [2, 3], [4]])
})

test('as many batches run at once as allowed', async () => {
  const recorder = createRecorder()
  const batcher = createBatcher({ run: recorder.run, maxItems: 1, parallel: 2 })

  const answers = [1, 2, 3].map((item) => batcher.add(item))
  await recorder.begun(2)
  recorder.end(1)
  await recorder.begun(3)
  recorder.end(2)
  recorder.end(0)

  assert.deepEqual(await Promise.all(answers), [2, 4, 6])
})

test('a batch that is not full waits for company, a full one does not', async () => {
  const batches: number[][] = []
  const run = (items: number[]) => {
    batches.push(items)
    return double(items)
  }
  const patient = createBatcher({ run, maxItems: 3, gatherMs: 20 })
  const hasty = createBatcher({ run, maxItems: 1, gatherMs: 60_000 })

  const early = patient.add(1)
  await new Promise((resolve) => setImmediate(resolve))
  await Promise.all([early, patient.add(2)])
  await hasty.add(3)

  assert.deepEqual(batches, [[1, 2], [3]])
})

test('one bad item fails alone when the error may be its own fault', async () => {
  const run = async (items: number[]) => {
    if (items.includes(2)) throw new Error(`${items.length} with a bad one`)
    return double(items)
  }
  const batcher = createBatcher({ run, maxItems: 10, isOneItemsFault: () => true })

  const answers = await Promise.allSettled([1, 2, 3].map((item) => batcher.add(item)))

  assert.deepEqual(
    answers.map((answer) => (answer.status === 'fulfilled' ? answer.value : String(answer.reason))),
    [2, 'Error: 1 with a bad one', 6],
  )
})

test('an error that is nobody’s fault fails the whole batch, once, and the next one runs', async () => {
  let runs = 0
  const run = async (items: number[]) => {
    runs++
    if (runs === 1) throw new Error('away')
    return double(items)
  }
  const batcher = createBatcher({ run, maxItems: 10 })

  const answers = await Promise.allSettled([1, 2].map((item) => batcher.add(item)))

  assert.deepEqual(
    answers.map(({ status }) => status),
    ['rejected', 'rejected'],
  )
  assert.equal(runs, 1)
  assert.equal(await batcher.add(3), 6)
})

test('it is idle when nothing waits and nothing runs', async () => {
  const recorder = createRecorder()
  const batcher = createBatcher({ run: recorder.run, maxItems: 1 })
  await batcher.idle()

  const answers = [batcher.add(1), batcher.add(2)]
  let isIdle = false
  const idle = batcher.idle().then(() => (isIdle = true))
  await recorder.begun(1)
  recorder.end(0)
  await recorder.begun(2)
  const wasIdle = isIdle
  recorder.end(1)
  await idle

  assert.equal(wasIdle, false)
  assert.equal(batcher.size, 0)
  assert.deepEqual(await Promise.all(answers), [2, 4])
})

test('it becomes idle after failures too', async () => {
  const batcher = createBatcher<number, number>({
    run: () => Promise.reject(new Error('no')),
    maxItems: 5,
  })

  const failed = assert.rejects(batcher.add(1), /no/)
  await batcher.idle()
  await failed
})
