"""Debian's Janus, unmodified, in a network of its own."""

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from tests.support.databases import lacking
from tests.support.namespaces import Namespace

PORT, KEY, PATIENCE = 8188, "only Janus and we know it", 20
#: What the VideoRoom does not need stays out: a start takes half a second less.
UNUSED = {
    "plugins": ["audiobridge", "duktape", "lua", "sip", "nosip", "recordplay", "streaming",
                "voicemail", "videocall", "echotest", "textroom"],
    "transports": ["rabbitmq", "mqtt", "nanomsg", "pfunix", "http"],
}  # fmt: skip


class JanusServer:
    """A Janus that can be killed and started again."""

    def __init__(self, network: Namespace, folder: Path) -> None:
        self.network, self.folder = network, folder
        self.recordings = folder / "recordings"
        self.recordings.mkdir()
        self.url = f"ws://{network.inside}:{PORT}"
        self._process: subprocess.Popen[bytes] | None = None
        self._configure()

    def _configure(self) -> None:
        root = next(iter(Path("/usr/lib").glob("*/janus")), None)
        if root is None or shutil.which("janus") is None:
            lacking("Janus (Debian's janus)")
            return
        disabled = "".join(
            f'{kind}: {{ disable = "{",".join(f"libjanus_{each}.so" for each in names)}" }}\n'
            for kind, names in UNUSED.items()
        )
        (self.folder / "janus.jcfg").write_text(
            f'general: {{\n  configs_folder = "{self.folder}"\n'
            f'  plugins_folder = "{root}/plugins"\n'
            f'  transports_folder = "{root}/transports"\n'
            f'  events_folder = "{root}/events"\n'
            "  event_loops = 2\n  debug_level = 4\n}\n"
            f'nat: {{ ice_enforce_list = "{self.network.inside}" }}\n{disabled}'
        )
        (self.folder / "janus.plugin.videoroom.jcfg").write_text(
            f'general: {{ admin_key = "{KEY}" }}\n'
        )
        (self.folder / "janus.transport.websockets.jcfg").write_text(
            f'general: {{ ws = true\n  ws_port = {PORT}\n  ws_ip = "{self.network.inside}"\n'
            "  wss = false }\n"
        )

    def start(self) -> None:
        """Start it, and wait until it answers."""
        self._process = self.network.start("janus", "-F", str(self.folder), folder=self.folder)
        until = time.monotonic() + PATIENCE
        while True:
            with closing(socket.socket()) as probe:
                if probe.connect_ex((self.network.inside, PORT)) == 0:
                    return
            if time.monotonic() > until:
                raise TimeoutError((self.folder / "server.out").read_text("utf-8", "replace"))
            time.sleep(0.02)

    def kill(self) -> None:
        """End it as a power cut would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()


@contextmanager
def janus_server(network: Namespace, folder: Path) -> Iterator[JanusServer]:
    """Run Janus for as long as it is needed."""
    server = JanusServer(network, folder)
    server.start()
    try:
        yield server
    finally:
        server.kill()
