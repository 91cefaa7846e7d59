/** Where something is, in words: the district only where the address does not begin with it. Pure. */
export function placeWords(district: string, address: string | undefined): string {
  const at = address?.trim() ?? ''
  if (district === '' || at.startsWith(district)) return at || district
  return at === '' ? district : `${district} ${at}`
}
