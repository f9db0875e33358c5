// Lists: one page, or every item of all pages.
import type { Answer, Call, CallOptions, Input, OperationId } from './call.ts'
import { operations } from './schema.ts'

type Table = typeof operations
export type ListId = {
  [Id in OperationId]: Table[Id] extends { list: string } ? Id : never
}[OperationId]

/** What a list lists. */
export type ItemOf<Id extends ListId> = Table[Id] extends { list: infer Name extends string }
  ? Answer<Id> extends { [name in Name]: (infer Item)[] }
    ? Item
    : never
  : never

export type Page<Item> = {
  items: Item[]
  /** Given as `cursor` it asks for the next page; null on the last one. */
  nextCursor: string | null
}

/**
 * `for await (const item of list)` goes through all pages, each asked for when it is needed; `limit`
 * is then the size of a page. `page()` asks for one, from `cursor` on.
 */
export type List<Item> = AsyncIterable<Item> & { page(): Promise<Page<Item>> }

/** Nothing is asked for before the list is used. */
export function createList<Id extends ListId>(
  call: Call,
  id: Id,
  input: Input<Id>,
  options?: CallOptions,
): List<ItemOf<Id>> {
  const { list: name } = operations[id]

  async function page(over: object = {}): Promise<Page<ItemOf<Id>>> {
    // Lists have a query with a cursor and answer pages: that is what makes them lists.
    const { query, ...rest } = input as { query?: object }
    const from = { ...rest, query: { ...query, ...over } } as Input<Id>
    const answer = (await call(id, from, options)) as Record<string, unknown>
    return {
      items: answer[name] as ItemOf<Id>[],
      nextCursor: answer['next_cursor'] as string | null,
    }
  }

  return {
    page: () => page(),
    async *[Symbol.asyncIterator]() {
      let { items, nextCursor } = await page()
      yield* items
      while (nextCursor !== null) {
        // A cursor stands behind what `offset` skipped.
        ;({ items, nextCursor } = await page({ cursor: nextCursor, offset: undefined }))
        yield* items
      }
    },
  }
}
