// Who uses the test tool. One of them is signed in at a time.

export type User = { id: string; name: string }

export const users: readonly User[] = [
  { id: 'ana', name: 'Ana' },
  { id: 'ben', name: 'Ben' },
  { id: 'chloe', name: 'Chloe' },
]

/** Everybody who may subscribe: the audience of all event types. */
export const topic = 'test-scenarios#users'
