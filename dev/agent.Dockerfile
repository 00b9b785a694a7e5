# The edge agent as an image: the one-file program that dev/bundle.ts makes, and the pinned Deno.
# Build from the root of the repository: docker build -f dev/agent.Dockerfile -t biometric-agent .
FROM node:20-bookworm-slim AS build
WORKDIR /src
COPY package.json package-lock.json deno.json ./
COPY dev dev
COPY edge_agent edge_agent
COPY docs/agent.md docs/agent.md
RUN node dev/bootstrap.mjs dev/bundle.ts

FROM debian:bookworm-slim
RUN useradd --system --uid 10001 --home-dir /var/lib/biometric-agent --create-home biometric-agent
COPY --from=build /src/node_modules/deno/deno /usr/local/bin/deno
COPY --from=build /src/dist/biometric-agent.js /usr/local/lib/biometric-agent.js
USER biometric-agent
VOLUME /var/lib/biometric-agent
EXPOSE 8081
ENV HOME=/var/lib/biometric-agent DENO_NO_UPDATE_CHECK=1
# What `biometric-agent flags` prints, but for any Odoo and any terminal: the container is the wall here.
ENTRYPOINT ["deno", "run", "--no-prompt", "--no-remote", "--no-npm", "--no-config", "--no-lock", \
  "--v8-flags=--max-semi-space-size=8", \
  "--unstable-net", "--allow-net", "--allow-env", "--allow-sys=hostname,osRelease,uid,statfs,networkInterfaces", \
  "--allow-read=/var/lib/biometric-agent,/etc/biometric-agent,/run/systemd/timesync,/run/chrony", \
  "--allow-write=/var/lib/biometric-agent", "/usr/local/lib/biometric-agent.js"]
CMD ["run"]
HEALTHCHECK --interval=30s --timeout=10s --start-period=20s \
  CMD ["deno", "eval", "if (!(await fetch('http://127.0.0.1:8082/health/live')).ok) Deno.exit(1)"]
