#!/usr/bin/env bash
# The image of the caches, for a machine that cannot pull it: CNCF distribution of the version that labs pin, built from its Go
# module, with the configuration of the published image. An image that is there already stays.
#   usage: registry-image.sh
set -euo pipefail
version=3.0.0 image=registry:3.0.0
if docker image inspect "$image" >/dev/null 2>&1; then echo "registry-image: $image"; exit 0; fi
type -P go >/dev/null || { echo 'registry-image: go is not on the PATH' >&2; exit 1; }
root=$(mktemp -d); trap 'rm -rf "$root"' EXIT
chmod 0755 "$root"

mkdir -p "$root/bin" "$root/etc/distribution" "$root/etc/ssl/certs" "$root/var/lib/registry" "$root/tmp"
CGO_ENABLED=0 GOBIN="$root/bin" go install "github.com/distribution/distribution/v3/cmd/registry@v$version"
cp -L /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/" 2>/dev/null || true
# distribution-library-image, config-example.yml
cat >"$root/etc/distribution/config.yml" <<'CONFIG'
version: 0.1
log:
  fields:
    service: registry
storage:
  cache:
    blobdescriptor: inmemory
  filesystem:
    rootdirectory: /var/lib/registry
http:
  addr: :5000
  headers:
    X-Content-Type-Options: [nosniff]
CONFIG

tar --create --directory "$root" . | docker import --change 'ENTRYPOINT ["/bin/registry"]' \
  --change 'CMD ["serve", "/etc/distribution/config.yml"]' --change 'VOLUME ["/var/lib/registry"]' \
  --change 'EXPOSE 5000' - "$image" >/dev/null
echo "registry-image: $image"
