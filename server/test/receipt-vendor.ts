// The suite for vendors that tell what became of messages: only what is genuine is read, whatever else comes is
// refused without harm, and each documented report means what the vendor says it means.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { ProviderKind } from '../src/channels/provider.ts'
import type { Fetch, ReadReceipts, ReceiptRequest } from '../src/channels/receipts.ts'
import type { Receipt } from '../src/domain/receipt.ts'

export const deliveryId = '01980000-0000-7000-8000-000000000002'
export const receivedAt = new Date('2026-11-20T12:00:00Z')

export type Signing = { secret?: string; at?: Date }

export type ReceiptVendor<Report> = {
  kind: ProviderKind
  settings: Record<string, unknown>
  /** What the vendor would send of this report, signed. `secret`: by somebody who does not know the right one. */
  send: (report: Report, signing?: Signing) => ReceiptRequest
  /** The header, or the part of the body, that has the signature. */
  without: (request: ReceiptRequest) => ReceiptRequest
  /** It shows a password, and signs nothing. */
  showsPassword?: boolean
  /** Whether it signs the moment too. */
  isTimed: boolean
  /** What it may tell, by its documentation, and what that means; null: nothing to us. */
  reports: readonly [name: string, Report, Partial<Receipt> | null][]
  fetch?: Fetch
}

const nowhere: Fetch = () => Promise.resolve(null)

/** Runs the suite. `read` is for more stories. */
export function receiptVendorSuite<Report>(vendor: ReceiptVendor<Report>) {
  const { kind, settings, send, without, isTimed, reports, fetch = nowhere } = vendor
  const receipts = kind.receipts!
  const read = async (request: ReceiptRequest): Promise<ReadReceipts> =>
    receipts.read(request, settings, fetch)
  const [, sample] = reports[0]!
  const refused = async (request: ReceiptRequest) =>
    assert.equal((await read(request)).kind, 'forged')

  void describe(`${kind.kind} tells what became of messages`, () => {
    void test('by a setting that it has, and says so', () => {
      assert.ok(Object.hasOwn(kind.settings.properties, receipts.setting))
      assert.ok(settings[receipts.setting] !== undefined)
    })
    for (const [name, report, expected] of reports)
      void test(`${name} is ${expected === null ? 'nothing to us' : Object.values(expected).join(' ')}`, async () => {
        const found = await read(send(report))

        assert.equal(found.kind, 'genuine', JSON.stringify(found))
        const [receipt, ...more] = found.kind === 'genuine' ? found.receipts : []
        assert.equal(more.length, 0)
        assert.deepEqual(receipt ? pick(receipt, Object.keys(expected ?? {})) : null, expected)
      })

    void test('the same report has the same name, and another one another', async () => {
      const ids = new Set<string>()
      for (const [, report, expected] of reports.filter(([, , expected]) => expected !== null)) {
        const [once, again] = [await read(send(report)), await read(send(report))]
        assert.deepEqual(once, again, JSON.stringify(expected))
        if (once.kind === 'genuine') for (const { id } of once.receipts) ids.add(id)
      }
      assert.equal(ids.size, reports.filter(([, , expected]) => expected !== null).length)
    })

    void test('what is changed, not signed or signed by somebody else is refused', async () => {
      const genuine = send(sample)
      const body = Buffer.from(
        genuine.body.toString().replace(deliveryId, deliveryId.replace('2', '3')),
      )
      const url = genuine.url.replace(deliveryId, deliveryId.replace('2', '3'))
      if (!vendor.showsPassword) await refused({ ...genuine, url, body })
      await refused(without(genuine))
      await refused(send(sample, { secret: 'c29tZWJvZHkgZWxzZSdzIHNlY3JldA' }))
    })

    if (isTimed)
      void test('what was signed two days ago, or is from the future, is refused', async () => {
        const hours = (count: number) => new Date(receivedAt.getTime() + count * 3_600_000)
        await refused(send(sample, { at: hours(-48) }))
        await refused(send(sample, { at: hours(1) }))
      })

    for (const body of ['', '[]', 'null', '{}', '"x"', '{"a":', '\0\xff', '%', '['.repeat(5_000)])
      void test(`the body ${JSON.stringify(body.slice(0, 10))} harms nobody`, async () => {
        await refused({ ...without(send(sample)), body: Buffer.from(body, 'latin1') })
        const found = await read({ ...send(sample), body: Buffer.from(body, 'latin1') })
        assert.deepEqual(found.kind === 'genuine' ? found.receipts : [], [])
      })
  })
  return { read }
}

/** What a request has in common, whoever sends it. */
export function receiptRequest(given: Partial<ReceiptRequest> & { body: Buffer }): ReceiptRequest {
  const url = given.url ?? 'https://belfry.example/receipts/01980000-0000-7000-8000-00000000000a'
  const query = new URL(url).searchParams
  return { url, query, headers: {}, now: receivedAt, ...given }
}

function pick(receipt: Receipt, names: string[]): Record<string, unknown> {
  return Object.fromEntries(Object.entries(receipt).filter(([name]) => names.includes(name)))
}
