"""The files that put an installation on a server: a Caddyfile and systemd units, from the settings."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from otklik.config.environment import ROOT, Environment

_CADDY = """# Caddy gets and renews the certificate by itself; copy to /etc/caddy/Caddyfile.
{host} {{
    encode zstd gzip
    reverse_proxy 127.0.0.1:{port} {{
        flush_interval -1
    }}
}}
"""

_UNIT = """# Copy to /etc/systemd/system/otklik.service, then: systemctl enable --now otklik
[Unit]
Description=Otklik: the open channel between a city and its head
After=network-online.target
Wants=network-online.target

[Service]
User=otklik
WorkingDirectory={root}
Environment=OTKLIK_DATA={data}
ExecStart={root}/otklik up
Restart=always
RestartSec=2
KillMode=mixed
TimeoutStopSec=30
NoNewPrivileges=true
PrivateTmp=true
ProtectSystem=full
ProtectHome=read-only
ReadWritePaths={data}

[Install]
WantedBy=multi-user.target
"""

_BACKUP = """# Copy this and the timer to /etc/systemd/system, then: systemctl enable --now otklik-backup.timer
[Unit]
Description=Otklik: nightly backup

[Service]
Type=oneshot
User=otklik
WorkingDirectory={root}
Environment=OTKLIK_DATA={data}
ExecStart=/bin/sh -c '{root}/otklik backup {data}/backups/otklik-$(date +%%F).tar.gz'
"""

_TIMER = """[Unit]
Description=Otklik: nightly backup

[Timer]
OnCalendar=*-*-* 03:10
Persistent=true

[Install]
WantedBy=timers.target
"""


def write_deployment_files(settings: Environment) -> list[Path]:
    """Write the files into `deployment` in the data folder and return their paths; existing ones are renewed."""
    folder = settings.data / "deployment"
    folder.mkdir(parents=True, exist_ok=True)
    names = {"root": ROOT, "data": settings.data, "port": settings.port}
    host = urlsplit(settings.public_url).hostname or "town.example"
    if host in ("127.0.0.1", "localhost"):
        host = "town.example"
    files = {
        "Caddyfile": _CADDY.format(host=host, **names),
        "otklik.service": _UNIT.format(**names),
        "otklik-backup.service": _BACKUP.format(**names),
        "otklik-backup.timer": _TIMER,
    }
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return [folder / name for name in files]
