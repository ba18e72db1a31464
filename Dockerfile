# The image of both roles: `netramesh init` (runAsUser 0, NET_ADMIN) and the sidecar (no privilege). What it copies is
# made first, by `npx bun run image`, which also builds it if there is a buildah.
FROM scratch
ARG TARGETARCH
COPY dist/image/${TARGETARCH} /
LABEL org.opencontainers.image.title="netramesh" \
      org.opencontainers.image.description="The ultra-light service-mesh sidecar" \
      org.opencontainers.image.version="1.0.0-alpha.1" \
      org.opencontainers.image.licenses="MIT AND LGPL-2.1-or-later"
ENV PATH=/usr/local/bin
USER 1337:1337
ENTRYPOINT ["/usr/local/bin/netramesh"]
