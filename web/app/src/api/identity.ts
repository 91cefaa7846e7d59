/** Organisations, people and rights, as `/api/v1` has them. */
import type { components } from './schema'
import { get } from './client'

type Schemas = components['schemas']

export type Org = Schemas['Org']
export type Person = Schemas['Person']
export type Responsibility = Schemas['Responsibility']
export type Role = Schemas['Role']
export type Binding = Schemas['BindingBody']
export type Ones = Schemas['Ones']

export interface Page<T> {
  items: T[] | null
  next?: string
}

/** The pages of a list, one after another, at most `most` things. */
export async function all<T>(path: string, query: Record<string, string | undefined> = {}, most = 5000): Promise<T[]> {
  const found: T[] = []
  let after: string | undefined
  do {
    const page: Page<T> = await get<Page<T>>(path, { ...query, limit: 1000, after })
    found.push(...(page.items ?? []))
    after = page.next
  } while (after && found.length < most)
  return found
}

/** An organisation with those below it. */
export interface OrgNode {
  id: string
  label: string
  org: Org
  children: OrgNode[]
  /** It or one below it has a gap. */
  gap: boolean
}

/** The list, parents before children, as trees; one whose parent is out of sight is a root. */
export function treeOf(orgs: readonly Org[]): OrgNode[] {
  const nodes = new Map<string, OrgNode>()
  const roots: OrgNode[] = []
  for (const org of orgs) nodes.set(org.id, { id: org.id, label: org.name, org, children: [], gap: (org.gaps?.length ?? 0) > 0 })
  for (const node of nodes.values()) {
    const parent = node.org.parent ? nodes.get(node.org.parent) : undefined
    ;(parent?.children ?? roots).push(node)
  }
  return roots
}
