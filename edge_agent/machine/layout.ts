/**
 * What `install` lays on a machine: where, and the texts of the command and the units. Owns the hardening
 * of the service; must not know how anything is laid there.
 */
export const PROGRAM_FOLDER = "/opt/biometric-agent";
export const PROGRAM = `${PROGRAM_FOLDER}/current/biometric-agent`;
export const COMMAND_FILE = "/usr/local/bin/biometric-agent";
export const SERVICE_USER = "biometric-agent";
export const SERVICE = "biometric-agent.service";
export const UPDATE_SERVICE = "biometric-agent-update.service";
export const UPDATE_PATH_UNIT = "biometric-agent-update.path";
export const UNIT_FOLDER = "/etc/systemd/system";

/** Where a new version waits for the update service; below the data directory. */
export const UPDATE_FOLDER = "update";
/** Written last, so that whoever sees it finds the rest whole. */
export const UPDATE_REQUEST = "ready.json";
/** What only root may write: which versions of the metadata were seen. */
export const TRUST_FOLDER = "/var/lib/biometric-agent-update";

/** The start flags, written before each start for the configuration as it is then. */
const FLAGS_FILE = "/run/biometric-agent/flags";

/** As the agent's user whoever types it; what installs, as root. */
export const COMMAND_TEXT = `#!/bin/sh
# biometric-agent COMMAND_FILE …: a command of the agent, run as the agent's user.
set -eu
case "\${1:-}" in
  # Also while a version is on trial that does not even start.
  install | uninstall | update) exec ${PROGRAM_FOLDER}/confirmed/biometric-agent "$@" ;;
esac
if [ "$(id -un)" != ${SERVICE_USER} ]; then
  [ "$(id -u)" = 0 ] && exec runuser -u ${SERVICE_USER} -- "$0" "$@"
  exec sudo -u ${SERVICE_USER} -- "$0" "$@"
fi
# The folder it is typed in may be closed to the agent's user.
[ -x . ] || cd /
export DENO_DIR=/var/lib/biometric-agent/deno
exec ${PROGRAM} "$@"
`;

/** Systemd's directives by file name. */
export function units(dataDirectory: string): ReadonlyMap<string, string> {
  return new Map([
    [SERVICE, serviceUnit(dataDirectory)],
    [UPDATE_SERVICE, updateUnit(dataDirectory)],
    [UPDATE_PATH_UNIT, updatePathUnit(dataDirectory)],
  ]);
}

const HARDENING =
  `# Disk: its own data and nothing else. Programs: its own and the C library; no other is started (S41).
ProtectSystem=strict
ProtectHome=yes
PrivateTmp=yes
PrivateDevices=yes
UMask=0077
NoExecPaths=/
ExecPaths=${PROGRAM_FOLDER} -/lib -/lib64 -/usr/lib -/usr/lib64

# Kernel and other processes.
NoNewPrivileges=yes
CapabilityBoundingSet=
AmbientCapabilities=
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectKernelLogs=yes
ProtectControlGroups=yes
ProtectClock=yes
ProtectHostname=yes
ProtectProc=invisible
ProcSubset=pid
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
RemoveIPC=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged @resources @mount @reboot @swap @debug
SystemCallErrorNumber=EPERM
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX AF_NETLINK
# V8 writes machine code at run time: MemoryDenyWriteExecute=yes would end it.
MemoryMax=512M
TasksMax=128
LimitNOFILE=8192`;

function serviceUnit(dataDirectory: string): string {
  return `# Written by \`biometric-agent install\`; a change here is lost at the next one. Settings of your own:
# systemctl edit biometric-agent.

[Unit]
Description=Biometric attendance agent: punches from terminals to Odoo
Wants=network-online.target
# Terminals are told a time only once the clock is trusted, so waiting for it is a courtesy.
After=network-online.target time-sync.target ${UPDATE_SERVICE}
StartLimitIntervalSec=0

[Service]
Type=notify
NotifyAccess=main
User=${SERVICE_USER}
Group=${SERVICE_USER}
Environment=DENO_DIR=${dataDirectory}/deno DENO_NO_UPDATE_CHECK=1 NO_COLOR=1 HOME=${dataDirectory}
EnvironmentFile=-${FLAGS_FILE}
ExecStartPre=${PROGRAM} flags --write ${FLAGS_FILE}
ExecStart=${PROGRAM} --permit $FLAGS -- run

# A stuck event loop sends no heartbeat: killed after 60 s, back 5 s later, ever more slowly if it stays so.
WatchdogSec=60
WatchdogSignal=SIGKILL
Restart=always
RestartSec=5
TimeoutStartSec=60
TimeoutStopSec=15
KillMode=mixed

StateDirectory=biometric-agent
StateDirectoryMode=0700
ConfigurationDirectory=biometric-agent
RuntimeDirectory=biometric-agent
RuntimeDirectoryMode=0700
StandardOutput=journal
StandardError=journal
SyslogIdentifier=biometric-agent

${HARDENING}

[Install]
WantedBy=multi-user.target
`;
}

/** Settles a trial that a power cut interrupted, then takes up what waits. Runs the confirmed version. */
function updateUnit(dataDirectory: string): string {
  return `# Written by \`biometric-agent install\`.

[Unit]
Description=Biometric attendance agent: try, confirm or take back a new version
ConditionPathExists=${PROGRAM_FOLDER}/confirmed/biometric-agent

[Service]
Type=simple
Environment=DENO_NO_UPDATE_CHECK=1 NO_COLOR=1 HOME=/root DENO_DIR=${TRUST_FOLDER}/deno
ExecStart=${PROGRAM_FOLDER}/confirmed/biometric-agent update --watch
StateDirectory=biometric-agent-update
StateDirectoryMode=0700
PrivateTmp=yes
ProtectHome=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
RestrictAddressFamilies=AF_UNIX
ReadWritePaths=${PROGRAM_FOLDER} ${dataDirectory}
MemoryMax=512M

[Install]
WantedBy=multi-user.target
`;
}

function updatePathUnit(dataDirectory: string): string {
  return `# Written by \`biometric-agent install\`.

[Unit]
Description=Biometric attendance agent: a new version waits

[Path]
PathExists=${dataDirectory}/${UPDATE_FOLDER}/${UPDATE_REQUEST}

[Install]
WantedBy=multi-user.target
`;
}
