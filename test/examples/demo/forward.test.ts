import { expect, test } from "bun:test";
import { createForward } from "../../../examples/demo/forward.ts";

test("hands each datagram to the agent that the environment names", async () => {
  const { promise, resolve } = Promise.withResolvers<string>();
  const agent = await Bun.udpSocket({
    hostname: "127.0.0.1",
    socket: { data: (_socket, datagram) => resolve(datagram.toString()) },
  });
  const env = { JAEGER_AGENT_HOST: "127.0.0.1", JAEGER_AGENT_PORT: String(agent.port) };
  const forward = await createForward(env);
  forward(Buffer.from("a batch"));
  expect(await promise).toBe("a batch");
  agent.close();
});

test("an agent that is not there is no error", async () => {
  const closed = await Bun.udpSocket({ hostname: "127.0.0.1" });
  const forward = await createForward({
    JAEGER_AGENT_HOST: "127.0.0.1",
    JAEGER_AGENT_PORT: String(closed.port),
  });
  closed.close();
  for (let i = 0; i < 3; i++) {
    expect(() => forward(Buffer.from("a batch"))).not.toThrow();
    await Bun.sleep(5);
  }
});

test("without an agent's name it forwards nowhere", async () => {
  const forward = await createForward({});
  expect(() => forward(Buffer.from("a batch"))).not.toThrow();
});

test("a name that does not resolve is named in the error", async () => {
  await expect(createForward({ JAEGER_AGENT_HOST: "no such host" })).rejects.toThrow(
    "JAEGER_AGENT_HOST=no such host",
  );
});
