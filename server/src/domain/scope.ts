// What an API key may do.

export const scopes = [
  'events:write',
  'events:read',
  'notifications:write',
  'notifications:read',
  'subscribers:write',
  'subscribers:read',
  'tokens:write',
  'config:write',
  'config:read',
  'keys:write',
  'keys:read',
  'operate:read',
  'operate:write',
] as const

export type Scope = (typeof scopes)[number]
export type Grant = Scope | '*'
