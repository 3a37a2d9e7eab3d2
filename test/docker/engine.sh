#!/usr/bin/env bash
# A Docker engine that is isolated from the rest of the machine. engine.ts starts this script as the first process of
# its own PID and mount namespaces. The engine also gets its own network namespace, because a second engine in the same
# network flushes the firewall rules of the first. When this process ends, the kernel ends all others in the
# namespaces, and removes their mounts, bridges and rules.
#
#   engine.sh FOLDER RUN
#
# FOLDER keeps data and log between runs. RUN is removed at the end; its path must be short, because a socket's path
# has 107 bytes at most.
#
# Stdin is closed when the tests end, and then the engine stops.
# Stdout gets one line: the address of the machine for the engine and its containers.
set -euo pipefail
folder=$1 run=$2
exec 3<&0

# Hides a containerd of the machine, which would start our containers in its own namespaces.
for place in /run/containerd /run/docker; do
  mkdir -p "$place"
  mount -t tmpfs tmpfs "$place"
done

touch "$run/machine" "$run/inside"
mount --bind /proc/self/ns/net "$run/machine"
unshare --net="$run/inside" true
inside=(nsenter --net="$run/inside")

# A veth pair between the machine and the engine's network. Its name reserves its addresses; 198.18.0.0/15 is for tests.
number=0
until LC_ALL=C ip link add "rw-docker$number" type veth peer name machine netns "$run/inside" 2>"$run/refused"; do
  if ! grep -q 'File exists' "$run/refused" || [ "$number" -ge 15 ]; then
    cat "$run/refused" >&2
    exit 1
  fi
  number=$((number + 1))
done
range() { # offset in 256 addresses, last byte
  echo "198.18.$((number * 16 + $1)).$2"
}
address=$(range 0 1)
ip address add "$address/30" dev "rw-docker$number"
ip link set "rw-docker$number" up
"${inside[@]}" ip link set lo up
"${inside[@]}" ip address add "$(range 0 2)/30" dev machine
"${inside[@]}" ip link set machine up
ip route add "$(range 0 0)/20" via "$(range 0 2)"

# The machine reaches every container, as on any Linux, and containers see it at their gateway's address.
"${inside[@]}" iptables -A FORWARD -i machine -j ACCEPT
"${inside[@]}" iptables -t nat -A POSTROUTING -s "$address" -j MASQUERADE
# Connections of a container to its gateway (host.docker.internal) are redirected to the machine.
"${inside[@]}" iptables -t nat -A PREROUTING -d "$(range 1 1)" ! -i machine -j DNAT --to-destination "$address"

# Published ports are the machine's: docker-proxy runs in the machine's network, so "address already in use" is real.
cat >"$run/docker-proxy" <<END
#!/bin/sh
exec nsenter --net=$run/machine $(command -v docker-proxy) "\$@"
END
chmod +x "$run/docker-proxy"

# Replaces the machine's /etc/docker/daemon.json. The systemd cgroup driver would send systemd process ids of our
# namespace.
cat >"$run/daemon.json" <<END
{
  "hosts": ["unix://$run/docker.sock"],
  "data-root": "$folder/data",
  "exec-root": "$run/exec",
  "pidfile": "$run/dockerd.pid",
  "bip": "$(range 1 1)/24",
  "default-address-pools": [{ "base": "$(range 8 0)/21", "size": 26 }],
  "dns": ["$address"],
  "insecure-registries": ["$address/32"],
  "userland-proxy-path": "$run/docker-proxy",
  "exec-opts": ["native.cgroupdriver=cgroupfs"],
  "cgroup-parent": "/rw-docker$number"
}
END

echo "$address"
"${inside[@]}" dockerd --config-file "$run/daemon.json" >"$folder/log" 2>&1 3<&- &
dockerd=$!
cat <&3 >/dev/null &
wait -n || :

kill -TERM "$dockerd" 2>/dev/null || :
timeout 30 tail --pid="$dockerd" -s 0.1 -f /dev/null || kill -KILL "$dockerd" 2>/dev/null || :
ip link delete "rw-docker$number" 2>/dev/null || :
find /sys/fs/cgroup -depth -type d -path "*/rw-docker$number*" -exec rmdir {} + 2>/dev/null || :
umount "$run/machine" "$run/inside"
rm -rf --one-file-system "$run"
