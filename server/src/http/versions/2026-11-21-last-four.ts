// `hint` of an API key became `last_four`: what it is, instead of what it is good for.
import { renamed, type Change } from './change.ts'

const toHint = (key: unknown) => renamed(key, { from: 'last_four', to: 'hint' })

export const lastFour: Change = {
  version: '2026-11-21',
  description:
    'The last four characters of an API key are `last_four` in the answers of `GET /keys` and `POST /keys`; before, they were `hint`.',
  operations: {
    createKey: { downgradeAnswer: toHint },
    listKeys: {
      downgradeAnswer: (page) => {
        const { keys, ...others } = page as { keys: unknown[] } // as the route has it
        return { keys: keys.map(toHint), ...others }
      },
    },
  },
}
