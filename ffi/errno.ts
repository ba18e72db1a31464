/** Error numbers of Linux that this program names or tells apart (include/uapi/asm-generic/errno.h). */
export const Errno = {
  EPERM: 1,
  ENOENT: 2,
  EINTR: 4,
  EBADF: 9,
  EAGAIN: 11,
  ENOMEM: 12,
  EACCES: 13,
  EBUSY: 16,
  EEXIST: 17,
  EINVAL: 22,
  EMFILE: 24,
  ERANGE: 34,
  EMSGSIZE: 90,
  EPROTONOSUPPORT: 93,
  EOPNOTSUPP: 95,
  EAFNOSUPPORT: 97,
  EADDRNOTAVAIL: 99,
  ENETUNREACH: 101,
  ENOBUFS: 105,
  EHOSTUNREACH: 113,
  EINPROGRESS: 115,
} as const;

const MEANING: Record<keyof typeof Errno, string> = {
  EPERM: "operation not permitted",
  ENOENT: "no such table, chain or kernel module",
  EINTR: "interrupted",
  EBADF: "bad file descriptor",
  EAGAIN: "no answer in time",
  ENOMEM: "out of memory",
  EACCES: "permission denied",
  EBUSY: "resource busy",
  EEXIST: "already exists",
  EINVAL: "invalid argument",
  EMFILE: "too many open files",
  ERANGE: "value out of range",
  EMSGSIZE: "message too long",
  EPROTONOSUPPORT: "protocol not supported",
  EOPNOTSUPP: "operation not supported",
  EAFNOSUPPORT: "address family not supported",
  EADDRNOTAVAIL: "address not available",
  ENETUNREACH: "network unreachable",
  ENOBUFS: "no buffer space",
  EHOSTUNREACH: "host unreachable",
  EINPROGRESS: "under way",
};

const TEXT = new Map(
  Object.entries(MEANING).map(([name, meaning]) => [
    Errno[name as keyof typeof Errno] as number,
    `${name}, ${meaning}`,
  ]),
);

/** `errno 1 (EPERM, operation not permitted)`; an unlisted number stands alone. */
export function describeErrno(number: number): string {
  const text = TEXT.get(number);
  return text === undefined ? `errno ${number}` : `errno ${number} (${text})`;
}
