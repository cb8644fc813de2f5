#!/bin/sh
# Backs a data folder up into one archive, with the checksum of every file in it. Stop fdx serve first
# (systemctl stop fdx): a load or a run that is under way is refused. The vault's key is not in it: keep it elsewhere.
#   sh docs/operate/backup.sh /var/lib/fdx /backup/fdx-2026-11-26.tar.gz
set -eu
umask 077
data=${1:?the data folder}
archive=${2:?the archive to write}
[ -f "$data/state.db" ] || { echo "no state.db in $data" >&2; exit 2; }
[ ! -e "$archive" ] || { echo "$archive exists already" >&2; exit 2; }

# Who runs, loads or serves has state.db open: nothing may change below our hands.
for process in /proc/[0-9]*; do
  if ls -l "$process/fd" 2>/dev/null | grep -qF " $(realpath "$data")/state.db"; then
    echo "process ${process#/proc/} works in $data; stop it first" >&2
    exit 1
  fi
done

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# Locks and scratch space mean nothing elsewhere; older generations can be made again.
(cd "$data" && find . -type f ! -path './locks/*' ! -path './scratch/*' ! -path './sql-scratch/*' ! -name 'console-token' \
  | sort >"$work/files" && xargs -d '\n' sha256sum <"$work/files" >"$work/SHA256SUMS")
tar -czf "$archive.part" -C "$work" SHA256SUMS -C "$data" -T "$work/files"
sync "$archive.part"
mv "$archive.part" "$archive"
echo "$(wc -l <"$work/files") files in $archive"
