/** `sink.ts PORT`: receives datagrams and forgets them, as an agent that never falls behind would. */
await Bun.udpSocket({ hostname: "0.0.0.0", port: Number(process.argv[2]), socket: { data() {} } });
