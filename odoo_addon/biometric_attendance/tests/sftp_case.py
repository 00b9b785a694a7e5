"""Another machine that speaks SFTP, for tests: paramiko's own server where it is installed.

Owns the far end. Knows nothing of targets and deliveries.
"""

import os
import socket
import threading
from pathlib import Path

import paramiko


class Gate(paramiko.ServerInterface):
    """Lets in one login with one key."""

    def __init__(self, login, public_key):
        self.login, self.key, self.tried = login, public_key.split()[1], []

    def get_allowed_auths(self, _login):
        return "publickey"

    def check_auth_publickey(self, login, key):
        self.tried.append(login)
        known = (login, key.get_base64()) == (self.login, self.key)
        return paramiko.AUTH_SUCCESSFUL if known else paramiko.AUTH_FAILED

    def check_channel_request(self, _kind, _channel):
        return paramiko.OPEN_SUCCEEDED


class Files(paramiko.SFTPServerInterface):
    """Files of one folder."""

    root = None

    def _path(self, path):
        return Path(self.root, path.lstrip("/"))

    def open(self, path, flags, _attributes):
        try:
            number = os.open(self._path(path), flags | os.O_CLOEXEC, 0o600)
        except OSError as error:
            return paramiko.SFTPServer.convert_errno(error.errno)
        handle = paramiko.SFTPHandle(flags)
        handle.readfile = handle.writefile = os.fdopen(number, "r+b" if flags & 3 else "rb")
        return handle

    def stat(self, path):
        try:
            return paramiko.SFTPAttributes.from_stat(self._path(path).stat())
        except OSError as error:
            return paramiko.SFTPServer.convert_errno(error.errno)

    def rename(self, path, to):
        self._path(path).rename(self._path(to))
        return paramiko.SFTP_OK


class Machine:
    """Serves `root` to `login` with `public_key` on `port` of this machine; `host_key` is one line
    as ssh-keyscan prints it."""

    def __init__(self, root, login, public_key):
        self.key = paramiko.ECDSAKey.generate(bits=256)
        self.host_key = f"{self.key.get_name()} {self.key.get_base64()}"
        self.line = socket.create_server(("127.0.0.1", 0))
        self.port = self.line.getsockname()[1]
        self.gate, self.transports = Gate(login, public_key), []
        self.files = type("Own", (Files,), {"root": root})
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                line, _address = self.line.accept()
            except OSError:
                return
            transport = paramiko.Transport(line)
            transport.add_server_key(self.key)
            transport.set_subsystem_handler("sftp", paramiko.SFTPServer, self.files)
            self.transports.append(transport)
            try:
                transport.start_server(server=self.gate)
            except (paramiko.SSHException, EOFError):
                continue  # somebody who did not like our key

    def close(self):
        self.line.close()
        for transport in self.transports:
            transport.close()
