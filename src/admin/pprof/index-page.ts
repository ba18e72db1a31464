/** What there is below /debug/pprof/, for a browser. */
export const INDEX_PAGE = `<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>netramesh /debug/pprof/</title></head>
<body>
<h1>netramesh: profiles</h1>
<dl>
<dt><a href="/debug/pprof/profile?seconds=10">profile?seconds=N</a></dt>
<dd>where CPU time goes, for 1 to 60 seconds (30 if not said), one profile at a time:
<code>go tool pprof -top 'http://HOST:PORT/debug/pprof/profile?seconds=10'</code></dd>
<dt><a href="/debug/pprof/heap" download="netramesh.heapsnapshot">heap</a></dt>
<dd>a heap snapshot for Chrome's DevTools (tab Memory, Load). <strong>All traffic stands still while it is made</strong>:
30 ms when idle, 0.3 s at ten thousand requests per second</dd>
<dt><a href="/debug/pprof/goroutine">goroutine</a>, <a href="/debug/pprof/connections">connections</a></dt>
<dd>the open connections, with state and age</dd>
<dt><a href="/debug/pprof/cmdline">cmdline</a></dt>
<dd>the command line, its words separated by NUL</dd>
</dl>
</body>
</html>
`;
