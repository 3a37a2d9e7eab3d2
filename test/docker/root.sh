#!/usr/bin/env bash
# Makes the root file system of a PostgreSQL image from Debian's packages, as a tar file named by what is in it: OUT-VERSION.tar.
# images.ts starts it as root, in a mount and a process space of its own: what debootstrap mounts goes away with them.
#
#   root.sh MAJOR SUITE MIRROR OUT
set -euo pipefail
major=$1 suite=$2 mirror=$3 out=$4

# Another run may have made it while this one waited for the lock.
[ -z "$(compgen -G "$out-*.tar")" ] || exit 0

root=$(mktemp -d "$out.XXXXXX")
trap '{ umount --lazy "$root"; rm -rf --one-file-system "$root"; } 2>/dev/null || :' EXIT
# In memory it takes two thirds of the time, and a killed build leaves nothing.
kilobytes=$(awk '/^MemAvailable:/ { print $2 }' /proc/meminfo)
[ "$kilobytes" -lt 4000000 ] || mount -t tmpfs -o size=2g tmpfs "$root"
chmod 755 "$root"

# Read by dpkg while it installs: nothing that a server does not need, no waiting for the disk, no cluster.
mkdir -p "$root/etc/dpkg/dpkg.cfg.d" "$root/etc/postgresql-common/createcluster.d"
cat >"$root/etc/dpkg/dpkg.cfg.d/slim" <<'END'
force-unsafe-io
path-exclude=/usr/share/doc/*
path-exclude=/usr/share/man/*
path-exclude=/usr/share/info/*
path-exclude=/usr/share/locale/*
path-include=/usr/share/locale/locale.alias
path-exclude=/usr/lib/*/libLLVM*
path-exclude=/usr/lib/postgresql/*/lib/llvmjit*
path-exclude=/usr/lib/postgresql/*/lib/bitcode/*
END
echo 'create_main_cluster = false' >"$root/etc/postgresql-common/createcluster.d/none.conf"

# debootstrap may be older than the suite; every new suite is made as sid is.
recipe=$suite
[ -e "/usr/share/debootstrap/scripts/$suite" ] || recipe=sid
debootstrap --variant=minbase --include="postgresql-$major,libnss-wrapper,gosu,locales,less" "$suite" "$root" "$mirror" "$recipe"

in_root() { chroot "$root" "$@"; }

# The official image's postgres is 999; whoever has that number here moves.
take_over() { # passwd or group, command that changes a number
  local name
  name=$(awk -F: '$3 == 999 && $1 != "postgres" { print $1 }' "$root/etc/$1")
  [ -z "$name" ] || in_root $2 899 "$name"
}
take_over group 'groupmod --gid'
take_over passwd 'usermod --uid'
in_root groupmod --gid 999 postgres
in_root usermod --uid 999 --gid 999 --home /var/lib/postgresql --shell /bin/bash postgres

rm -rf "$root"/var/lib/postgresql "$root"/var/log/postgresql "$root"/run/postgresql "$root"/etc/postgresql
rm -rf "$root"/var/cache/apt/archives/*.deb "$root"/var/lib/apt/lists/*
in_root localedef --inputfile en_US --force --charmap UTF-8 en_US.UTF-8
install -d -o 999 -g 999 -m 1777 "$root/var/lib/postgresql"
install -d -o 999 -g 999 -m 3777 "$root/run/postgresql"
[ "$major" -ge 18 ] || install -d -o 999 -g 999 -m 1777 "$root/var/lib/postgresql/data"
install -d "$root/docker-entrypoint-initdb.d"
sed -i "s/^#listen_addresses = .*/listen_addresses = '*'/" "$root/usr/share/postgresql/$major/postgresql.conf.sample"
grep -q "^listen_addresses = '\*'" "$root/usr/share/postgresql/$major/postgresql.conf.sample"

version=$(in_root dpkg-query --show --showformat '${Version}' "postgresql-$major")
tar --create --numeric-owner --one-file-system --exclude './dev/*' --directory "$root" --file "$out.part" .
mv "$out.part" "$out-$version.tar"
