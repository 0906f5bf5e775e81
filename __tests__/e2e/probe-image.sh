#!/usr/bin/env bash
# The image of the lab's own servers and clients, for a machine that cannot pull it: this machine's own Node.js, curl and
# what else people type in its pods. An image that is there already stays.
#   usage: probe-image.sh
set -euo pipefail
image=clustermesh-lab/probe:e2e
if docker image inspect "$image" >/dev/null 2>&1; then echo "probe-image: $image"; exit 0; fi
root=$(mktemp -d); trap 'rm -rf "$root"' EXIT
chmod 0755 "$root"

mkdir -p "$root/usr/bin" "$root/etc" "$root/tmp"
for program in node curl sh sleep; do
  file=$(type -P "$program") || { echo "probe-image: $program is not on the PATH" >&2; exit 1; }
  cp -L "$file" "$root/usr/bin/$program"
  ldd "$file" | grep -o '/[^ ]*' | while read -r library; do cp -L --parents "$library" "$root"; done
done
ln -s usr/bin "$root/bin"
echo 'hosts: files dns' >"$root/etc/nsswitch.conf"

tar --create --directory "$root" . | docker import --change 'ENV PATH=/usr/bin:/bin' - "$image" >/dev/null
echo "probe-image: $image"
