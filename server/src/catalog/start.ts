// BELFRY_CATALOG: a folder that is applied when a process starts, before it answers anybody. The files
// win over what was changed elsewhere; what they do not name stays.
import type { Context } from '../context.ts'
import { ApiError } from '../errors.ts'
import { applyCatalog, type Applied } from './apply.ts'
import { loadCatalog, placeProblems, printProblems, type FileProblem } from './folder.ts'
import { resolveSecrets } from './secret-references.ts'

/** @throws Error that names every problem with its file and line. */
export async function applyAtStart(
  ctx: Context,
  workspaceId: number,
  folder: string,
): Promise<Applied> {
  const loaded = await loadCatalog(folder)
  const { parts, problems } = resolveSecrets(loaded.parts)
  refuse(folder, [...loaded.problems, ...placeProblems(loaded, problems)])
  try {
    return await applyCatalog(ctx, {
      workspaceId,
      parts,
      revision: null,
      mayDelete: false,
      isDryRun: false,
      author: 'BELFRY_CATALOG',
    })
  } catch (error) {
    if (error instanceof ApiError && error.code === 'invalid_catalog')
      refuse(folder, placeProblems(loaded, error.details.errors ?? []))
    throw error
  }
}

function refuse(folder: string, problems: FileProblem[]): void {
  if (problems.length === 0) return
  const lines = printProblems(problems, folder)
  throw new Error(`The catalog of BELFRY_CATALOG cannot be applied:\n  ${lines.join('\n  ')}`)
}
