# The image of both roles: `netramesh init` (runAsUser 0, NET_ADMIN) and the sidecar (no privilege). Build dist/ first:
#   npx bun run build && docker build -t netramesh .
FROM scratch
COPY dist/rootfs /
ENV PATH=/usr/local/bin
USER 1337:1337
ENTRYPOINT ["/usr/local/bin/netramesh"]
