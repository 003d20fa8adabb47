import { Failure } from '../../src/index.ts'

/** What the file system's codes mean, and what to do, in the words of an operator. */
const words: Readonly<Record<string, string>> = {
  ENOENT: 'there is nothing by this name',
  EACCES: 'this user may not; do it as the user whose it is, or change the permissions',
  EPERM: 'the system does not let this user; do it as the user whose it is',
  EISDIR: 'it is a folder, not a file',
  ENOTDIR: 'a file stands where a folder is wanted',
  EEXIST: 'there is something by this name already',
  ENOTEMPTY: 'it is a folder with something in it',
  EBUSY: 'something uses it',
  ENOSPC: 'the disk is full; make room',
  EDQUOT: 'this user may not take more of the disk; make room',
  EFBIG: 'the file would be larger than is allowed',
  EROFS: 'this file system can only be read',
  EIO: 'the disk fails; look into the system’s log',
  EMFILE: 'too many files are open; raise the limit (ulimit -n)',
  ENFILE: 'too many files are open on this machine',
  ENAMETOOLONG: 'the name is too long',
  ELOOP: 'its symbolic links lead in a circle',
}

/** Why the file system refuses, in plain words; undefined for any other error. */
export function fileReason(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error) || !('syscall' in error)) return undefined
  return words[String(error.code)]
}

/** The same where it has to be told in any case. */
export const reasonOf = (error: unknown): string =>
  fileReason(error) ?? (error instanceof Error ? error.message : String(error))

/** `file-refused` with the path of what the file system refuses; undefined for other errors. */
export function fileFailure(cause: unknown): Failure | undefined {
  const reason = fileReason(cause)
  if (reason === undefined) return undefined
  const { path } = cause as NodeJS.ErrnoException
  const message = path === undefined ? reason : `${path}: ${reason}`
  return new Failure('file-refused', message, { cause })
}
