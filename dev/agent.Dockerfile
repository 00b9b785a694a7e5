# The edge agent as an image: the one-file program that `npm run bundle` makes, and the pinned Deno.
# Build from the root of the repository: docker build -f dev/agent.Dockerfile -t biometric-agent .
FROM node:20-bookworm-slim AS build
WORKDIR /src
COPY package.json package-lock.json deno.json ./
COPY dev dev
COPY edge_agent edge_agent
RUN node dev/bootstrap.mjs dev/bundle.ts

FROM debian:bookworm-slim
RUN useradd --system --uid 10001 --home-dir /var/lib/biometric-agent --create-home biometric-agent
COPY --from=build /src/node_modules/deno/deno /usr/local/bin/deno
COPY --from=build /src/dist/biometric-agent.js /usr/local/lib/biometric-agent.js
USER biometric-agent
VOLUME /var/lib/biometric-agent
EXPOSE 8081
ENTRYPOINT ["deno", "run", "--no-prompt", "--cached-only", "--no-remote", \
  "--allow-net", "--allow-env", "--allow-sys=hostname,osRelease", \
  "--allow-read=/var/lib/biometric-agent,/etc/biometric-agent,/proc,/run/systemd/timesync", \
  "--allow-write=/var/lib/biometric-agent", "/usr/local/lib/biometric-agent.js"]
CMD ["run"]
