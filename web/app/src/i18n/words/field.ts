/** The grid worker's phone 网格员, and what works outdoors without network. */
export const field = {
  'field.title': ['网格通', 'Field'],
  'field.lostNote': ['（未能办理：已由{by}办理）{what}，{when} 于现场记录', '(Not done: {by} was faster) {what}, noted on the spot at {when}'],
  'field.somebody': ['他人', 'somebody else'],
  'field.dutyOn': ['上岗', 'Begin shift'],
  'field.dutyOff': ['离岗', 'End shift'],
} as const satisfies Record<string, readonly [zh: string, en: string]>
