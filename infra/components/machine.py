"""The VPS's first boot as text: no SSH, a firewall, updates by themselves, a service that restarts within limits."""

from __future__ import annotations

import json

from config.models.environment import Environment

UNIT = """[Unit]
Description=Interlock trading engine ({environment})
After=network-online.target
Wants=network-online.target
StartLimitIntervalSec=600
StartLimitBurst=5
[Service]
User=interlock
ExecStart=/opt/interlock/bin/interlock engine --env {environment} --state /var/lib/interlock
Restart=on-failure
RestartSec=10
RestartPreventExitStatus=78
StateDirectory=interlock
StateDirectoryMode=0700
LogsDirectory=interlock
LogsDirectoryMode=0700
StandardOutput=append:/var/log/interlock/engine.log
StandardError=inherit
NoNewPrivileges=yes
ProtectSystem=strict
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectControlGroups=yes
RestrictSUIDSGID=yes
ProtectHome=yes
PrivateTmp=yes
CapabilityBoundingSet=
MemoryMax={memory}M
[Install]
WantedBy=multi-user.target
"""
# The engine keeps its log open, so the file is copied and emptied, never moved away from under it.
ROTATION = """/var/log/interlock/*.log {
  daily
  maxsize 100M
  rotate 30
  compress
  missingok
  notifempty
  copytruncate
  su interlock interlock
}
"""
UPGRADES = """APT::Periodic::Update-Package-Lists "1";
APT::Periodic::Unattended-Upgrade "1";
"""
# sshd is masked; the jail stands for the day somebody unmasks it. Debian 12 and Ubuntu 24 log to the journal only.
JAIL = """[DEFAULT]
bantime = 1h
[sshd]
enabled = true
backend = systemd
"""
NO_PASSWORDS = "PasswordAuthentication no\nPermitRootLogin no\nAllowUsers interlock-nobody\n"


def first_boot(environment: Environment) -> str:
    """cloud-init's document; JSON is YAML, so nothing here needs quoting rules."""
    unit = UNIT.format(environment=environment.environment, memory=environment.service.memory_mib)
    files = {
        "/etc/systemd/system/interlock.service": unit,
        "/etc/logrotate.d/interlock": ROTATION,
        "/etc/apt/apt.conf.d/20auto-upgrades": UPGRADES,
        "/etc/fail2ban/jail.d/interlock.conf": JAIL,
        "/etc/ssh/sshd_config.d/10-interlock.conf": NO_PASSWORDS,
    }
    boot = {
        "package_update": True,
        "packages": ["fail2ban", "logrotate", "ufw", "unattended-upgrades"],
        "ssh_pwauth": False,
        "disable_root": True,
        "users": [{"name": "interlock", "system": True, "shell": "/usr/sbin/nologin", "lock_passwd": True}],
        "write_files": [
            {"path": path, "content": text, "permissions": "0644"} for path, text in sorted(files.items())
        ],
        "runcmd": [
            ["ufw", "default", "deny", "incoming"],
            ["ufw", "default", "allow", "outgoing"],
            ["ufw", "--force", "enable"],
            ["systemctl", "mask", "--now", "ssh.service", "ssh.socket"],
            ["systemctl", "daemon-reload"],
            ["systemctl", "enable", "--now", "fail2ban.service", "unattended-upgrades.service"],
            ["systemctl", "enable", "--now", "logrotate.timer", "interlock.service"],
        ],
    }
    return "#cloud-config\n" + json.dumps(boot, sort_keys=True)
