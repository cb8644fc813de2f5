#!/bin/sh
# Brings an archive of backup.sh back into a new data folder, and compares every checksum.
#   sh docs/operate/restore.sh /backup/fdx-2026-11-26.tar.gz /var/lib/fdx-restored
set -eu
umask 077
archive=${1:?the archive}
data=${2:?the data folder to make}
[ ! -e "$data" ] || { echo "$data exists already: restore into a new folder, then move it" >&2; exit 2; }
mkdir -m 700 -p "$data.part"
tar -xzf "$archive" -C "$data.part"
(cd "$data.part" && sha256sum --quiet --check SHA256SUMS && rm SHA256SUMS)
mv "$data.part" "$data"
echo "restored into $data; now: chown -R fdx: $data; export FDX_DATA_DIR=$data; fdx doctor --offline; fdx vault check"
