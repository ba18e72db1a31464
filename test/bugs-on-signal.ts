/** Preloaded into the program: at SIGUSR2 it has bugs. */
process.on("SIGUSR2", () => {
  Promise.reject(new Error("rejected"));
  queueMicrotask(() => {
    throw new Error("thrown");
  });
});
