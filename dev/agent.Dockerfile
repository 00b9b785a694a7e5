# The edge agent as an image: the one-file program that dev/pack/compile.ts makes, for the machine the image
# is built for (linux/amd64, linux/arm64), in a bare Debian, as a user of its own. Build from the root of the
# repository: docker build -f dev/agent.Dockerfile --build-arg COMMIT="$(git rev-parse HEAD)" -t biometric-agent .
# tests/dev/image_test.ts takes these steps without a container engine, those of the last stage in a bare Debian
# root; the image itself was never built by an engine in the tests.
FROM node:20-bookworm-slim AS build
WORKDIR /src
COPY package.json package-lock.json deno.json ./
COPY dev dev
COPY edge_agent edge_agent
ARG TARGETARCH=amd64
ARG COMMIT=unknown
RUN case "$TARGETARCH" in arm64) machine=aarch64 ;; *) machine=x86_64 ;; esac; \
  node dev/bootstrap.mjs dev/pack/compile.ts --architecture "$machine" --commit "$COMMIT" && \
  mv dist/biometric-agent-*-"$machine" dist/biometric-agent

FROM debian:bookworm-slim
RUN useradd --system --uid 10001 --home-dir /var/lib/biometric-agent --create-home biometric-agent
COPY --from=build /src/dist/biometric-agent /usr/local/bin/biometric-agent
USER biometric-agent
VOLUME /var/lib/biometric-agent
EXPOSE 8081 8083
ENV HOME=/var/lib/biometric-agent DENO_NO_UPDATE_CHECK=1
# What `biometric-agent flags` prints, but for any Odoo and any terminal: the container is the wall here.
ENTRYPOINT ["/usr/local/bin/biometric-agent", "--permit", "--no-prompt", "--no-remote", "--no-npm", \
  "--no-config", "--no-lock", "--v8-flags=--max-semi-space-size=8,--heap-growing-percent=50", \
  "--unstable-net", "--allow-net", "--allow-env", "--allow-sys=hostname,osRelease,uid,statfs,networkInterfaces", \
  "--allow-read=/var/lib/biometric-agent,/etc/biometric-agent,/run/systemd/timesync,/run/chrony,/usr/local/bin", \
  "--allow-write=/var/lib/biometric-agent", "--"]
CMD ["run"]
HEALTHCHECK --interval=30s --timeout=10s --start-period=20s \
  CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/8082 && printf 'GET /health/live HTTP/1.0\r\nHost: localhost\r\n\r\n' >&3 && grep -q true <&3"]
