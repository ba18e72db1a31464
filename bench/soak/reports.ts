/** Calls `take` with every line of JSON that `child` prints; resolves when it has ended. */
export async function readReports<T>(child: Bun.Subprocess, take: (report: T) => void): Promise<void> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const bytes of child.stdout as ReadableStream<Uint8Array>) {
    text += decoder.decode(bytes, { stream: true });
    const lines = text.split("\n");
    text = lines.pop()!;
    for (const line of lines) take(JSON.parse(line));
  }
}
