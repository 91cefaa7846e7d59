/** A resumable upload (tus 1.0, https://tus.io/protocols/resumable-upload) to /api/v1/uploads/. */
const base = '/api/v1/uploads/'
const version = { 'Tus-Resumable': '1.0.0' }
const piece = 512 << 10

export class UploadRefused extends Error {
  constructor(readonly status: number, message: string) {
    super(message)
    this.name = 'UploadRefused'
  }
}

async function answered(response: Response): Promise<Response> {
  if (response.ok) return response
  const said = (await response.json().catch(() => ({}))) as { detail?: string; title?: string }
  throw new UploadRefused(response.status, said.detail ?? said.title ?? `HTTP ${String(response.status)}`)
}

/**
 * Sends a photo, from where an earlier attempt ended when `id` names one.
 * `began` tells the upload's id as soon as there is one, `sent` how far it is.
 */
export async function upload(photo: Blob, name: string, id: string | undefined, began: (id: string) => void, sent: (share: number) => void): Promise<string> {
  let offset = 0
  if (id !== undefined) {
    const asked = await fetch(base + id, { method: 'HEAD', headers: version })
    if (asked.ok) offset = Number(asked.headers.get('Upload-Offset') ?? 0)
    else id = undefined
  }
  if (id === undefined) {
    const words = btoa(String.fromCharCode(...new TextEncoder().encode(name)))
    const made = await answered(await fetch(base, { method: 'POST', headers: { ...version, 'Upload-Length': String(photo.size), 'Upload-Metadata': `filename ${words}` } }))
    id = (made.headers.get('Location') ?? '').split('/').pop() ?? ''
    began(id)
  }
  while (offset < photo.size) {
    const part = photo.slice(offset, offset + piece)
    const taken = await answered(await fetch(base + id, {
      method: 'PATCH', body: part, headers: { ...version, 'Upload-Offset': String(offset), 'Content-Type': 'application/offset+octet-stream' },
    }))
    offset = Number(taken.headers.get('Upload-Offset') ?? offset + part.size)
    sent(offset / photo.size)
  }
  return id
}
