/** Calls `take` with every line of the stream; resolves when it has ended. */
export async function readLines(
  stream: ReadableStream<Uint8Array>,
  take: (line: string) => void,
): Promise<void> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const bytes of stream) {
    text += decoder.decode(bytes, { stream: true });
    const lines = text.split("\n");
    text = lines.pop()!;
    for (const line of lines) take(line);
  }
}

/** Calls `take` with every line of JSON that `child` prints; resolves when it has closed its output. */
export function readReports<T>(child: Bun.Subprocess, take: (report: T) => void): Promise<void> {
  return readLines(child.stdout as ReadableStream<Uint8Array>, (line) => take(JSON.parse(line)));
}
